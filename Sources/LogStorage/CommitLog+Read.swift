package import StreamModel
import Synchronization

extension CommitLog: TopicReader {
    package func partitions() -> [TopicPartition] {
        topics.withLock { $0.values.flatMap { $0.partitions.map(\.id) } }.sorted()
    }

    package func range(of partition: TopicPartition) throws -> OffsetRange {
        try log(of: partition).offsetRange
    }

    package func read(
        _ partition: TopicPartition, from offset: Offset, maxBytes: Int,
        _ body: (borrowing RecordView) throws -> Void
    ) throws -> Offset {
        Offset(try log(of: partition).read(from: offset.rawValue, maxBytes: maxBytes, body))
    }

    package func topicID(of topic: TopicName) -> TopicID? { topics.withLock { $0[topic]?.id } }

    package func range(of partition: TopicPartition, in topic: TopicID) throws -> OffsetRange {
        try log(of: partition, in: topic).offsetRange
    }

    package func read(
        _ partition: TopicPartition, in topic: TopicID, from offset: Offset, maxBytes: Int,
        _ body: (borrowing RecordView) throws -> Void
    ) throws -> Offset {
        Offset(try log(of: partition, in: topic).read(from: offset.rawValue, maxBytes: maxBytes, body))
    }

    package func waitForAppend(after generation: UInt64, timeout: Duration) -> UInt64 {
        appended.wait(timeout: timeout) { $0 > generation ? $0 : nil } ?? appended.withLock { $0 }
    }

    /// - Parameter id: the topic that is meant; nil takes whichever has the name now.
    func log(
        of partition: TopicPartition, in id: TopicID? = nil
    ) throws(LogStorageError) -> PartitionLog {
        let (found, topic) = topics.withLock { topics -> (PartitionLog?, TopicID?) in
            guard let topic = topics[partition.topic],
                topic.partitions.indices.contains(Int(partition.partition.rawValue))
            else { return (nil, nil) }
            return (topic.partitions[Int(partition.partition.rawValue)], topic.id)
        }
        guard let found else {
            throw LogStorageError(.unknownPartition, "there is no partition \(partition)")
        }
        guard id == nil || id == topic else { throw .deleted(partition) }
        return found
    }
}

extension CommitLog: StatusSource, MetricSource {
    package func status() -> PartStatus {
        let partitions = topics.withLock { $0.values.flatMap(\.partitions) }
        let stopped = partitions.filter { $0.refusal?.code == .failed }.map(\.id).sorted().map(\.description)
        guard stopped.isEmpty else {
            return PartStatus(
                part: "log", isReady: false,
                detail: "stopped by damage or a disk error: \(stopped.joined(separator: ", "))")
        }
        switch currentState {
        case .opening: return PartStatus(part: "log", isReady: false, detail: "recovering")
        case .open: return PartStatus(part: "log", isReady: true, detail: "open")
        case .closed: return PartStatus(part: "log", isReady: false, detail: "closed")
        }
    }

    package func samples() -> [MetricSample] {
        var samples = [
            MetricSample(
                "pinline_log_pending_bytes", .gauge, help: "Bytes that wait for the disk.",
                value: Double(waitingByteCount))
        ]
        samples += compactionSamples + traffic.samples
        for partition in topics.withLock({ $0.values.flatMap(\.partitions) }).sorted(by: { $0.id < $1.id }) {
            let labels = [("topic", partition.id.topic.rawValue), ("partition", "\(partition.id.partition)")]
                .map { (name: $0.0, value: $0.1) }
            let offsets = partition.extent.withLock { $0.offsets }
            samples += [
                MetricSample(
                    "pinline_log_end_offset", .gauge, help: "Offset of the next record.", labels: labels,
                    value: Double(offsets.end.rawValue)),
                MetricSample(
                    "pinline_log_start_offset", .gauge, help: "First offset that retention has left.",
                    labels: labels,
                    value: Double(offsets.start.rawValue)),
                MetricSample(
                    "pinline_log_size_bytes", .gauge, help: "Bytes of the partition's segments.",
                    labels: labels,
                    value: Double(partition.byteCount)),
            ]
        }
        return samples
    }
}
