package import QueryEngine
package import StreamModel

/// Sees new rows at once, before they are in any table.
package protocol StreamObserver: Sendable {
    /// New rows: the tables named have some.
    ///
    /// They lie in `engine`, each table under its name, with the columns that cleaning gives and `arrived_at`, the
    /// log's timestamp in milliseconds. Called by one task, one call after the other.
    /// - Parameter positions: where reading stands after these rows.
    func observe(
        _ tables: [String], on engine: any SQLEngine, positions: [TopicPartition: Offset]
    ) async throws

    /// What it knows, to be kept together with the positions.
    ///
    /// - Returns: writes it out, from any thread; rows that are seen meanwhile are not in it.
    func state() -> @Sendable () -> [UInt8]

    /// Goes back to what it knew; nil begins with nothing.
    func restore(_ state: [UInt8]?) throws
}
