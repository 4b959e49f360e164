import LogStorage
import StreamModel

/// Where the ends of transactions are written.
protocol TransactionLog: Sendable {
    /// How many partitions a topic has; nil if there is no such topic.
    func partitionCount(of topic: TopicName) -> Int?

    /// The producers that each partition remembers.
    func producersOfAllPartitions() -> [(partition: TopicPartition, producers: [ActiveProducer])]

    /// Ends a producer's transaction on a partition; writing the same marker twice does no harm.
    ///
    /// `completion` runs exactly once, on any thread, when the marker is stored; it must not block.
    func append(
        _ marker: TransactionMarker, to partition: TopicPartition,
        completion: @escaping @Sendable (Result<BatchReceipt, BatchRefusal>) -> Void)
}

extension CommitLog: TransactionLog {
    func producersOfAllPartitions() -> [(partition: TopicPartition, producers: [ActiveProducer])] {
        topicDescriptions().flatMap { topic in
            (0..<Int32(clamping: topic.partitionCount)).map { index in
                let partition = TopicPartition(topic.name, PartitionIndex(index))
                // A damaged partition takes no records, so nobody can be mistaken for its producers.
                return (partition, (try? producers(of: partition)) ?? [])
            }
        }
    }
}

extension TransactionLog {
    /// The highest producer id that any partition remembers; -1 for none.
    var highestProducerID: Int64 {
        producersOfAllPartitions().lazy.flatMap(\.producers).map(\.producerID).max() ?? -1
    }

    /// The partition, if it is there.
    func partition(_ index: Int32, of topic: String) -> TopicPartition? {
        guard let name = TopicName(topic), let count = partitionCount(of: name), index >= 0, index < count
        else { return nil }
        return TopicPartition(name, PartitionIndex(index))
    }
}
