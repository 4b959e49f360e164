import CDuckDB
import Dispatch
import Synchronization

/// One connection to a DuckDB database; its statements run one after the other on a thread of their own.
package final class DuckDBConnection: SQLEngine, @unchecked Sendable {
    // Unchecked: statements go through `queue`; interrupt and progress may be called from every thread.
    private let database: DuckDBDatabase
    private let handle: dk_ptr
    private let queue = DispatchQueue(label: "pinline.duckdb")
    /// The most rows that one statement may return.
    package static let maxRows = 10_000_000

    init(_ handle: dk_ptr, of database: DuckDBDatabase) {
        self.handle = handle
        self.database = database
    }

    deinit {
        var handle: dk_ptr? = handle
        dk_disconnect(&handle)
    }

    package func execute(
        _ sql: String, parameters: [String: SQLValue]
    ) async throws(QueryEngineError) -> QueryResult {
        try await onQueue { connection throws(QueryEngineError) in
            try connection.run(sql, parameters)
        }
    }

    /// As `execute`, for a thread of one's own: blocks until the statement is done.
    package func wait(
        for sql: String, parameters: [String: SQLValue] = [:]
    ) throws(QueryEngineError) -> QueryResult {
        let result: Result<QueryResult, QueryEngineError> = queue.sync {
            Result { () throws(QueryEngineError) in try run(sql, parameters) }
        }
        return try result.get()
    }

    /// As `columns(of:)`, for a thread of one's own.
    package func waitForColumns(of sql: String) throws(QueryEngineError) -> [ResultColumn] {
        let result: Result<[ResultColumn], QueryEngineError> = queue.sync {
            Result { () throws(QueryEngineError) in try DuckDBStatement(sql, on: handle).columns }
        }
        return try result.get()
    }

    package func columns(of sql: String) async throws(QueryEngineError) -> [ResultColumn] {
        try await onQueue { connection throws(QueryEngineError) in
            try DuckDBStatement(sql, on: connection.handle).columns
        }
    }

    package func progress() -> QueryProgress? {
        let progress = dk_query_progress(handle)
        guard progress.percentage >= 0 else { return nil }
        return QueryProgress(fraction: progress.percentage / 100)
    }

    package func interrupt() {
        dk_interrupt(handle)
    }

    /// Makes rows that Swift supplies readable by SQL as `name('<source>')`, in every connection of the database.
    package func register(_ function: DuckDBTableFunction) async throws(QueryEngineError) {
        try await onQueue { connection throws(QueryEngineError) in
            try function.register(on: connection.handle)
        }
    }

    /// Makes Swift see rows that SQL hands over as `name('<visitor>', …)`, in every connection of the database.
    package func register(_ function: DuckDBRowFunction) async throws(QueryEngineError) {
        try await onQueue { connection throws(QueryEngineError) in
            try function.register(on: connection.handle)
        }
    }

    /// Runs one statement whose first column is an integer and hands its values over in blocks, NULLs left out.
    ///
    /// - Returns: how many NULLs there were.
    package func forEachInteger(
        _ sql: String, _ body: @escaping @Sendable (UnsafeBufferPointer<Int64>) -> Void
    ) async throws(QueryEngineError) -> Int {
        try await onQueue { connection throws(QueryEngineError) in
            var result = dk_result()
            defer { dk_destroy_result(&result) }
            guard dk_query(connection.handle, sql, &result) == 0 else {
                throw DuckDBFailure.error(of: &result)
            }
            return DuckDBResultReader.forEachInteger(&result, body)
        }
    }

    private func run(
        _ sql: String, _ parameters: [String: SQLValue]
    ) throws(QueryEngineError) -> QueryResult {
        guard parameters.isEmpty else {
            let statement = try DuckDBStatement(sql, on: handle)
            try statement.bind(parameters)
            return try statement.run()
        }
        var result = dk_result()
        defer { dk_destroy_result(&result) }
        guard dk_query(handle, sql, &result) == 0 else { throw DuckDBFailure.error(of: &result) }
        return try DuckDBResultReader.read(&result)
    }

    /// Runs blocking work off the threads that Swift's tasks share; cancelling the task interrupts it.
    private func onQueue<Value: Sendable>(
        _ work: @escaping @Sendable (DuckDBConnection) throws(QueryEngineError) -> Value
    ) async throws(QueryEngineError) -> Value {
        let cancellation = Cancellation()
        let result: Result<Value, QueryEngineError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                queue.async {
                    guard !cancellation.isSet else {
                        return continuation.resume(returning: .failure(.cancelled))
                    }
                    continuation.resume(
                        returning: Result { () throws(QueryEngineError) in try work(self) })
                }
            }
        } onCancel: {
            cancellation.set()
            interrupt()
        }
        return try result.get()
    }
}

