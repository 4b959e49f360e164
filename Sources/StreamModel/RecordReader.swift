/// Where records come out: the embedded log, or a remote one behind the same face.
package protocol RecordReader: Sendable {
    /// Every partition of every topic, sorted.
    func partitions() -> [TopicPartition]

    /// The offsets that can be read now.
    func range(of partition: TopicPartition) throws -> OffsetRange

    /// Hands out records in order, from `offset` on, until about `maxBytes` of them were read or the end is reached.
    ///
    /// At least one whole record batch is read, however large. Blocks on the disk; call it on a thread that may.
    ///
    /// - Returns: the offset to read next.
    /// - Throws: what `body` throws, or an error of the log if the records cannot be read; what was handed out
    ///   before stays valid.
    func read(
        _ partition: TopicPartition, from offset: Offset, maxBytes: Int,
        _ body: (borrowing RecordView) throws -> Void
    ) throws -> Offset

    /// Blocks until something was appended since `generation` was returned, or the time is over.
    ///
    /// - Returns: the generation now. Take it before reading, and nothing that comes later is missed.
    func waitForAppend(after generation: UInt64, timeout: Duration) -> UInt64
}

/// A log that tells topics apart which have had the same name one after the other.
///
/// A topic that was deleted and made anew has another id, and its offsets begin at 0 again.
package protocol TopicReader: RecordReader {
    /// Which topic has this name now; nil if there is none.
    func topicID(of topic: TopicName) -> TopicID?

    /// As `range(of:)`; an error if the name is not this topic's any more.
    func range(of partition: TopicPartition, in topic: TopicID) throws -> OffsetRange

    /// As `read(_:from:maxBytes:_:)`; an error if the name is not this topic's any more.
    func read(
        _ partition: TopicPartition, in topic: TopicID, from offset: Offset, maxBytes: Int,
        _ body: (borrowing RecordView) throws -> Void
    ) throws -> Offset
}

/// The offsets a partition holds: `start ..< end`.
package struct OffsetRange: Sendable, Equatable {
    /// The first offset that retention has left.
    package var start: Offset
    /// One past the last durable record.
    package var end: Offset

    package init(start: Offset, end: Offset) {
        self.start = start
        self.end = end
    }
}
