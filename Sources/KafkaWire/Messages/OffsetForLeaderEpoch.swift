// OffsetForLeaderEpoch (key 23), versions 2-4.

/// Asks where a leader's reign ended: how a consumer finds out that the log was cut off behind its back.
package struct OffsetForLeaderEpochRequest: KafkaRequest {
    package typealias Response = OffsetForLeaderEpochResponse
    package static let api = APIKey.offsetForLeaderEpoch

    package struct Partition: Sendable {
        package var index: Int32
        package var currentLeaderEpoch: Int32
        package var leaderEpoch: Int32
    }

    package struct Topic: Sendable {
        package var name: String
        package var partitions: [Partition]
    }

    package var topics: [Topic]

    package init(_ reader: inout WireReader, version: Int16) throws(KafkaWireError) {
        // The replica that asks: none, there are no others.
        if version >= 3 { _ = try reader.int32() }
        topics = try reader.array { (reader) throws(KafkaWireError) in
            let name = try reader.string()
            let partitions = try reader.array { (reader) throws(KafkaWireError) in
                let partition = Partition(
                    index: try reader.int32(), currentLeaderEpoch: try reader.int32(),
                    leaderEpoch: try reader.int32())
                try reader.skipTaggedFields()
                return partition
            }
            try reader.skipTaggedFields()
            return Topic(name: name, partitions: partitions)
        }
        try reader.skipTaggedFields()
    }
}

package struct OffsetForLeaderEpochResponse: KafkaResponse {
    package struct Partition: Sendable, Equatable {
        package var index: Int32
        package var error: KafkaErrorCode
        package var leaderEpoch: Int32
        package var endOffset: Int64

        package init(
            index: Int32, error: KafkaErrorCode, leaderEpoch: Int32 = -1, endOffset: Int64 = -1
        ) {
            self.index = index
            self.error = error
            self.leaderEpoch = leaderEpoch
            self.endOffset = endOffset
        }
    }

    package struct Topic: Sendable {
        package var name: String
        package var partitions: [Partition]

        package init(name: String, partitions: [Partition]) {
            self.name = name
            self.partitions = partitions
        }
    }

    package var topics: [Topic]

    package init(topics: [Topic]) {
        self.topics = topics
    }

    package func write(to writer: inout WireWriter, version: Int16) {
        writer.int32(0)
        writer.array(topics) { writer, topic in
            writer.string(topic.name)
            writer.array(topic.partitions) { writer, partition in
                writer.error(partition.error)
                writer.int32(partition.index)
                writer.int32(partition.leaderEpoch)
                writer.int64(partition.endOffset)
                writer.emptyTaggedFields()
            }
            writer.emptyTaggedFields()
        }
        writer.emptyTaggedFields()
    }
}
