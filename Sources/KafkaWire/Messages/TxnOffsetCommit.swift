// TxnOffsetCommit (key 28), versions 0-3.

/// Commits offsets of a group as part of a transaction: they hold once the transaction is committed.
package struct TxnOffsetCommitRequest: KafkaRequest {
    package typealias Response = TxnOffsetCommitResponse
    package static let api = APIKey.txnOffsetCommit

    package struct Partition: Sendable, Equatable {
        package var index: Int32
        package var offset: Int64
        package var leaderEpoch: Int32
        package var metadata: String?
    }

    package struct Topic: Sendable, Equatable {
        package var name: String
        package var partitions: [Partition]
    }

    package var transactionalID: String
    package var groupID: String
    package var producerID: Int64
    package var producerEpoch: Int16
    /// -1 where the group is not asked whether the committer is one of its members.
    package var generation: Int32 = -1
    package var memberID = ""
    package var groupInstanceID: String?
    package var topics: [Topic]

    package init(_ reader: inout WireReader, version: Int16) throws(KafkaWireError) {
        transactionalID = try reader.string()
        groupID = try reader.string()
        producerID = try reader.int64()
        producerEpoch = try reader.int16()
        if version >= 3 {
            generation = try reader.int32()
            memberID = try reader.string()
            groupInstanceID = try reader.nullableString()
        }
        topics = try reader.array { (reader) throws(KafkaWireError) in
            try Self.topic(&reader, version: version)
        }
        try reader.skipTaggedFields()
    }

    private static func topic(_ reader: inout WireReader, version: Int16) throws(KafkaWireError) -> Topic {
        let name = try reader.string()
        let partitions = try reader.array { (reader) throws(KafkaWireError) in
            let index = try reader.int32()
            let offset = try reader.int64()
            let leaderEpoch = version >= 2 ? try reader.int32() : -1
            let metadata = try reader.nullableString()
            try reader.skipTaggedFields()
            return Partition(index: index, offset: offset, leaderEpoch: leaderEpoch, metadata: metadata)
        }
        try reader.skipTaggedFields()
        return Topic(name: name, partitions: partitions)
    }
}

package struct TxnOffsetCommitResponse: KafkaResponse, Equatable {
    package struct Partition: Sendable, Equatable {
        package var index: Int32
        package var error: KafkaErrorCode

        package init(index: Int32, error: KafkaErrorCode) {
            self.index = index
            self.error = error
        }
    }

    package struct Topic: Sendable, Equatable {
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
                writer.int32(partition.index)
                writer.error(partition.error)
                writer.emptyTaggedFields()
            }
            writer.emptyTaggedFields()
        }
        writer.emptyTaggedFields()
    }
}