extension QueryEngineError {
    static let cancelled = QueryEngineError(.cancelled, "The statement was cancelled.")
}

/// A flag that the canceller sets and the worker reads.
private final class Cancellation: Sendable {
    private let flag = Atomic(false)
    var isSet: Bool { flag.load(ordering: .acquiring) }
    func set() { flag.store(true, ordering: .releasing) }
}

/// A prepared statement.
struct DuckDBStatement: ~Copyable {
    private var handle: dk_ptr?

    init(_ sql: String, on connection: dk_ptr) throws(QueryEngineError) {
        if dk_prepare(connection, sql, &handle) != 0 {
            let text = dk_prepare_error(handle).map { String(cString: $0) } ?? "DuckDB gives no reason"
            dk_destroy_prepare(&handle)
            throw DuckDBFailure.error(preparing: text)
        }
    }

    deinit {
        var handle = handle
        dk_destroy_prepare(&handle)
    }

    var columns: [ResultColumn] {
        let count = dk_prepared_statement_column_count(handle)
        return (0..<count).map { index in
            var type = dk_prepared_statement_column_logical_type(handle, index)
            defer { dk_destroy_logical_type(&type) }
            let name = dk_prepared_statement_column_name(handle, index)
            defer { dk_free(UnsafeMutableRawPointer(mutating: name)) }
            return ResultColumn(
                name: name.map { String(cString: $0) } ?? "", type: DuckDBType.sqlType(of: type))
        }
    }

    /// Gives every parameter its value; throws if one lacks a value, or a value belongs to none.
    func bind(_ parameters: [String: SQLValue]) throws(QueryEngineError) {
        var unused = Set(parameters.keys)
        for index in 1..<(dk_nparams(handle) + 1) {
            let pointer = dk_parameter_name(handle, index)
            let name = pointer.map { String(cString: $0) } ?? String(index)
            dk_free(UnsafeMutableRawPointer(mutating: pointer))
            guard let value = parameters[name] else {
                throw QueryEngineError(.invalidParameter, "The statement's parameter \(name) has no value.")
            }
            unused.remove(name)
            guard bind(value, at: index) else {
                throw QueryEngineError(.invalidParameter, "The parameter \(name) cannot take \(value.json).")
            }
        }
        if let name = unused.min() {
            throw QueryEngineError(.invalidParameter, "The statement has no parameter \(name).")
        }
    }

    private func bind(_ value: SQLValue, at index: UInt64) -> Bool {
        switch value {
        case .null: return dk_bind_null(handle, index) == 0
        case .bool(let value): return dk_bind_boolean(handle, index, value) == 0
        case .integer(let value): return dk_bind_int64(handle, index, value) == 0
        case .double(let value): return dk_bind_double(handle, index, value) == 0
        case .list, .structure, .blob: return false
        case .decimal, .text, .timestamp, .date, .time:
            var text = value.text
            return text.withUTF8 { bytes in
                bytes.withMemoryRebound(to: CChar.self) {
                    dk_bind_varchar_length(handle, index, $0.baseAddress, UInt64($0.count)) == 0
                }
            }
        }
    }

    func run() throws(QueryEngineError) -> QueryResult {
        var result = dk_result()
        defer { dk_destroy_result(&result) }
        guard dk_execute_prepared(handle, &result) == 0 else { throw DuckDBFailure.error(of: &result) }
        return try DuckDBResultReader.read(&result)
    }
}
