-- How many people joined in each year of the range?
-- A person is a name, an age and a joining date: two people may share a name, and one may post many times.
SELECT join_year, count(*) AS number_users_joined
FROM (
    SELECT DISTINCT user_name, age, date_joined, cast(year(date_joined) AS int) AS join_year
    FROM users
) people
WHERE join_year BETWEEN :first_join_year AND :last_join_year
GROUP BY join_year
ORDER BY join_year NULLS LAST
