// ElectLeaders (key 43), versions 0-2.

/// Asks for the leaders of partitions to be elected.
package struct ElectLeadersRequest: KafkaRequest {
    package typealias Response = ElectLeadersResponse
    package static let api = APIKey.electLeaders

    /// Nil asks for all.
    package var topics: [PartitionNumbers]?

    package init(_ reader: inout WireReader, version: Int16) throws(KafkaWireError) {
        // Preferred or unclean: the leader is the same.
        if version >= 1 { _ = try reader.int8() }
        topics = try reader.nullableArray { reader throws(KafkaWireError) in try PartitionNumbers(&reader) }
        _ = try reader.int32()  // time-out
        try reader.skipTaggedFields()
    }
}

package struct ElectLeadersResponse: KafkaResponse {
    package var error: KafkaErrorCode
    package var topics: [PartitionVerdicts]

    package init(error: KafkaErrorCode = .none, topics: [PartitionVerdicts] = []) {
        self.error = error
        self.topics = topics
    }

    package func write(to writer: inout WireWriter, version: Int16) {
        writer.int32(0)
        if version >= 1 { writer.error(error) }
        writer.array(topics) { $1.write(to: &$0) }
        writer.emptyTaggedFields()
    }
}

/// What came of a request for some partitions of a topic.
package struct PartitionVerdicts: Sendable, Equatable {
    package struct Partition: Sendable, Equatable {
        package var index: Int32
        package var error: KafkaErrorCode
        package var message: String?

        package init(index: Int32, error: KafkaErrorCode = .none, message: String? = nil) {
            self.index = index
            self.error = error
            self.message = message
        }
    }

    package var topic: String
    package var partitions: [Partition]

    package init(topic: String, partitions: [Partition]) {
        self.topic = topic
        self.partitions = partitions
    }

    func write(to writer: inout WireWriter) {
        writer.string(topic)
        writer.array(partitions) { writer, partition in
            writer.int32(partition.index)
            writer.error(partition.error)
            writer.nullableString(partition.message)
            writer.emptyTaggedFields()
        }
        writer.emptyTaggedFields()
    }
}
