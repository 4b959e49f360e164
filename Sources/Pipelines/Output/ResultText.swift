package import QueryEngine

/// Rows as text for people, spreadsheets and programs.
package enum ResultText {
    /// The widest that one column of a table gets.
    private static let maxWidth = 60

    /// Aligned columns under a header, numbers to the right.
    /// - Parameter maxRows: more rows than that are only counted.
    package static func table(_ result: QueryResult, maxRows: Int = .max) -> String {
        let shown = result.rows.prefix(maxRows)
        let cells = shown.map { row in row.map { cell($0) } }
        let widths = result.columns.indices.map { column in
            min(maxWidth, max(result.columns[column].name.count, cells.map { $0[column].count }.max() ?? 0))
        }
        var lines = [
            line(result.columns.map(\.name), widths, result.columns),
            widths.map { String(repeating: "-", count: $0) }.joined(separator: "  "),
        ]
        lines += cells.map { line($0, widths, result.columns) }
        let left = result.rows.count - shown.count
        if left > 0 { lines.append("… \(left) more rows") }
        return lines.joined(separator: "\n") + "\n"
    }

    /// A header and the rows as RFC 4180 has them; NULL is empty.
    package static func csv(_ result: QueryResult) -> String {
        var lines = [result.columns.map { quoted($0.name) }.joined(separator: ",")]
        lines += result.rows.map { row in row.map { quoted($0.text) }.joined(separator: ",") }
        return lines.joined(separator: "\n") + "\n"
    }

    /// A list of objects, one row a line.
    package static func json(_ result: QueryResult) -> String {
        let rows = result.rows.map { row in
            SQLValue.structure(zip(result.columns, row).map { SQLField(name: $0.name, value: $1) }).json
        }
        return rows.isEmpty ? "[]\n" : "[\n" + rows.joined(separator: ",\n") + "\n]\n"
    }

    private static func line(_ cells: [String], _ widths: [Int], _ columns: [ResultColumn]) -> String {
        let padded = cells.indices.map { index in
            let cell =
                cells[index].count > widths[index]
                ? cells[index].prefix(widths[index] - 1) + "…" : cells[index]
            let blanks = String(repeating: " ", count: widths[index] - cell.count)
            return columns[index].type.isNumber ? blanks + cell : cell + blanks
        }
        var line = padded.joined(separator: "  ")
        while line.last == " " { line.removeLast() }
        return line
    }

    /// Line breaks and other control characters would tear the table apart.
    private static func cell(_ value: SQLValue) -> String {
        if value == .null { return "NULL" }
        let text = value.text
        guard text.unicodeScalars.contains(where: { $0.value < 0x20 }) else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 ? " " : $0 }))
    }

    private static func quoted(_ text: String) -> String {
        guard text.utf8.contains(where: { ",\"\r\n".utf8.contains($0) }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}

extension BatchReport {
    /// The most rows of one answer that the table form shows.
    private static let maxTableRows = 20

    /// Every answer under its question, then what there is to say about the rows.
    package var table: String {
        var parts = answers.map { answer in
            "\(answer.query.id)  \(answer.query.title)\n\n"
                + ResultText.table(answer.result, maxRows: Self.maxTableRows)
        }
        parts.append(qualityTable)
        return parts.joined(separator: "\n")
    }

    /// Every answer as CSV with its own header, a blank line between them.
    package var csv: String {
        answers.map { ResultText.csv($0.result) }.joined(separator: "\n")
    }

    private var qualityTable: String {
        var lines = quality.tables.map { table in
            var parts = ["\(table.rows) rows kept of \(table.rowsRead) read"]
            let repeats = table.exactRepeats + table.repeatsAfterCleaning
            if repeats > 0 { parts.append("\(repeats) repeats dropped") }
            if table.keysWithSeveralRows > 0 {
                parts.append("\(table.keysWithSeveralRows) keys with several rows")
            }
            for partner in table.withoutPartner where partner.rows > 0 {
                parts.append("\(partner.rows) without \(partner.table)")
            }
            for column in table.unreadable where column.count > 0 {
                parts.append("\(column.count) unreadable in \(column.column)")
            }
            return "\(table.name): " + parts.joined(separator: ", ")
        }
        for setAside in quality.setAside {
            lines.append("set aside: \(setAside.count) × \(setAside.reason), first \(setAside.first)")
        }
        let seconds = [seconds.readClean, seconds.queries].map {
            SQLValue.double(($0 * 100).rounded() / 100).text
        }
        lines.append("read and cleaned in \(seconds[0]) s, answered in \(seconds[1]) s")
        return lines.joined(separator: "\n") + "\n"
    }
}
