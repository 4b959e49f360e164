-- Which category is posted most in each year of the range? Categories that tie are all listed.
SELECT post_year, category, category_count
FROM (
    SELECT
        post_year,
        category,
        count(*) AS category_count,
        rank() OVER (PARTITION BY post_year ORDER BY count(*) DESC) AS standing
    FROM (
        SELECT cast(year(g.timestamp) AS int) AS post_year, p.category
        FROM pin p
        JOIN geo g ON g.ind = p.ind
        WHERE p.category IS NOT NULL
    ) posts
    WHERE post_year BETWEEN :first_post_year AND :last_post_year
    GROUP BY post_year, category
) ranked
WHERE standing = 1
ORDER BY post_year NULLS LAST, category NULLS LAST
