import QueryEngine
import Testing

@testable import Pipelines

@Suite struct TablesAgreementTests {
    private static func report(_ rows: [[SQLValue]], count: Int = 2) -> BatchReport {
        var report = BatchReport(quality: QualityReport())
        var table = QualityReport.Table(name: "pin")
        table.rows = count
        report.quality.tables = [table]
        let columns = [ResultColumn(name: "a", type: .integer)]
        report.answers = [
            BatchReport.Answer(
                query: QueryFile(stem: "1-x", text: "-- What is it?\nSELECT 1"),
                result: QueryResult(columns: columns, rows: rows))
        ]
        return report
    }

    @Test func theOrderOfRowsIsNoDifference() {
        let agreement = TablesAgreement(
            tables: Self.report([[.integer(1)], [.integer(2)]]),
            bucket: Self.report([[.integer(2)], [.integer(1)]]))
        #expect(agreement.agrees)
        #expect(agreement.text == "tables and bucket agree on 1 queries\n")
        #expect(agreement.json == #"{"agrees": true, "queries": ["1-x"], "differences": []}"#)
    }

    @Test func aRowThatComesMoreOftenIsADifference() {
        let agreement = TablesAgreement(
            tables: Self.report([[.integer(1)], [.integer(1)]]), bucket: Self.report([[.integer(1)]]))
        #expect(agreement.differences.map(\.onlyInTables) == [[[.integer(1)]]])
        #expect(agreement.differences.map(\.onlyInBucket) == [[]])
    }

    @Test func anotherCountOfRowsIsADifference() {
        let agreement = TablesAgreement(tables: Self.report([], count: 3), bucket: Self.report([]))
        #expect(agreement.differences.map(\.subject) == ["pin"])
        #expect(agreement.text.contains("only tables: [3]"))
    }
}
