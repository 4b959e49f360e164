/// A partition of a topic by name.
package struct KafkaPartitionID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package var topic: String
    package var partition: Int32

    package init(_ topic: String, _ partition: Int32) {
        self.topic = topic
        self.partition = partition
    }

    package var description: String { "\(topic)-\(partition)" }

    package static func < (left: Self, right: Self) -> Bool {
        (left.topic, left.partition) < (right.topic, right.partition)
    }
}

/// A topic as a server tells of it.
package struct KafkaTopic: Sendable, Equatable {
    package struct Partition: Sendable, Equatable {
        package var index: Int32
        /// Node ids.
        package var leader: Int32
        package var replicas: [Int32]
        package var inSyncReplicas: [Int32]
    }

    package var name: String
    /// By index.
    package var partitions: [Partition]

    package var replicationFactor: Int { partitions.map(\.replicas.count).max() ?? 0 }
    /// Whether Kafka keeps something of its own in it.
    package var isInternal: Bool { name.hasPrefix("__") }
}

/// A setting of a topic in effect.
package struct KafkaTopicSetting: Sendable, Equatable {
    package var name: String
    /// Nil if it is secret or not set.
    package var value: String?
    /// Whether it was set for this topic, and is not a default of the server.
    package var isOfTopic: Bool
}

/// The offsets that a partition holds: `start ..< end`.
package struct KafkaOffsetRange: Sendable, Equatable {
    package var start: Int64
    package var end: Int64

    package init(start: Int64, end: Int64) {
        self.start = start
        self.end = end
    }
}
