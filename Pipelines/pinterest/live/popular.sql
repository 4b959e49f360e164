-- Which profiles are popular right now?
-- group: poster_name
-- by: category
-- measures: posts sum, followers last
-- growth: followers
SELECT arrived_at, category, poster_name, 1 AS posts, follower_count AS followers
FROM pin
WHERE poster_name IS NOT NULL
