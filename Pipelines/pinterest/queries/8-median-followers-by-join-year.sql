-- What is the median follower count of the posts of the users who joined in each year of the range?
SELECT join_year, median(follower_count) AS median_follower_count
FROM (
    SELECT p.follower_count, cast(year(u.date_joined) AS int) AS join_year
    FROM pin p
    JOIN users u ON u.ind = p.ind
) posts
WHERE join_year BETWEEN :first_join_year AND :last_join_year
GROUP BY join_year
ORDER BY join_year NULLS LAST
