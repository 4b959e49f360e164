import QueryEngine
import Testing

@testable import Pipelines

@Suite struct SQLTextTests {
    @Test(arguments: [
        ("SELECT :a + :b_2", "SELECT $a + $b_2"),
        ("SELECT x::int, ':a', \":b\"", "SELECT x::int, ':a', \":b\""),
        ("SELECT 'it''s :a' || :a", "SELECT 'it''s :a' || $a"),
        ("-- about :a\nSELECT :a -- :b", "-- about :a\nSELECT $a -- :b"),
        ("/* :a */ SELECT :a", "/* :a */ SELECT $a"),
        ("SELECT list[1:2]", "SELECT list[1:2]"),
        ("SELECT `a b` FROM `t`", "SELECT \"a b\" FROM \"t\""),
        ("SELECT a-:b", "SELECT a-$b"),
        ("SELECT 'open :a", "SELECT 'open :a"),
    ]) func parametersAreRewrittenOutsideStringsAndComments(_ sql: String, _ expected: String) {
        #expect(SQLText(sql).forDuckDB == expected)
    }

    @Test func parametersAreNamedOnce() {
        #expect(SQLText("SELECT :b, :a, :b, ':c' -- :d").parameters == ["a", "b"])
    }

    @Test func namesLeaveOutStringsAndComments() {
        let names = SQLText("SELECT p.Title, \"Upper Case\" FROM pin p -- category\nWHERE x = 'geo'").names
        #expect(names == ["select", "p", "title", "upper case", "from", "pin", "where", "x"])
    }

    @Test(arguments: [
        ("SELECT count(*) FROM pin", false),
        ("SELECT a * b, (a) * 2 FROM pin", false),
        ("WITH x AS (SELECT a FROM pin) SELECT a FROM x", false),
        ("SELECT * FROM pin", true),
        ("SELECT a, p.* FROM pin p", true),
        ("SELECT count(*) FROM (SELECT DISTINCT * FROM pin)", true),
        ("SELECT count(*) FROM pin NATURAL JOIN geo", true),
        ("SELECT COLUMNS('a.*') FROM pin", true),
        ("FROM pin", true),
        ("SELECT a FROM (FROM pin)", true),
        ("SUMMARIZE pin", true),
        ("(SELECT a FROM pin)", false),
    ]) func starsReadColumnsThatHaveNoName(_ sql: String, _ readsUnnamed: Bool) {
        #expect(SQLText(sql).readsUnnamedColumns == readsUnnamed)
    }
}

@Suite struct NeededColumnsTests {
    private let columns = ["ind", "title", "category"]

    @Test func aColumnThatSomeQueryNamesIsNeeded() {
        let needed = NeededColumns([SQLText("SELECT Category FROM pin"), SQLText("SELECT 1")])
        #expect(needed.columns(of: "pin", among: columns, always: ["ind"]) == ["ind", "category"])
        #expect(needed.includes(table: "pin"))
        #expect(!needed.includes(table: "geo"))
    }

    @Test func aStarNeedsAllColumnsOfTheTablesInItsQueryOnly() {
        let needed = NeededColumns([SQLText("SELECT * FROM geo"), SQLText("SELECT title FROM pin")])
        #expect(needed.columns(of: "geo", among: columns, always: []) == columns)
        #expect(needed.columns(of: "pin", among: columns, always: []) == ["title"])
    }

    @Test func namesInCommentsAndStringsNeedNothing() {
        let needed = NeededColumns([SQLText("-- title\nSELECT ind FROM pin WHERE 'category' <> ''")])
        #expect(needed.columns(of: "pin", among: columns, always: []) == ["ind"])
    }
}

@Suite struct QueryFileTests {
    private func files(_ stems: [String], onRequest: Set<String> = []) -> [QueryFile] {
        QueryFile.identified(
            stems.map {
                QueryFile(
                    stem: $0,
                    text: onRequest.contains($0)
                        ? "-- Why?\n-- run: on request\nSELECT 1" : "-- Why?\nSELECT 1")
            })
    }

    @Test func theNumberIsTheIdOfTheQueryThatRunsUnasked() {
        let found = files(["10-last", "6-per-user", "6-median", "2-year"], onRequest: ["6-per-user"])
        #expect(found.map(\.id) == ["2", "6", "6-per-user", "10"])
        #expect(found.map(\.isOnRequest) == [false, false, true, false])
        #expect(found[0].title == "Why?")
    }

    @Test func twoQueriesWithOneNumberKeepTheirStems() {
        #expect(files(["1-a", "1-b", "plain"]).map(\.id) == ["1-a", "1-b", "plain"])
    }

    @Test func aQueryIsFoundByIdStemOrName() throws {
        let folder = PipelineFolder(
            path: "", definition: PipelineDefinition(name: "", tables: []), cleaning: [],
            queries: files(["6-per-user", "6-median"], onRequest: ["6-per-user"]))
        #expect(try folder.query(named: "6").stem == "6-median")
        #expect(try folder.query(named: "median").stem == "6-median")
        #expect(try folder.query(named: "6-median").stem == "6-median")
        #expect(try folder.query(named: "per-user").stem == "6-per-user")
    }

    @Test func anUnknownNameListsTheQueries() {
        let folder = PipelineFolder(
            path: "", definition: PipelineDefinition(name: "", tables: []), cleaning: [],
            queries: files(["6-per-user", "6-median"], onRequest: ["6-per-user"]))
        let error = #expect(throws: PipelineError.self) { try folder.query(named: "7") }
        #expect(error?.code == .unknownQuery)
        #expect(error?.message.contains("6 (median), 6-per-user") == true)
    }

    @Test func parametersLookLikeNumbersOrAreText() {
        #expect(QueryParameters.value(of: "2018") == .integer(2018))
        #expect(QueryParameters.value(of: "-1.5") == .double(-1.5))
        #expect(QueryParameters.value(of: "true") == .bool(true))
        #expect(QueryParameters.value(of: "infinity") == .text("infinity"))
        #expect(QueryParameters.value(of: "12f4") == .text("12f4"))
    }

    @Test func aMissingParameterIsNamed() {
        let error = #expect(throws: PipelineError.self) {
            try QueryParameters.values(for: SQLText("SELECT :x"), named: "queries/a.sql", from: [:])
        }
        #expect(error?.message.contains("--param x=") == true)
    }
}
