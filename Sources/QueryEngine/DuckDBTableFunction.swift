import CDuckDB
import Synchronization

/// The type of a column that Swift supplies to SQL.
package enum TableSourceType: Sendable {
    case int64, double, text

    fileprivate var number: Int32 {
        switch self {
        case .int64: DuckDBType.bigint
        case .double: DuckDBType.double
        case .text: DuckDBType.varchar
        }
    }
}

/// Rows that Swift supplies to SQL, column by column and only those columns that a statement reads.
package protocol TableSource: Sendable {
    var columns: [(name: String, type: TableSourceType)] { get }
    /// About how many rows there are, so that the planner chooses well; nil if not known.
    var estimatedRows: Int? { get }
    /// Begins one pass over the rows.
    /// - Parameter columns: the positions of the columns to supply, in the order of the chunk.
    func beginScan(of columns: [Int]) throws -> any TableScan
}

/// One pass over the rows of a source, shared by the threads that work on it.
package protocol TableScan: AnyObject, Sendable {
    var maxThreads: Int { get }
    func makeWorker() throws -> any TableScanWorker
}

/// What one thread holds during a pass; used by one thread at a time.
package protocol TableScanWorker: AnyObject {
    /// Supplies the next rows, at most `chunk.capacity`.
    /// - Returns: how many; 0 ends this worker's share. What text elements point to must stay valid until the
    ///   next call.
    func fill(_ chunk: borrowing OutputChunk) throws -> Int
}

/// The vectors that a worker fills.
package struct OutputChunk: ~Copyable {
    private let handle: dk_ptr?
    /// The most rows that fit.
    package let capacity: Int

    init(_ handle: dk_ptr?, capacity: Int) {
        self.handle = handle
        self.capacity = capacity
    }

    /// The memory of a column: Int64, Double, or for text 16 bytes a value: a 32-bit length, then up to twelve bytes
    /// of text (the rest zero), or the first four bytes and a pointer to all.
    package func data(of column: Int) -> UnsafeMutableRawPointer? {
        dk_vector_get_data(dk_data_chunk_get_vector(handle, UInt64(column)))
    }

    /// The bits that say which rows are not NULL, all set at first; clear those of NULLs.
    package func validity(of column: Int) -> UnsafeMutablePointer<UInt64>? {
        let vector = dk_data_chunk_get_vector(handle, UInt64(column))
        dk_vector_ensure_validity_writable(vector)
        return dk_vector_get_validity(vector)
    }
}

/// A table function: SQL calls it as `name('<source>')`.
package final class DuckDBTableFunction: Sendable {
    package let name: String
    private let sources = Mutex<[String: any TableSource]>([:])

    package init(name: String) {
        self.name = name
    }

    /// Sets what `name('<source>')` reads from the next statement on.
    package func setSource(_ name: String, _ source: (any TableSource)?) {
        sources.withLock { $0[name] = source }
    }

    fileprivate func source(_ name: String) -> (any TableSource)? {
        sources.withLock { $0[name] }
    }

    func register(on connection: dk_ptr) throws(QueryEngineError) {
        var function = dk_create_table_function()
        defer { dk_destroy_table_function(&function) }
        dk_table_function_set_name(function, name)
        var text = dk_create_logical_type(DuckDBType.varchar)
        dk_table_function_add_parameter(function, text)
        dk_destroy_logical_type(&text)
        dk_table_function_set_extra_info(function, Box(self).retained, Box<DuckDBTableFunction>.release)
        dk_table_function_supports_projection_pushdown(function, true)
        dk_table_function_set_bind(function, bindSource)
        dk_table_function_set_init(function, beginScan)
        dk_table_function_set_local_init(function, makeWorker)
        dk_table_function_set_function(function, fillChunk)
        guard dk_register_table_function(connection, function) == 0 else {
            throw QueryEngineError(.failed, "DuckDB refused the table function \(name).")
        }
    }
}

/// Carries a Swift value through DuckDB's untyped pointers.
final class Box<Value> {
    let value: Value

    init(_ value: Value) {
        self.value = value
    }

    var retained: UnsafeMutableRawPointer { Unmanaged.passRetained(self).toOpaque() }

    static func value(at pointer: dk_ptr?) -> Value? {
        pointer.map { Unmanaged<Box<Value>>.fromOpaque($0).takeUnretainedValue().value }
    }

    static var release: dk_destroy_fn {
        { pointer in
            if let pointer { Unmanaged<AnyObject>.fromOpaque(pointer).release() }
        }
    }
}

private func bindSource(_ bind: dk_ptr?) {
    var parameter = dk_bind_get_parameter(bind, 0)
    let text = dk_get_varchar(parameter)
    let name = text.map { String(cString: $0) } ?? ""
    dk_free(text)
    dk_destroy_value(&parameter)
    guard let source = Box<DuckDBTableFunction>.value(at: dk_bind_get_extra_info(bind))?.source(name) else {
        return dk_bind_set_error(bind, "there is no source \(name)")
    }
    for column in source.columns {
        var type = dk_create_logical_type(column.type.number)
        dk_bind_add_result_column(bind, column.name, type)
        dk_destroy_logical_type(&type)
    }
    if let rows = source.estimatedRows { dk_bind_set_cardinality(bind, UInt64(max(0, rows)), false) }
    dk_bind_set_bind_data(bind, Box(source).retained, Box<any TableSource>.release)
}

private func beginScan(_ start: dk_ptr?) {
    guard let source = Box<any TableSource>.value(at: dk_init_get_bind_data(start)) else {
        return dk_init_set_error(start, "the source is gone")
    }
    // Past the columns lie DuckDB's own ones (the row number), which are asked for when no other is needed.
    let columns = (0..<dk_init_get_column_count(start)).map { index in
        Int(exactly: dk_init_get_column_index(start, index)) ?? Int.max
    }
    do {
        let scan = try source.beginScan(of: columns)
        dk_init_set_max_threads(start, UInt64(max(1, scan.maxThreads)))
        dk_init_set_init_data(start, Box(scan).retained, Box<any TableScan>.release)
    } catch {
        dk_init_set_error(start, "\(error)")
    }
}

private func makeWorker(_ start: dk_ptr?) {
    // The scan is not at hand here, so that the first call of `fillChunk` makes the worker.
    dk_init_set_init_data(start, Box(LazyWorker()).retained, Box<LazyWorker>.release)
}

private final class LazyWorker {
    var worker: (any TableScanWorker)?
}

private let vectorSize = Int(dk_vector_size())

private func fillChunk(_ function: dk_ptr?, _ chunk: dk_ptr?) {
    guard let lazy = Box<LazyWorker>.value(at: dk_function_get_local_init_data(function)) else {
        return dk_function_set_error(function, "the worker is gone")
    }
    do {
        if lazy.worker == nil {
            lazy.worker = try Box<any TableScan>.value(at: dk_function_get_init_data(function))?.makeWorker()
        }
        let rows = try lazy.worker?.fill(OutputChunk(chunk, capacity: vectorSize)) ?? 0
        dk_data_chunk_set_size(chunk, UInt64(rows))
    } catch {
        dk_function_set_error(function, "\(error)")
    }
}
