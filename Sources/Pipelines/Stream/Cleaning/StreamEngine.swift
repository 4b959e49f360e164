import ObjectStore
package import QueryEngine

/// A DuckDB connection whose statements run on a thread of low priority, so that requests are answered first.
///
/// Statements are not cancelled with the task that asks: a commit that was begun is finished.
package final class StreamEngine: SQLEngine {
    let connection: DuckDBConnection
    private let thread: BackgroundThread
    /// Below the threads that answer requests, above those that only tidy up.
    static let niceness: Int32 = 5

    init(_ connection: DuckDBConnection, thread: BackgroundThread) {
        self.connection = connection
        self.thread = thread
    }

    package func execute(
        _ sql: String, parameters: [String: SQLValue]
    ) async throws(QueryEngineError) -> QueryResult {
        try await onThread { connection throws(QueryEngineError) in
            try connection.wait(for: sql, parameters: parameters)
        }
    }

    package func columns(of sql: String) async throws(QueryEngineError) -> [ResultColumn] {
        try await onThread { connection throws(QueryEngineError) in
            try connection.waitForColumns(of: sql)
        }
    }

    package func progress() -> QueryProgress? { connection.progress() }
    package func interrupt() { connection.interrupt() }

    /// Runs other work on the engine's thread.
    func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await thread.run(work)
    }

    private func onThread<Value: Sendable>(
        _ work: @escaping @Sendable (DuckDBConnection) throws(QueryEngineError) -> Value
    ) async throws(QueryEngineError) -> Value {
        let connection = connection
        let result: Result<Value, QueryEngineError>? = try? await thread.run {
            Result { () throws(QueryEngineError) in try work(connection) }
        }
        guard let result else { throw QueryEngineError(.failed, "The thread of the statement is gone.") }
        return try result.get()
    }
}

/// DuckDB as the stream job has it open: in memory, with a connection for micro-batches, one for commits, and one
/// for the upkeep of tables.
struct StreamSession: Sendable {
    let batches: StreamEngine
    let commits: StreamEngine
    let upkeep: StreamEngine
    let rows: DuckDBTableFunction
    let filters: DuckDBRowFunction
    static let rowsName = "pinline_stream"
    static let filterName = "pinline_is_new"

    /// - Parameter thread: where micro-batches are worked on.
    init(
        library: String?, memoryBytes: Int, spillFolder: String, thread: BackgroundThread
    ) async throws(QueryEngineError) {
        let database = try DuckDBDatabase(
            DuckDBLibrary.load(configured: library),
            settings: DuckDBSettings(
                threads: 1, memoryLimit: "\(memoryBytes >> 20)MiB", temporaryFolder: spillFolder,
                keepsInsertionOrder: true))
        batches = StreamEngine(try database.connect(), thread: thread)
        commits = StreamEngine(
            try database.connect(),
            thread: BackgroundThread(name: "table-commits", niceness: StreamEngine.niceness))
        upkeep = StreamEngine(
            try database.connect(), thread: BackgroundThread(name: "table-upkeep", niceness: 19))
        rows = DuckDBTableFunction(name: Self.rowsName)
        filters = DuckDBRowFunction(name: Self.filterName)
        try await batches.execute(DuckDBPrelude.statements)
        for engine in [commits, upkeep] { try await engine.execute("SET TimeZone = 'UTC'") }
        try await batches.connection.register(rows)
        try await batches.connection.register(filters)
    }
}
