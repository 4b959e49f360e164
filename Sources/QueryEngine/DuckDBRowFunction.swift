import CDuckDB
import Synchronization

/// Sees the hashes of rows that a statement hands over, and says which it wants.
///
/// Called from the thread that runs the statement, block by block, in the order of the rows if the database has one
/// thread and keeps the order of insertion.
package protocol RowVisitor: AnyObject, Sendable {
    /// What row hashes begin with.
    var seed: UInt64 { get }
    /// - Parameter wanted: one for each row; true at first.
    func visit(_ rows: UnsafeBufferPointer<RowHash>, wanted: UnsafeMutableBufferPointer<Bool>)
}

/// A function for SQL: `name('<visitor>', column, column, …)` is true for the rows that the visitor wants.
package final class DuckDBRowFunction: Sendable {
    package let name: String
    private let visitors = Mutex<[String: any RowVisitor]>([:])

    package init(name: String) {
        self.name = name
    }

    /// Sets who sees the rows of `name('<visitor>', …)` from the next statement on.
    package func setVisitor(_ name: String, _ visitor: (any RowVisitor)?) {
        visitors.withLock { $0[name] = visitor }
    }

    fileprivate func visitor(_ name: String) -> (any RowVisitor)? {
        visitors.withLock { $0[name] }
    }

    func register(on connection: dk_ptr) throws(QueryEngineError) {
        var function = dk_create_scalar_function()
        defer { dk_destroy_scalar_function(&function) }
        dk_scalar_function_set_name(function, name)
        var any = dk_create_logical_type(DuckDBType.any)
        dk_scalar_function_set_varargs(function, any)
        dk_destroy_logical_type(&any)
        var bool = dk_create_logical_type(DuckDBType.bool)
        dk_scalar_function_set_return_type(function, bool)
        dk_destroy_logical_type(&bool)
        // Rows with NULLs count too, and each row is visited once.
        dk_scalar_function_set_special_handling(function)
        dk_scalar_function_set_volatile(function)
        dk_scalar_function_set_extra_info(function, Box(self).retained, Box<DuckDBRowFunction>.release)
        dk_scalar_function_set_function(function, visitRows)
        guard dk_register_scalar_function(connection, function) == 0 else {
            throw QueryEngineError(.failed, "DuckDB refused the function \(name).")
        }
    }
}

private func visitRows(_ function: dk_ptr?, _ chunk: dk_ptr?, _ output: dk_ptr?) {
    let rows = Int(dk_data_chunk_get_size(chunk))
    let columns = dk_data_chunk_get_column_count(chunk)
    guard let result = dk_vector_get_data(output)?.assumingMemoryBound(to: Bool.self), rows > 0 else {
        return
    }
    guard columns > 0, let name = text(dk_data_chunk_get_vector(chunk, 0)),
        let visitor = Box<DuckDBRowFunction>.value(at: dk_scalar_function_get_extra_info(function))?
            .visitor(name)
    else { return dk_scalar_function_set_error(function, "nobody sees these rows") }
    var hashes = [RowHash](repeating: RowHash(seed: visitor.seed), count: rows)
    for column in 1..<max(1, columns) {
        let vector = Vector(dk_data_chunk_get_vector(chunk, column))
        var type = dk_vector_get_column_type(vector.handle)
        defer { dk_destroy_logical_type(&type) }
        let hasher = ColumnHasher(type)
        if let refusal = hasher.refusal { return dk_scalar_function_set_error(function, refusal) }
        for row in 0..<rows { hasher.absorb(vector, row, into: &hashes[row]) }
    }
    let wanted = UnsafeMutableBufferPointer(start: result, count: rows)
    wanted.update(repeating: true)
    hashes.withUnsafeBufferPointer { visitor.visit($0, wanted: wanted) }
}

/// The text of a vector that is the same in every row.
private func text(_ handle: dk_ptr?) -> String? {
    let vector = Vector(handle)
    guard let data = vector.data, !vector.isNull(0) else { return nil }
    let count = Int(data.load(as: UInt32.self))
    let start = count <= 12 ? data + 4 : (data + 8).load(as: UnsafeRawPointer.self)
    return String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
}
