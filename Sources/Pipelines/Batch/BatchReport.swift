package import QueryEngine

/// What a run found out.
package struct BatchReport: Sendable {
    package struct Answer: Sendable {
        package var query: QueryFile
        package var result: QueryResult
    }

    package struct Seconds: Sendable {
        package var readClean = 0.0
        package var queries = 0.0
        package var total = 0.0
    }

    package var quality: QualityReport
    package var answers: [Answer] = []
    package var seconds = Seconds()

    /// One line of JSON: `rows`, `quality`, `results` (by query id, rows as lists) and `seconds`.
    package var json: String {
        var output = "{\"rows\": "
        Self.append(quality.tables.map { ($0.name, $0.rows) }, to: &output)
        output += ", \"quality\": {\"tables\": {"
        for (index, table) in quality.tables.enumerated() {
            if index > 0 { output += ", " }
            SQLValue.appendJSONString(table.name, to: &output)
            output += ": "
            append(table, to: &output)
        }
        output += "}, \"set_aside\": ["
        for (index, setAside) in quality.setAside.enumerated() {
            output += (index > 0 ? ", " : "") + "{\"reason\": "
            SQLValue.appendJSONString(setAside.reason, to: &output)
            output += ", \"count\": \(setAside.count), \"first\": "
            SQLValue.appendJSONString(setAside.first, to: &output)
            output += "}"
        }
        output += "]}, \"results\": {"
        for (index, answer) in answers.enumerated() {
            if index > 0 { output += ", " }
            SQLValue.appendJSONString(answer.query.id, to: &output)
            output += ": "
            SQLValue.list(answer.result.rows.map { .list($0) }).appendJSON(to: &output)
        }
        output += "}, \"seconds\": {\"read_clean\": \(Self.rounded(seconds.readClean)), "
        output += "\"queries\": \(Self.rounded(seconds.queries)), \"total\": \(Self.rounded(seconds.total))}}"
        return output
    }

    private func append(_ table: QualityReport.Table, to output: inout String) {
        output += "{\"rows_read\": \(table.rowsRead), \"exact_repeats\": \(table.exactRepeats), "
        output += "\"repeats_after_cleaning\": \(table.repeatsAfterCleaning), \"rows\": \(table.rows), "
        output += "\"keys_with_several_rows\": \(table.keysWithSeveralRows), \"without_partner\": "
        Self.append(table.withoutPartner.map { ($0.table, $0.rows) }, to: &output)
        for (name, counts) in [
            ("sentinels", table.sentinels), ("blank", table.blank), ("unreadable", table.unreadable),
        ] {
            output += ", \"\(name)\": "
            Self.append(counts.map { ($0.column, $0.count) }, to: &output)
        }
        output += "}"
    }

    private static func append(_ counts: [(String, Int)], to output: inout String) {
        output += "{"
        for (index, (name, count)) in counts.enumerated() {
            if index > 0 { output += ", " }
            SQLValue.appendJSONString(name, to: &output)
            output += ": \(count)"
        }
        output += "}"
    }

    private static func rounded(_ seconds: Double) -> Double {
        (seconds * 1000).rounded() / 1000
    }
}
