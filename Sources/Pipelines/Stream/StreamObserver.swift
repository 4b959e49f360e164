package import QueryEngine
package import StreamModel

/// Sees the cleaned rows of each micro-batch before they are in a table.
package protocol StreamObserver: Sendable {
    /// New rows: the tables named have some. Called by one task, one call after the other.
    func observe(_ tables: [String], on engine: any SQLEngine, positions: [TopicPartition: Offset])
        async throws
    /// What it knows, for a snapshot together with the positions.
    func state() -> [UInt8]
    /// Takes what `state` gave; nil: begin with nothing.
    func restore(_ state: [UInt8]?) throws
}
