package import StreamModel

/// How one topic differs from the log's settings; keys are Kafka's.
package struct TopicConfiguration: Sendable, Equatable {
    /// Values as they were given, by key: `retention.ms`, `retention.bytes`, `segment.bytes`, `segment.ms`,
    /// `max.message.bytes`, `cleanup.policy`, `delete.retention.ms`, `min.compaction.lag.ms`, …
    package private(set) var overrides: [String: String] = [:]

    package init() {}
}

/// A topic as administration sees it.
package struct TopicDescription: Sendable {
    package var name: TopicName
    package var id: TopicID
    package var partitionCount: Int
    package var configuration: TopicConfiguration

    package init(name: TopicName, id: TopicID, partitionCount: Int, configuration: TopicConfiguration) {
        self.name = name
        self.id = id
        self.partitionCount = partitionCount
        self.configuration = configuration
    }
}
