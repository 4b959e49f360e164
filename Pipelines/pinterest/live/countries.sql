-- Where is posted from?
-- group: country
-- by: category
-- measures: posts sum, profiles distinct
SELECT arrived_at, country, category, 1 AS posts, poster_name AS profiles
FROM posts
WHERE country IS NOT NULL
