-- Which profiles are popular right now, by where they post from?
-- metric: popular
-- group: poster_name
-- by: country, category
-- measures: posts sum, followers last
-- growth: followers
SELECT arrived_at, country, category, poster_name, 1 AS posts, follower_count AS followers
FROM posts
WHERE poster_name IS NOT NULL AND country IS NOT NULL
