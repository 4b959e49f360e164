-- timestamp is UTC. Nearly all are written YYYY-MM-DD HH:MM:SS, with a blank or a T between: these need no
-- pattern (hour 24 is refused, since engines disagree on it). The others may be a date alone, lack the
-- seconds, have a fraction, or end in Z or an offset, which is taken off. What is no such date becomes NULL.
SELECT
    ind,
    country,
    array_append(array_repeat(latitude, 1), longitude) AS coordinates,
    CASE
        WHEN timestamp LIKE '____-__-_____:__:__'
            AND timestamp NOT LIKE '%24:__:__' AND timestamp >= '0'
            THEN try_cast(timestamp AS timestamp)
        ELSE try_cast(moment AS timestamp)
            - (coalesce(try_cast(substring(zone, 2, 2) AS int), 0) * 60
                + coalesce(try_cast(substring(zone, 4, 2) AS int), 0))
            * CASE WHEN zone LIKE '-%' THEN -1 ELSE 1 END
            * interval '1' minute
    END AS timestamp
FROM (
    SELECT
        *,
        trim(left(dated, 10) || ' '
            || regexp_extract(dated, '^.{11}([0-9:]+([.][0-9]{1,6})?)', 1)) AS moment,
        replace(regexp_extract(dated, ':[0-9.]+ ?([+-][0-9:]+)$', 1), ':', '') AS zone
    FROM (
        SELECT
            *,
            CASE
                WHEN timestamp LIKE '____-__-_____:__:__' THEN NULL
                WHEN regexp_extract(
                    trim(timestamp),
                    '^[0-9]{4}-[0-9]{2}-[0-9]{2}'
                    || '([Tt ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]+)?)?'
                    || '( ?([Zz]|[+-][01][0-9](:?[0-5][0-9])?))?)?$',
                    0) = trim(timestamp)
                    THEN trim(timestamp)
            END AS dated
        FROM geo_raw
    ) matched
) parted
