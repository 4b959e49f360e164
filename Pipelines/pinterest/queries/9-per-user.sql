-- What is the median follower count of the people of each age group and joining year, each counted once?
-- run: on request
SELECT age_group, join_year, median(follower_count) AS median_follower_count
FROM (
    SELECT
        max(p.follower_count) AS follower_count,
        cast(year(u.date_joined) AS int) AS join_year,
        CASE
            WHEN u.age < 18 THEN 'under 18'
            WHEN u.age <= 24 THEN '18-24'
            WHEN u.age <= 35 THEN '25-35'
            WHEN u.age <= 50 THEN '36-50'
            WHEN u.age > 50 THEN '50+'
            ELSE 'unknown'
        END AS age_group
    FROM pin p
    JOIN users u ON u.ind = p.ind
    GROUP BY u.user_name, u.age, u.date_joined
) people
WHERE join_year BETWEEN :first_join_year AND :last_join_year
GROUP BY age_group, join_year
ORDER BY join_year NULLS LAST, median_follower_count DESC NULLS LAST, age_group NULLS LAST
