/// Something that answers SQL: DuckDB in this process, or a server that speaks for another engine.
///
/// Named parameters are written `$name` on every engine. Calls of one engine run one after the other; cancelling
/// the calling task interrupts the statement, which then throws `cancelled`.
package protocol SQLEngine: Sendable {
    /// Runs one statement and returns its rows.
    func execute(_ sql: String, parameters: [String: SQLValue]) async throws(QueryEngineError) -> QueryResult
    /// The result columns of a statement, which is not run.
    func columns(of sql: String) async throws(QueryEngineError) -> [ResultColumn]
    /// How far the running statement is; nil if none runs or the engine does not know.
    func progress() -> QueryProgress?
    /// Stops the running statement, from any thread.
    func interrupt()
}

extension SQLEngine {
    /// Runs one statement without parameters.
    @discardableResult
    package func execute(_ sql: String) async throws(QueryEngineError) -> QueryResult {
        try await execute(sql, parameters: [:])
    }
}

/// How far a statement is.
package struct QueryProgress: Sendable {
    /// From 0 to 1.
    package var fraction: Double
}

/// One column of a result.
package struct ResultColumn: Sendable, Equatable {
    package var name: String
    package var type: SQLType

    package init(name: String, type: SQLType) {
        self.name = name
        self.type = type
    }
}

/// The rows of a statement.
package struct QueryResult: Sendable, Equatable {
    package var columns: [ResultColumn]
    package var rows: [[SQLValue]]
    /// How many rows an INSERT, UPDATE or DELETE touched.
    package var rowsChanged: Int

    package init(columns: [ResultColumn], rows: [[SQLValue]], rowsChanged: Int = 0) {
        self.columns = columns
        self.rows = rows
        self.rowsChanged = rowsChanged
    }
}
