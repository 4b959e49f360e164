import Testing

@testable import Pipelines

@Suite struct TableMomentTests {
    private static let cases: [(String, String, [TableMoment])] = [
        (
            "SELECT * FROM pin AT (VERSION => 3)", "SELECT * FROM \"pin@v3\" AS \"pin\"",
            [TableMoment("pin", .version(3))]
        ),
        (
            "SELECT * FROM PIN at(version=>3) WHERE ind = 1",
            "SELECT * FROM \"pin@v3\" AS \"pin\" WHERE ind = 1", [TableMoment("pin", .version(3))]
        ),
        (
            "SELECT a.n FROM pin AT (VERSION => 0) a JOIN pin AT (VERSION => 12) AS b USING (ind)",
            "SELECT a.n FROM \"pin@v0\" a JOIN \"pin@v12\" AS b USING (ind)",
            [TableMoment("pin", .version(0)), TableMoment("pin", .version(12))]
        ),
        (
            "SELECT 1 FROM geo AT (TIMESTAMP => TIMESTAMP '2026-01-02 03:04:05') \"g\", pin",
            "SELECT 1 FROM \"geo@2026-01-02 03:04:05\" \"g\", pin",
            [TableMoment("geo", .time("2026-01-02 03:04:05"))]
        ),
        (
            "SELECT 1 FROM \"My \"\"t\" AT (VERSION /* the first */ => 1);",
            "SELECT 1 FROM \"My \"\"t@v1\" AS \"My \"\"t\";", [TableMoment("My \"t", .version(1))]
        ),
        (
            "SELECT (SELECT count(*) FROM pin AT (VERSION => 1)) UNION SELECT 2",
            "SELECT (SELECT count(*) FROM \"pin@v1\" AS \"pin\") UNION SELECT 2",
            [TableMoment("pin", .version(1))]
        ),
    ]

    @Test(arguments: cases)
    func aTableOfAnotherVersionBecomesAView(sql: String, expected: String, moments: [TableMoment]) throws {
        let found = try SQLText(sql).resolvingMoments()
        #expect(found.text.text == expected)
        #expect(found.moments == moments)
    }

    @Test(arguments: [
        "SELECT timestamp AT TIME ZONE 'UTC' FROM geo", "SELECT 'pin AT (VERSION => 3)' FROM pin",
        "SELECT 1 -- pin AT (VERSION => 3)", "SELECT at FROM pin", "SELECT at (version) FROM pin",
        "SELECT \"pin AT (VERSION => 3)\" FROM pin", "",
    ])
    func otherTextsStayAsTheyAre(sql: String) throws {
        let found = try SQLText(sql).resolvingMoments()
        #expect(found.text.text == sql)
        #expect(found.moments.isEmpty)
    }

    @Test(arguments: [
        "SELECT * FROM pin AT (VERSION => -1)", "SELECT * FROM pin AT (VERSION => '3')",
        "SELECT * FROM pin AT (VERSION => 99999999999999999999)", "SELECT * FROM pin AT (TIMESTAMP => 3)",
        "SELECT * FROM pin AT (VERSION => 1 + 1)", "SELECT * FROM pin AT (VERSION =>",
    ])
    func aVersionThatIsNoneIsRefused(sql: String) {
        #expect(throws: PipelineError.self) { try SQLText(sql).resolvingMoments() }
    }
}
