import KafkaWire
import NIOCore
import StreamModel

/// What the members of a group of type `consumer` tell each other, in JoinGroup's metadata and SyncGroup's assignments.
///
/// Source: Apache Kafka, ConsumerProtocolSubscription and ConsumerProtocolAssignment, versions 0-3. Whatever comes
/// after the fields that are known belongs to later versions and is passed over, as Apache Kafka does.
enum ConsumerProtocol {
    /// A topic's partitions.
    struct TopicPartitions: Sendable, Equatable {
        var topic: String
        var partitions: [Int32]
    }

    /// What a member wants.
    struct Subscription: Sendable, Equatable {
        var topics: [String]
        var userData: ByteBuffer?
        /// From version 1 on.
        var owned: [TopicPartitions] = []
        /// From version 2 on.
        var generation: Int32 = -1
        /// From version 3 on.
        var rack: String?
    }

    /// What a member gets.
    struct Assignment: Sendable, Equatable {
        var topics: [TopicPartitions]
        var userData: ByteBuffer?
    }

    // MARK: Subscription

    static func encode(_ subscription: Subscription, version: Int16) -> ByteBuffer {
        var writer = WireWriter(isFlexible: false)
        writer.int16(version)
        writer.array(subscription.topics) { $0.string($1) }
        writer.nullableBytes(subscription.userData)
        if version >= 1 { write(subscription.owned, to: &writer) }
        if version >= 2 { writer.int32(subscription.generation) }
        if version >= 3 { writer.nullableString(subscription.rack) }
        return writer.buffer
    }

    static func decodeSubscription(_ bytes: ByteBuffer) throws(KafkaWireError) -> Subscription {
        var reader = WireReader(bytes, isFlexible: false)
        let version = try reader.version()
        var subscription = Subscription(
            topics: try reader.array { (reader) throws(KafkaWireError) in try reader.string() },
            userData: try reader.nullableBytes())
        if version >= 1 { subscription.owned = try reader.topicPartitions() }
        if version >= 2 { subscription.generation = try reader.int32() }
        if version >= 3 { subscription.rack = try reader.nullableString() }
        return subscription
    }

    // MARK: Assignment

    static func encode(_ assignment: Assignment, version: Int16) -> ByteBuffer {
        var writer = WireWriter(isFlexible: false)
        writer.int16(version)
        write(assignment.topics, to: &writer)
        writer.nullableBytes(assignment.userData)
        return writer.buffer
    }

    /// No bytes at all stand for no partitions: that is what members get whom the leader left out.
    static func decodeAssignment(_ bytes: ByteBuffer) throws(KafkaWireError) -> Assignment {
        guard bytes.readableBytes > 0 else { return Assignment(topics: []) }
        var reader = WireReader(bytes, isFlexible: false)
        _ = try reader.version()
        return Assignment(topics: try reader.topicPartitions(), userData: try reader.nullableBytes())
    }

    private static func write(_ topics: [TopicPartitions], to writer: inout WireWriter) {
        writer.array(topics) { writer, topic in
            writer.string(topic.topic)
            writer.array(topic.partitions) { $0.int32($1) }
        }
    }
}

extension ConsumerProtocol.Assignment {
    init(_ partitions: [TopicPartition]) {
        var topics: [ConsumerProtocol.TopicPartitions] = []
        for partition in partitions.sorted() {
            let name = partition.topic.rawValue
            if topics.last?.topic != name { topics.append(.init(topic: name, partitions: [])) }
            topics[topics.count - 1].partitions.append(partition.partition.rawValue)
        }
        self.init(topics: topics)
    }

    /// Sorted; what no partition can be called so is left out.
    var partitions: [TopicPartition] {
        var found: Set<TopicPartition> = []
        for topic in topics {
            for index in topic.partitions {
                if let partition = PartitionChecks.partition(topic.topic, index) { found.insert(partition) }
            }
        }
        return found.sorted()
    }
}

extension WireReader {
    fileprivate mutating func version() throws(KafkaWireError) -> Int16 {
        let version = try int16()
        guard version >= 0 else {
            throw KafkaWireError(.corrupt, "version \(version) of the consumer protocol is negative")
        }
        return version
    }

    fileprivate mutating func topicPartitions() throws(KafkaWireError) -> [ConsumerProtocol.TopicPartitions] {
        try array { (reader) throws(KafkaWireError) in
            ConsumerProtocol.TopicPartitions(
                topic: try reader.string(),
                partitions: try reader.array { (reader) throws(KafkaWireError) in try reader.int32() })
        }
    }
}
