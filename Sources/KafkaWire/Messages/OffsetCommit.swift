// OffsetCommit (key 8), versions 2-8.

/// Commits how far a group has come.
package struct OffsetCommitRequest: KafkaRequest {
    package typealias Response = OffsetCommitResponse
    package static let api = APIKey.offsetCommit

    package struct Topic: Sendable {
        package var name: String
        package var partitions: [Partition]
    }

    package struct Partition: Sendable {
        package var index: Int32
        package var committedOffset: Int64
        package var committedLeaderEpoch: Int32
        package var committedMetadata: String?
    }

    package var groupID: String
    package var generationID: Int32
    package var memberID: String
    package var groupInstanceID: String?
    /// -1: as long as the broker keeps offsets.
    package var retentionTimeMilliseconds: Int64 = -1
    package var topics: [Topic]

    package init(_ reader: inout WireReader, version: Int16) throws(KafkaWireError) {
        groupID = try reader.string()
        generationID = try reader.int32()
        memberID = try reader.string()
        groupInstanceID = version >= 7 ? try reader.nullableString() : nil
        if version <= 4 { retentionTimeMilliseconds = try reader.int64() }
        topics = try reader.array { (reader) throws(KafkaWireError) in
            let topic = Topic(
                name: try reader.string(),
                partitions: try reader.array { (reader) throws(KafkaWireError) in
                    try Self.partition(&reader, version: version)
                })
            try reader.skipTaggedFields()
            return topic
        }
        try reader.skipTaggedFields()
    }

    private static func partition(
        _ reader: inout WireReader, version: Int16
    ) throws(KafkaWireError) -> Partition {
        let partition = Partition(
            index: try reader.int32(), committedOffset: try reader.int64(),
            committedLeaderEpoch: version >= 6 ? try reader.int32() : -1,
            committedMetadata: try reader.nullableString())
        try reader.skipTaggedFields()
        return partition
    }
}

package struct OffsetCommitResponse: KafkaResponse {
    package struct Topic: Sendable {
        package var name: String
        package var partitions: [Partition]

        package init(name: String, partitions: [Partition]) {
            self.name = name
            self.partitions = partitions
        }
    }

    package struct Partition: Sendable {
        package var index: Int32
        package var error: KafkaErrorCode

        package init(index: Int32, error: KafkaErrorCode) {
            self.index = index
            self.error = error
        }
    }

    package var topics: [Topic]

    package init(topics: [Topic]) {
        self.topics = topics
    }

    package func write(to writer: inout WireWriter, version: Int16) {
        if version >= 3 { writer.int32(0) }
        writer.array(topics) { writer, topic in
            writer.string(topic.name)
            writer.array(topic.partitions) { writer, partition in
                writer.int32(partition.index)
                writer.error(partition.error)
                writer.emptyTaggedFields()
            }
            writer.emptyTaggedFields()
        }
        writer.emptyTaggedFields()
    }
}
