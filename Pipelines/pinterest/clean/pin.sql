-- follower_count is a number and a unit: k, m or b, in either case. Nearly all are whole numbers that print
-- as they were written, with k, M or no unit: these need no pattern, and nine digits times a million fit
-- 64 bits. The others, decimals among them, are matched. What is no such number, or does not fit 64 bits,
-- becomes NULL.
SELECT
    index AS ind,
    unique_id,
    title,
    description,
    CASE
        WHEN length(digits) <= 9 AND digits >= '0' AND cast(try_cast(digits AS bigint) AS string) = digits
            THEN try_cast(digits AS bigint) * unit
        WHEN regexp_extract(trim(follower_count), '^[0-9]+([.][0-9]+)?[kKmMbB]?$', 0) = trim(follower_count)
            THEN try_cast(round(
                try_cast(regexp_extract(trim(follower_count), '^[0-9.]+', 0) AS decimal(28, 9))
                * cast(CASE lower(right(trim(follower_count), 1))
                    WHEN 'k' THEN 1000
                    WHEN 'm' THEN 1000000
                    WHEN 'b' THEN 1000000000
                    ELSE 1
                END AS decimal(10, 0))) AS bigint)
    END AS follower_count,
    poster_name,
    tag_list,
    is_image_or_video,
    image_src,
    CASE
        WHEN save_location LIKE 'Local save in %' THEN nullif(substring(save_location, 15), '')
        ELSE save_location
    END AS save_location,
    category
FROM (
    SELECT
        *,
        CASE
            WHEN follower_count LIKE '%k' OR follower_count LIKE '%M'
                THEN left(follower_count, length(follower_count) - 1)
            ELSE follower_count
        END AS digits,
        CASE
            WHEN follower_count LIKE '%k' THEN 1000
            WHEN follower_count LIKE '%M' THEN 1000000
            ELSE 1
        END AS unit
    FROM pin_raw
) counted
