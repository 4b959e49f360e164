import QueryEngine

/// Counts what the quality report says about the tables as they are at the end.
struct QualityCount {
    private let loader: TableLoader
    private let session: BatchSession
    private let progress: BatchProgress

    init(_ loader: TableLoader, _ session: BatchSession, _ progress: BatchProgress) {
        self.loader = loader
        self.session = session
        self.progress = progress
    }

    /// - Parameter needsQuality: false counts rows only.
    func tables(needsQuality: Bool) async throws -> [QualityReport.Table] {
        progress.begin("counting")
        var tables: [QualityReport.Table] = []
        for table in loader.tables where table.isNeeded {
            var report = QualityReport.Table(name: table.definition.name)
            report.rowsRead = table.counts.rowsRead
            report.exactRepeats = table.counts.exactRepeats
            report.repeatsAfterCleaning = table.repeatsAfterCleaning
            report.keysWithSeveralRows = table.keysWithSeveralRows
            report.rows = try await number("SELECT count(*) FROM \(table.name)")
            if needsQuality {
                report.withoutPartner = try await withoutPartner(table)
                addColumns(of: table, to: &report)
            }
            tables.append(report)
        }
        return tables
    }

    private func addColumns(of table: TableLoader.Loaded, to report: inout QualityReport.Table) {
        for (column, counts) in zip(table.definition.columns, table.counts.columns) {
            if !column.sentinels.isEmpty { report.sentinels.append((column.name, counts.sentinels)) }
            report.blank.append((column.name, counts.blanks))
        }
        report.unreadable = table.unreadable
    }

    private func withoutPartner(_ table: TableLoader.Loaded) async throws -> [(table: String, rows: Int)] {
        var counts: [(table: String, rows: Int)] = []
        for other in loader.tables where other.definition.name != table.definition.name {
            counts.append((other.definition.name, try await rows(of: table, without: other)))
        }
        return counts
    }

    private func rows(of table: TableLoader.Loaded, without other: TableLoader.Loaded) async throws -> Int {
        // Without repeats there is one row to a key.
        if let keys = table.keyIndex, let others = other.keyIndex, !keys.hasRepeats {
            return keys.keys(without: others) + keys.nulls
        }
        return try await number(
            """
            SELECT count(*) FROM \(table.name) a
            WHERE NOT EXISTS (SELECT 1 FROM \(other.name) b WHERE b.\(other.key) = a.\(table.key))
            """)
    }

    private func number(_ sql: String) async throws -> Int {
        guard case .integer(let number)? = try await session.connection.execute(sql).rows.first?.first else {
            return 0
        }
        return Int(number)
    }
}
