// ListOffsets (key 2), versions 1-7.

/// Asks for offsets by time, and for the first and the last.
package struct ListOffsetsRequest: KafkaRequest {
    package typealias Response = ListOffsetsResponse
    package static let api = APIKey.listOffsets

    /// Times that are none.
    package enum SpecialTimestamp {
        package static let latest: Int64 = -1
        package static let earliest: Int64 = -2
        /// The record with the greatest timestamp.
        package static let newest: Int64 = -3
    }

    package struct Partition: Sendable {
        package var index: Int32
        package var currentLeaderEpoch: Int32
        package var timestamp: Int64
    }

    package struct Topic: Sendable {
        package var name: String
        package var partitions: [Partition]
    }

    /// 0 counts what is uncommitted too, 1 only what is committed.
    package var isolationLevel: Int8
    package var topics: [Topic]

    package init(_ reader: inout WireReader, version: Int16) throws(KafkaWireError) {
        // The replica that asks: none, there are no others.
        _ = try reader.int32()
        isolationLevel = version >= 2 ? try reader.int8() : 0
        topics = try reader.array { (reader) throws(KafkaWireError) in
            let name = try reader.string()
            let partitions = try reader.array { (reader) throws(KafkaWireError) in
                let index = try reader.int32()
                let epoch = version >= 4 ? try reader.int32() : -1
                let partition = Partition(
                    index: index, currentLeaderEpoch: epoch, timestamp: try reader.int64())
                try reader.skipTaggedFields()
                return partition
            }
            try reader.skipTaggedFields()
            return Topic(name: name, partitions: partitions)
        }
        try reader.skipTaggedFields()
    }
}

package struct ListOffsetsResponse: KafkaResponse {
    package struct Partition: Sendable, Equatable {
        package var index: Int32
        package var error: KafkaErrorCode
        package var timestamp: Int64
        package var offset: Int64
        package var leaderEpoch: Int32

        package init(
            index: Int32, error: KafkaErrorCode, timestamp: Int64 = -1, offset: Int64 = -1,
            leaderEpoch: Int32 = -1
        ) {
            self.index = index
            self.error = error
            self.timestamp = timestamp
            self.offset = offset
            self.leaderEpoch = leaderEpoch
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
        if version >= 2 { writer.int32(0) }
        writer.array(topics) { writer, topic in
            writer.string(topic.name)
            writer.array(topic.partitions) { writer, partition in
                writer.int32(partition.index)
                writer.error(partition.error)
                writer.int64(partition.timestamp)
                writer.int64(partition.offset)
                if version >= 4 { writer.int32(partition.leaderEpoch) }
                writer.emptyTaggedFields()
            }
            writer.emptyTaggedFields()
        }
        writer.emptyTaggedFields()
    }
}
