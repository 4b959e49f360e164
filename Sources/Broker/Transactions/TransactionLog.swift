import LogStorage
import StreamModel

/// Where the ends of transactions are written.
protocol TransactionLog: Sendable {
    /// How many partitions a topic has; nil if there is no such topic.
    func partitionCount(of topic: TopicName) -> Int?

    /// Ends a producer's transaction on a partition; writing the same marker twice does no harm.
    ///
    /// `completion` runs exactly once, on any thread, when the marker is stored; it must not block.
    func append(
        _ marker: TransactionMarker, to partition: TopicPartition,
        completion: @escaping @Sendable (Result<BatchReceipt, BatchRefusal>) -> Void)
}

extension CommitLog: TransactionLog {}

extension TransactionLog {
    /// The partition, if it is there.
    func partition(_ index: Int32, of topic: String) -> TopicPartition? {
        guard let name = TopicName(topic), let count = partitionCount(of: name), index >= 0, index < count
        else { return nil }
        return TopicPartition(name, PartitionIndex(index))
    }
}
