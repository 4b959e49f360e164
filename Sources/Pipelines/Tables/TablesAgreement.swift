package import QueryEngine

/// Whether the tables and the bucket give the same answers.
package struct TablesAgreement: Sendable {
    /// An answer that is not the same.
    package struct Difference: Sendable, Equatable {
        /// The query's id, or the table's name.
        package var subject: String
        package var title: String
        /// Rows that only the tables give, and how many more there are.
        package var onlyInTables: [[SQLValue]] = []
        /// Rows that only the bucket gives.
        package var onlyInBucket: [[SQLValue]] = []
    }

    /// The queries that were compared.
    package var queries: [String] = []
    package var differences: [Difference] = []
    package var agrees: Bool { differences.isEmpty }

    /// Most rows of a difference that are shown.
    private static let maxShownRows = 5

    /// Compares the rows of both, in whatever order they come: queries leave ties open.
    package init(tables: BatchReport, bucket: BatchReport) {
        for table in tables.quality.tables {
            let rows = bucket.quality.tables.first { $0.name == table.name }?.rows ?? 0
            guard rows != table.rows else { continue }
            differences.append(
                Difference(
                    subject: table.name, title: "rows of the table",
                    onlyInTables: [[.integer(Int64(table.rows))]], onlyInBucket: [[.integer(Int64(rows))]]))
        }
        for answer in tables.answers {
            queries.append(answer.query.id)
            let other = bucket.answers.first { $0.query.stem == answer.query.stem }?.result
            var difference = Difference(subject: answer.query.id, title: answer.query.title)
            difference.onlyInTables = Self.rows(of: answer.result, not: other)
            difference.onlyInBucket = other.map { Self.rows(of: $0, not: answer.result) } ?? []
            guard !difference.onlyInTables.isEmpty || !difference.onlyInBucket.isEmpty else { continue }
            differences.append(difference)
        }
    }

    /// Rows that come more often in one result than in another.
    private static func rows(of result: QueryResult, not other: QueryResult?) -> [[SQLValue]] {
        var left: [String: Int] = [:]
        for row in other?.rows ?? [] { left[key(row), default: 0] += 1 }
        return result.rows.filter { row in
            let key = key(row)
            guard let count = left[key], count > 0 else { return true }
            left[key] = count - 1
            return false
        }
    }

    private static func key(_ row: [SQLValue]) -> String { SQLValue.list(row).json }

    // MARK: Telling

    /// `{"agrees", "queries", "differences": [{"subject", "title", "only_in_tables", "only_in_bucket"}]}`.
    package var json: String {
        func rows(_ rows: [[SQLValue]]) -> SQLValue { .list(rows.map { .list($0) }) }
        let list = differences.map { difference in
            SQLValue.structure([
                SQLField(name: "subject", value: .text(difference.subject)),
                SQLField(name: "title", value: .text(difference.title)),
                SQLField(name: "only_in_tables", value: rows(difference.onlyInTables)),
                SQLField(name: "only_in_bucket", value: rows(difference.onlyInBucket)),
            ])
        }
        return SQLValue.structure([
            SQLField(name: "agrees", value: .bool(agrees)),
            SQLField(name: "queries", value: .list(queries.map { .text($0) })),
            SQLField(name: "differences", value: .list(list)),
        ]).json
    }

    /// A line for each thing that differs, with its first rows.
    package var text: String {
        guard !agrees else { return "tables and bucket agree on \(queries.count) queries\n" }
        var lines: [String] = []
        for difference in differences {
            lines.append("\(difference.subject)  \(difference.title)")
            for (name, rows) in [
                ("tables", difference.onlyInTables), ("bucket", difference.onlyInBucket),
            ] {
                lines += rows.prefix(Self.maxShownRows).map { "    only \(name): \(Self.key($0))" }
                if rows.count > Self.maxShownRows {
                    lines.append("    only \(name): \(rows.count - Self.maxShownRows) more rows")
                }
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
