-- Which categories are posted more than is usual for them?
-- group: category
-- measures: posts sum, profiles distinct
-- trend: posts
SELECT arrived_at, category, 1 AS posts, poster_name AS profiles
FROM pin
WHERE category IS NOT NULL
