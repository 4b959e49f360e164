-- Which category is posted most in each age group? Categories that tie are all listed.
SELECT age_group, category, category_count
FROM (
    SELECT
        age_group,
        category,
        count(*) AS category_count,
        rank() OVER (PARTITION BY age_group ORDER BY count(*) DESC) AS standing
    FROM (
        SELECT
            p.category,
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
        WHERE p.category IS NOT NULL
    ) posts
    GROUP BY age_group, category
) ranked
WHERE standing = 1
ORDER BY age_group NULLS LAST, category NULLS LAST
