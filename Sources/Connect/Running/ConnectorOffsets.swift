package import StreamModel

/// Where connectors stand in the topics that they read: what they have committed.
package protocol ConnectorOffsets: Sendable {
    /// One past the last offset that the connector has in its store for good.
    func offsets(of connector: String) throws -> [TopicPartition: Offset]
    /// Moves a connector that is stopped; nil makes it begin anew with that partition. Durable on return.
    func alter(_ offsets: [TopicPartition: Offset?], of connector: String) throws
    /// Makes a connector that is stopped begin anew with every partition. Durable on return.
    func reset(_ connector: String) throws
}
