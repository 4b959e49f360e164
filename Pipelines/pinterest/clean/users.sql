-- date_joined is UTC. Nearly all are written YYYY-MM-DD HH:MM:SS, with a blank or a T between: these need
-- no pattern (hour 24 is refused, since engines disagree on it). The others may be a date alone, lack the
-- seconds, have a fraction, or end in Z or an offset, which is taken off. What is no such date becomes NULL.
SELECT
    ind,
    nullif(concat_ws(' ', first_name, last_name), '') AS user_name,
    age,
    CASE
        WHEN date_joined LIKE '____-__-_____:__:__'
            AND date_joined NOT LIKE '%24:__:__' AND date_joined >= '0'
            THEN try_cast(date_joined AS timestamp)
        ELSE try_cast(moment AS timestamp)
            - (coalesce(try_cast(substring(zone, 2, 2) AS int), 0) * 60
                + coalesce(try_cast(substring(zone, 4, 2) AS int), 0))
            * CASE WHEN zone LIKE '-%' THEN -1 ELSE 1 END
            * interval '1' minute
    END AS date_joined
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
                WHEN date_joined LIKE '____-__-_____:__:__' THEN NULL
                WHEN regexp_extract(
                    trim(date_joined),
                    '^[0-9]{4}-[0-9]{2}-[0-9]{2}'
                    || '([Tt ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]+)?)?'
                    || '( ?([Zz]|[+-][01][0-9](:?[0-5][0-9])?))?)?$',
                    0) = trim(date_joined)
                    THEN trim(date_joined)
            END AS dated
        FROM users_raw
    ) matched
) parted
