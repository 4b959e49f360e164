import Testing

@testable import Pipelines

@Suite struct PathPatternTests {
    @Test(arguments: [
        ("a/*.json", "a/x.json", true), ("a/*.json", "a/b/x.json", false), ("a/**/x", "a/x", true),
        ("a/**/x", "a/b/c/x", true), ("a/**", "a/b/c", true), ("a/?", "a/b", true), ("a/?", "a/bc", false),
        ("a//b/", "a/b", true), ("*a*b", "xaxbab", true), ("*a*b", "xaxbac", false), ("a/[0-9]", "a/x", true),
        ("a", "a", true), ("a", "b", false), ("**", "", true), ("a*", "a", true), ("", "a", false),
    ])
    func fitsAsDuckDBDoes(pattern: String, path: String, fits: Bool) {
        #expect(PathPattern(pattern).fits(path) == fits)
    }

    @Test(arguments: [("a/b*.json", "a/b"), ("a/b.json", "a/b.json"), ("*", ""), ("a//{b,c}", "a/")])
    func beginsWithWhatHasNoWildcard(pattern: String, prefix: String) {
        #expect(PathPattern(pattern).prefix == prefix)
    }
}

@Suite struct StatementPathTests {
    @Test(arguments: [
        ("SELECT * FROM read_json('/mnt/a/*.json')", ["/mnt/a/*.json"]),
        ("SELECT * FROM 's3://a/b.parquet' JOIN 'c' USING (d)", ["s3://a/b.parquet", "c"]),
        ("SELECT 's3://a' FROM t WHERE x = '/mnt/a' AND y IN ('s3://b')", []),
        ("select count(*) from READ_CSV(['a', 'b'], delim = 'it''s')", ["a", "b", "it's"]),
        ("SELECT lower('x') FROM parquet_scan('p') -- read_json('c')", ["p"]),
    ])
    func areThoseOfFilesOnly(sql: String, paths: [String]) {
        #expect(SQLText(sql).paths == paths)
    }

    @Test func areReplacedWhereTheyStandAndNowhereElse() {
        let sql = SQLText("SELECT '/a' FROM read_json(['/a', '/b']) JOIN '/a'")
        #expect(
            sql.replacing(paths: ["/a": "/it's"]).text
                == "SELECT '/a' FROM read_json(['/it''s', '/b']) JOIN '/it''s'")
    }
}
