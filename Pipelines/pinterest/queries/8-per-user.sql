-- What is the median follower count of the people who joined in each year, each person counted once?
-- run: on request
SELECT join_year, median(follower_count) AS median_follower_count
FROM (
    SELECT max(p.follower_count) AS follower_count, cast(year(u.date_joined) AS int) AS join_year
    FROM pin p
    JOIN users u ON u.ind = p.ind
    GROUP BY u.user_name, u.age, u.date_joined
) people
WHERE join_year BETWEEN :first_join_year AND :last_join_year
GROUP BY join_year
ORDER BY join_year NULLS LAST
