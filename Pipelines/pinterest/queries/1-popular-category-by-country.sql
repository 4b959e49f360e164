-- Which category is posted most in each country? Categories that tie are all listed.
SELECT country, category, category_count
FROM (
    SELECT
        g.country,
        p.category,
        count(*) AS category_count,
        rank() OVER (PARTITION BY g.country ORDER BY count(*) DESC) AS standing
    FROM pin p
    JOIN geo g ON g.ind = p.ind
    WHERE g.country IS NOT NULL AND p.category IS NOT NULL
    GROUP BY g.country, p.category
) ranked
WHERE standing = 1
ORDER BY country NULLS LAST, category NULLS LAST
