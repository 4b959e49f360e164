/// The topics behind streams: made, enlarged and deleted where streams are.
///
/// All that changes something is durable on return and blocks on the disk.
package protocol StreamTopics: Sendable {
    /// Every topic, sorted by name; does not block.
    func streamTopics() -> [StreamTopic]

    /// Nil if there is no such topic; does not block.
    func streamTopic(_ name: TopicName) -> StreamTopic?

    func createStreamTopic(
        _ name: TopicName, partitions: Int, limits: StreamTopicLimits
    ) throws(StreamTopicError) -> StreamTopic

    /// - Parameter partitions: how many the topic has afterwards.
    func enlargeStreamTopic(_ name: TopicName, partitions: Int) throws(StreamTopicError)

    /// Changes what the topic keeps and takes; nil leaves a limit as it is.
    func limitStreamTopic(_ name: TopicName, _ limits: StreamTopicLimits) throws(StreamTopicError)

    func deleteStreamTopic(_ name: TopicName) throws(StreamTopicError)

    /// The offset of the first record whose timestamp is at or after this one (milliseconds since 1970).
    func firstOffset(
        of partition: TopicPartition, atOrAfter timestamp: Int64
    ) throws(StreamTopicError) -> Offset?
}

/// A topic as streams see it.
package struct StreamTopic: Sendable, Equatable {
    package var name: TopicName
    package var id: TopicID
    package var partitionCount: Int
    /// Negative: for ever.
    package var retentionMilliseconds: Int64

    package init(name: TopicName, id: TopicID, partitionCount: Int, retentionMilliseconds: Int64) {
        self.name = name
        self.id = id
        self.partitionCount = partitionCount
        self.retentionMilliseconds = retentionMilliseconds
    }
}

/// What a topic keeps and takes.
package struct StreamTopicLimits: Sendable, Equatable {
    package var retentionMilliseconds: Int64?
    /// Key and value of one record.
    package var maxRecordBytes: Int?

    package init(retentionMilliseconds: Int64? = nil, maxRecordBytes: Int? = nil) {
        self.retentionMilliseconds = retentionMilliseconds
        self.maxRecordBytes = maxRecordBytes
    }
}

/// Why a topic could not be changed.
package struct StreamTopicError: Error, Equatable {
    package enum Code: Sendable {
        case exists
        case notFound
        /// Too many topics or partitions.
        case limitReached
        /// The disk, damage, or the log is being shut down.
        case failed
    }

    package var code: Code
    /// What happened, to which topic, and how to put it right.
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
