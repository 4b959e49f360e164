-- Who has the most followers in each country? Posters who tie are all listed.
SELECT country, poster_name, follower_count
FROM (
    SELECT
        g.country,
        p.poster_name,
        max(p.follower_count) AS follower_count,
        rank() OVER (PARTITION BY g.country ORDER BY max(p.follower_count) DESC) AS standing
    FROM pin p
    JOIN geo g ON g.ind = p.ind
    WHERE g.country IS NOT NULL AND p.poster_name IS NOT NULL AND p.follower_count IS NOT NULL
    GROUP BY g.country, p.poster_name
) ranked
WHERE standing = 1
ORDER BY country NULLS LAST, poster_name NULLS LAST
