// AlterPartitionReassignments (key 45), version 0.

/// Asks for partitions to move to other brokers.
package struct AlterPartitionReassignmentsRequest: KafkaRequest {
    package typealias Response = AlterPartitionReassignmentsResponse
    package static let api = APIKey.alterPartitionReassignments

    package struct Partition: Sendable, Equatable {
        package var index: Int32
        /// Nil ends a move that is on its way.
        package var brokerIDs: [Int32]?
    }

    package struct Topic: Sendable, Equatable {
        package var name: String
        package var partitions: [Partition]
    }

    package var topics: [Topic]

    package init(_ reader: inout WireReader, version: Int16) throws(KafkaWireError) {
        _ = try reader.int32()  // time-out
        topics = try reader.array { reader throws(KafkaWireError) in
            let name = try reader.string()
            let partitions = try reader.array { reader throws(KafkaWireError) in
                let index = try reader.int32()
                let brokerIDs = try reader.nullableArray { reader throws(KafkaWireError) in
                    try reader.int32()
                }
                try reader.skipTaggedFields()
                return Partition(index: index, brokerIDs: brokerIDs)
            }
            try reader.skipTaggedFields()
            return Topic(name: name, partitions: partitions)
        }
        try reader.skipTaggedFields()
    }
}

package struct AlterPartitionReassignmentsResponse: KafkaResponse {
    package var error: KafkaErrorCode
    package var topics: [PartitionVerdicts]

    package init(error: KafkaErrorCode = .none, topics: [PartitionVerdicts] = []) {
        self.error = error
        self.topics = topics
    }

    package func write(to writer: inout WireWriter, version: Int16) {
        writer.int32(0)
        writer.error(error)
        writer.nullableString(nil)
        writer.array(topics) { $1.write(to: &$0) }
        writer.emptyTaggedFields()
    }
}
