package import StreamModel

/// Topics as streams: their limits are configuration of the topic, as Kafka clients see it.
extension CommitLog: StreamTopics {
    private static let retentionKey = "retention.ms"
    private static let maxRecordKey = "max.message.bytes"

    package func streamTopics() -> [StreamTopic] {
        topicDescriptions().map(described)
    }

    package func streamTopic(_ name: TopicName) -> StreamTopic? {
        topicDescription(name).map(described)
    }

    private func described(_ topic: TopicDescription) -> StreamTopic {
        let retention = topic.configuration.overrides[Self.retentionKey].flatMap { Int64($0) }
        return StreamTopic(
            name: topic.name, id: topic.id, partitionCount: topic.partitionCount,
            retentionMilliseconds: retention ?? settings.retentionMilliseconds)
    }

    package func createStreamTopic(
        _ name: TopicName, partitions: Int, limits: StreamTopicLimits
    ) throws(StreamTopicError) -> StreamTopic {
        let topic = try translated { () throws(LogStorageError) in
            try createTopic(
                name, partitions: partitions, configuration: TopicConfiguration(Self.overrides(limits)))
        }
        return described(topic)
    }

    package func enlargeStreamTopic(_ name: TopicName, partitions: Int) throws(StreamTopicError) {
        try translated { () throws(LogStorageError) in try addPartitions(to: name, total: partitions) }
    }

    package func limitStreamTopic(_ name: TopicName, _ limits: StreamTopicLimits) throws(StreamTopicError) {
        try translated { () throws(LogStorageError) in
            guard let topic = topicDescription(name) else {
                throw LogStorageError(.unknownPartition, "there is no topic \(name)")
            }
            let overrides = topic.configuration.overrides.merging(Self.overrides(limits)) { $1 }
            try configure(name, try TopicConfiguration(overrides))
        }
    }

    package func deleteStreamTopic(_ name: TopicName) throws(StreamTopicError) {
        try translated { () throws(LogStorageError) in try deleteTopic(name) }
    }

    package func firstOffset(
        of partition: TopicPartition, atOrAfter timestamp: Int64
    ) throws(StreamTopicError) -> Offset? {
        try translated { () throws(LogStorageError) in
            try firstRecord(of: partition, atOrAfter: timestamp)?.offset
        }
    }

    private static func overrides(_ limits: StreamTopicLimits) -> [String: String] {
        var overrides: [String: String] = [:]
        if let milliseconds = limits.retentionMilliseconds { overrides[retentionKey] = "\(milliseconds)" }
        if let bytes = limits.maxRecordBytes { overrides[maxRecordKey] = "\(bytes)" }
        return overrides
    }

    private func translated<Value>(
        _ body: () throws(LogStorageError) -> Value
    ) throws(StreamTopicError) -> Value {
        do throws(LogStorageError) {
            return try body()
        } catch {
            let code: StreamTopicError.Code =
                switch error.code {
                case .topicExists: .exists
                case .unknownPartition: .notFound
                case .limitReached, .invalidPartitionCount: .limitReached
                default: .failed
                }
            throw StreamTopicError(code, error.message)
        }
    }
}
