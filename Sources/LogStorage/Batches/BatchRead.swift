package import NIOCore
package import StreamModel
import Synchronization

/// Which records a reader sees.
package enum IsolationLevel: Sendable {
    case readUncommitted
    /// Only up to the first open transaction; records of aborted ones are told of, to be left out.
    case readCommitted
}

/// The offsets of a partition.
package struct PartitionOffsets: Sendable, Equatable {
    /// The first offset that can be read.
    package var start: Offset
    /// Before it every transaction is decided.
    package var lastStable: Offset
    /// One past the last durable record; Kafka's high watermark.
    package var end: Offset

    package init(start: Offset, lastStable: Offset, end: Offset) {
        self.start = start
        self.lastStable = lastStable
        self.end = end
    }
}

/// A range of offsets whose records of one producer are not to be seen.
package struct AbortedTransaction: Sendable, Equatable {
    package var producerID: Int64
    package var firstOffset: Offset

    package init(producerID: Int64, firstOffset: Offset) {
        self.producerID = producerID
        self.firstOffset = firstOffset
    }
}

/// Record batches as they lie in the log.
package struct FetchedBatches: Sendable {
    /// Whole batches; the first may begin before the offset that was asked for.
    package var bytes: ByteBuffer
    package var offsets: PartitionOffsets
    /// Empty unless `readCommitted` was asked for.
    package var aborted: [AbortedTransaction]

    package init(bytes: ByteBuffer, offsets: PartitionOffsets, aborted: [AbortedTransaction]) {
        self.bytes = bytes
        self.offsets = offsets
        self.aborted = aborted
    }
}

package struct TimestampedOffset: Sendable, Equatable {
    package var offset: Offset
    /// Milliseconds since 1970.
    package var timestamp: Int64

    package init(offset: Offset, timestamp: Int64) {
        self.offset = offset
        self.timestamp = timestamp
    }
}

/// Told of what becomes readable.
package protocol AppendObserver: AnyObject, Sendable {
    /// A partition's end or last stable offset has moved; called on the log's own threads: must not block.
    ///
    /// - Parameter byteCount: of the batches that were appended.
    func appended(_ byteCount: Int, to partition: TopicPartition)
}

extension CommitLog {
    /// Reads whole batches from `offset` on, about `maxBytes` of them but at least one; blocks on the disk.
    ///
    /// - Throws: `offsetOutOfRange`, `unknownPartition`, `corrupted`.
    package func readBatches(
        of partition: TopicPartition, from offset: Offset, maxBytes: Int, isolation: IsolationLevel
    ) throws(LogStorageError) -> FetchedBatches {
        try log(of: partition).readBatches(
            from: offset.rawValue, maxBytes: maxBytes, isCommitted: isolation == .readCommitted)
    }

    /// Does not block.
    ///
    /// - Throws: `unknownPartition`, or `corrupted` for a partition that has stopped.
    package func offsets(of partition: TopicPartition) throws(LogStorageError) -> PartitionOffsets {
        let extent = try log(of: partition).extent.withLock { ($0.offsets, $0.damage) }
        if let damage = extent.1 { throw damage }
        return extent.0
    }

    /// The first record whose timestamp is at or after `timestamp`; nil if there is none.
    ///
    /// Blocks on the disk.
    package func firstRecord(
        of partition: TopicPartition, atOrAfter timestamp: Int64
    ) throws(LogStorageError) -> TimestampedOffset? {
        try log(of: partition).firstRecord(atOrAfter: timestamp)
    }

    /// The record with the greatest timestamp; nil in an empty partition.
    ///
    /// Blocks on the disk.
    package func newestRecord(of partition: TopicPartition) throws(LogStorageError) -> TimestampedOffset? {
        try log(of: partition).newestRecord()
    }

    /// Lets a part know of all appends from now on; it is held weakly.
    package func addObserver(_ observer: any AppendObserver) {
        observers.add(observer)
    }
}
