/// What DuckDB is told before it reads SQL that was written for it and for Spark alike.
enum DuckDBPrelude {
    /// The session's zone, and Spark's names for functions that DuckDB calls otherwise.
    static let statements = """
        SET TimeZone = 'UTC';
        CREATE TEMP MACRO "array"(a, b) AS [a, b];
        CREATE TEMP MACRO array_repeat(x, n) AS list_transform(range(n), lambda i: x);
        CREATE TEMP MACRO size(l) AS len(l);
        CREATE TEMP MACRO element_at(l, i) AS list_extract(l, i);
        CREATE TEMP MACRO regexp_like(s, p) AS regexp_matches(s, p);
        CREATE TEMP MACRO get_json_object(j, p) AS json_extract_string(j, p);
        CREATE TEMP MACRO datediff(a, b) AS date_diff('day', CAST(b AS DATE), CAST(a AS DATE));
        CREATE TEMP MACRO try_divide(a, b) AS a / nullif(b, 0);
        CREATE TEMP MACRO unix_timestamp(t) AS CAST(epoch(t) AS BIGINT);
        """
}
