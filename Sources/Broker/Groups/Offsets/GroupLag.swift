import LogStorage
import StreamModel

/// What groups need to know of topics.
protocol GroupTopics: Sendable {
    /// Nil if there is no such topic.
    func partitionCount(of topic: TopicName) -> Int?
    /// One past the last record; nil if there is no such partition.
    func endOffset(of partition: TopicPartition) -> Int64?
}

extension CommitLog: GroupTopics {
    func endOffset(of partition: TopicPartition) -> Int64? { try? range(of: partition).end.rawValue }
}

extension GroupTopics {
    func contains(_ partition: TopicPartition) -> Bool {
        guard let count = partitionCount(of: partition.topic) else { return false }
        return partition.partition.rawValue >= 0 && Int(partition.partition.rawValue) < count
    }
}

/// How far each group is behind, for `/metrics`.
struct GroupLag: MetricSource {
    let offsets: GroupOffsets
    let topics: any GroupTopics
    let maxSeries: Int

    func samples() -> [MetricSample] {
        var samples: [MetricSample] = []
        var omitted = 0
        offsets.forEachCommitted { group, partition, committed in
            guard let end = topics.endOffset(of: partition) else { return }
            guard samples.count < maxSeries else {
                omitted += 1
                return
            }
            let lag = max(0, end.subtractingReportingOverflow(committed.offset).partialValue)
            samples.append(
                MetricSample(
                    "pinline_group_lag_records", .gauge,
                    help: "Records between a group's committed offset and the end of the partition.",
                    labels: [
                        (name: "group", value: group), (name: "topic", value: partition.topic.rawValue),
                        (name: "partition", value: "\(partition.partition)"),
                    ], value: Double(lag)))
        }
        samples.append(
            MetricSample(
                "pinline_group_lag_omitted", .gauge,
                help: "Partitions of groups whose lag is not shown because of group.max.lag.series.",
                value: Double(omitted)))
        return samples
    }
}
