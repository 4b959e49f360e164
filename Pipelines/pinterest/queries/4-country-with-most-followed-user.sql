-- In which country does the user with the most followers post? Countries that tie are all listed.
SELECT country, follower_count
FROM (
    SELECT
        g.country,
        max(p.follower_count) AS follower_count,
        rank() OVER (ORDER BY max(p.follower_count) DESC) AS standing
    FROM pin p
    JOIN geo g ON g.ind = p.ind
    WHERE g.country IS NOT NULL AND p.follower_count IS NOT NULL
    GROUP BY g.country
) ranked
WHERE standing = 1
ORDER BY country NULLS LAST
