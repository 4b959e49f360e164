import KafkaWire
import StreamModel

/// Where groups keep the offsets that are committed as part of transactions.
protocol TransactionalOffsets: Sendable {
    /// Stores offsets that count once the transaction is committed.
    ///
    /// `completion` runs once, on any thread: with an error for each partition, `none` if its offset is durable.
    func commitPending(
        _ commit: TransactionalOffsetCommit,
        then completion: @escaping @Sendable ([TopicPartition: KafkaErrorCode]) -> Void)

    /// Ends the producer's transaction for all groups: its offsets count, or are dropped. May be repeated.
    ///
    /// `completion` runs once, on any thread, when that is durable or has failed.
    func completePending(
        producerID: Int64, commit: Bool, then completion: @escaping @Sendable ((any Error)?) -> Void)
}

/// Offsets of one group in one transaction.
struct TransactionalOffsetCommit: Sendable, Equatable {
    struct Position: Sendable, Equatable {
        var partition: TopicPartition
        var offset: Int64
        var leaderEpoch: Int32
        var metadata: String
    }

    var group: String
    var memberID: String
    var groupInstanceID: String?
    var generation: Int32
    var producerID: Int64
    var positions: [Position]
}
