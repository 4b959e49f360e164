/// How the log keeps its records; key names are Kafka's where Kafka has the key.
package struct LogSettings: Sendable, Equatable {
    /// When a record counts as stored.
    package enum FlushPolicy: Sendable, Equatable {
        /// After `fdatasync`: what was acknowledged survives a power cut.
        case commit
        /// After `write`, with an `fdatasync` at most this long later: a power cut may cost that much.
        case interval(Duration)
        /// After `write`; the operating system flushes when it likes.
        case none
    }

    /// What becomes of records that have served their time.
    package struct CleanupPolicy: Sendable, Equatable {
        /// Old segments are deleted.
        package var deletes: Bool
        /// Of each key the newest record is kept.
        package var compacts: Bool

        package init(deletes: Bool = false, compacts: Bool = false) {
            self.deletes = deletes
            self.compacts = compacts
        }

        package static let delete = CleanupPolicy(deletes: true)
        package static let compact = CleanupPolicy(compacts: true)
    }

    /// `log.flush` (default: commit): `commit`, `interval:<ms>` or `none`.
    package var flush: FlushPolicy = .commit
    /// `log.segment.bytes` (bytes, default: 268435456, at most 2147483647): a segment is closed before it grows past this.
    package var segmentBytes = 256 << 20
    /// `log.segment.ms` (milliseconds, default: 604800000 = 7 days): a segment is closed when its first record is older.
    package var segmentMilliseconds: Int64 = 7 * 86_400_000
    /// `log.index.interval.bytes` (bytes, default: 4096): distance between index entries.
    package var indexIntervalBytes = 4096
    /// `log.retention.ms` (milliseconds, default: 604800000 = 7 days; -1: for ever).
    package var retentionMilliseconds: Int64 = 7 * 86_400_000
    /// `log.retention.bytes` (bytes of one partition, default: -1: no limit).
    package var retentionBytes: Int64 = -1
    /// `log.retention.check.interval.ms` (milliseconds, default: 30000): how often old segments are closed and deleted,
    /// and topics compacted.
    package var upkeepIntervalMilliseconds: Int64 = 30_000
    /// `log.max.message.bytes` (bytes, default: 1048576): the largest record, key and headers included.
    package var maxMessageBytes = 1 << 20
    /// `log.max.pending.bytes` (bytes, default: 67108864): most that may wait for the disk; past it appends are
    /// refused as overloaded.
    package var maxPendingBytes = 64 << 20
    /// `gateway.auto.create.topics` (bool, default: true): topics come into being on first use.
    package var autoCreateTopics = true
    /// `log.num.partitions` (default: 1): partitions of a topic made on first use.
    package var partitionsPerTopic = 1
    /// `log.max.topics` (default: 10000): past it no topic is made.
    package var maxTopics = 10_000
    /// `log.max.producers` (default: 10000): most idempotent producers that a partition remembers, and most open
    /// transactions; the producers that are idle for longest are forgotten first.
    package var maxProducers = 10_000
    /// `log.producer.id.expiration.ms` (milliseconds, default: 86400000 = 1 day): a producer that was idle for longer
    /// is forgotten.
    package var producerExpirationMilliseconds: Int64 = 86_400_000
    /// `log.max.partitions` (default: 40000): partitions of all topics; past it no topic is made or enlarged.
    package var maxPartitions = 40_000
    /// `log.max.open.files` (default: 2048): most files of the log that stay open; others are opened when needed.
    package var maxOpenFiles = 2048
    /// `log.cleanup.policy` (default: delete): `delete`, `compact`, or both with a comma.
    package var cleanupPolicy = CleanupPolicy.delete
    /// `log.cleaner.delete.retention.ms` (milliseconds, default: 86400000): how long a compacted topic keeps the
    /// tombstone of a key that was deleted.
    package var deleteRetentionMilliseconds: Int64 = 86_400_000
    /// `log.cleaner.min.compaction.lag.ms` (milliseconds, default: 0): younger records are not compacted.
    package var minCompactionLag: Int64 = 0
    /// `log.cleaner.max.compaction.lag.ms` (milliseconds, default: 9223372036854775807): older records are compacted
    /// however few they are.
    package var maxCompactionLag = Int64.max
    /// `log.cleaner.dedupe.buffer.size` (bytes, default: 33554432): memory for the keys of the partition that is being
    /// compacted, 24 bytes and a tenth each; with more keys it takes several passes.
    package var compactionBufferBytes = 32 << 20
    /// `log.cleaner.min.cleanable.ratio` (default: 0.5): a partition is compacted when this part of its bytes has not
    /// been yet.
    package var minCleanableRatio = 0.5

    package init() {}
}
