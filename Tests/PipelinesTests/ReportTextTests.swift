import QueryEngine
import Testing

@testable import Pipelines

@Suite struct ReportTextTests {
    private let result = QueryResult(
        columns: [ResultColumn(name: "name", type: .text), ResultColumn(name: "n", type: .integer)],
        rows: [[.text("a, \"b\""), .integer(5)], [.null, .integer(1234)], [.text("two\nlines"), .null]])

    @Test func aTableIsAlignedWithNumbersToTheRight() {
        #expect(
            ResultText.table(result, maxRows: 2) == """
                name       n
                ------  ----
                a, "b"     5
                NULL    1234
                … 1 more rows

                """)
    }

    @Test func csvQuotesWhatHoldsSeparators() {
        #expect(ResultText.csv(result) == "name,n\n\"a, \"\"b\"\"\",5\n,1234\n\"two\nlines\",\n")
    }

    @Test func jsonIsAListOfObjects() {
        #expect(
            ResultText.json(result) == """
                [
                {"name": "a, \\"b\\"", "n": 5},
                {"name": null, "n": 1234},
                {"name": "two\\nlines", "n": null}
                ]

                """)
    }

    @Test func theReportHasTheKeysThatToolsRead() {
        var table = QualityReport.Table(name: "pin")
        table.rowsRead = 3
        table.exactRepeats = 1
        table.rows = 2
        table.withoutPartner = [("geo", 1)]
        table.sentinels = [("title", 4)]
        let quality = QualityReport(
            tables: [table],
            setAside: [QualityReport.SetAside(reason: "not JSON", count: 2, first: "a.json:7")])
        var report = BatchReport(quality: quality)
        report.answers = [
            BatchReport.Answer(
                query: QueryFile(stem: "1", text: "-- Q\nSELECT 1"),
                result: QueryResult(columns: result.columns, rows: [[.timestamp(0), .double(2)]]))
        ]
        report.seconds = BatchReport.Seconds(readClean: 0.12345, queries: 1, total: 1.5)
        #expect(
            report.json == """
                {"rows": {"pin": 2}, "quality": {"tables": {"pin": {"rows_read": 3, "exact_repeats": 1, \
                "repeats_after_cleaning": 0, "rows": 2, "keys_with_several_rows": 0, "without_partner": {"geo": 1}, \
                "sentinels": {"title": 4}, "blank": {}, "unreadable": {}}}, "set_aside": [{"reason": "not JSON", \
                "count": 2, "first": "a.json:7"}]}, "results": {"1": [["1970-01-01T00:00:00Z", 2]]}, \
                "seconds": {"read_clean": 0.123, "queries": 1.0, "total": 1.5}}
                """)
    }
}
