// ListPartitionReassignments (key 46), version 0.

/// Asks which partitions are on their way to other brokers.
package struct ListPartitionReassignmentsRequest: KafkaRequest {
    package typealias Response = ListPartitionReassignmentsResponse
    package static let api = APIKey.listPartitionReassignments

    /// Nil asks for all.
    package var topics: [PartitionNumbers]?

    package init(_ reader: inout WireReader, version: Int16) throws(KafkaWireError) {
        _ = try reader.int32()  // time-out
        topics = try reader.nullableArray { reader throws(KafkaWireError) in try PartitionNumbers(&reader) }
        try reader.skipTaggedFields()
    }
}

/// That none is.
package struct ListPartitionReassignmentsResponse: KafkaResponse {
    package var error: KafkaErrorCode

    package init(error: KafkaErrorCode = .none) {
        self.error = error
    }

    package func write(to writer: inout WireWriter, version: Int16) {
        writer.int32(0)
        writer.error(error)
        writer.nullableString(nil)
        writer.array([String]()) { $0.string($1) }
        writer.emptyTaggedFields()
    }
}
