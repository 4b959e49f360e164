import NIOCore
import StreamModel
import Synchronization

/// A log that keeps records in memory, and is durable at once.
final class MemoryLog: RecordAppender, RecordReader, StreamTopics {
    private struct Record: Sendable {
        var key: [UInt8]?
        var value: [UInt8]?
        var timestamp: Int64
    }

    private struct Topic: Sendable {
        var topic: StreamTopic
        var partitions: [[Record]]
    }

    private struct State: Sendable {
        var topics: [TopicName: Topic] = [:]
        var made: UInt64 = 0
        var generation: UInt64 = 0
    }

    private let state = Mutex(State())
    let clock: WallClock
    /// What the next append is answered instead.
    let refusal = Mutex<AppendError?>(nil)

    init(clock: WallClock) {
        self.clock = clock
    }

    // MARK: Appending

    func append(
        _ records: RecordList, to topic: TopicName,
        completion: @escaping @Sendable (Result<AppendReceipt, AppendError>) -> Void
    ) {
        if let refusal = refusal.withLock({ $0 }) { return completion(.failure(refusal)) }
        let result = state.withLock { state -> Result<AppendReceipt, AppendError> in
            guard var found = state.topics[topic] else { return .failure(AppendError(.unknownTopic, "gone")) }
            var offsets: [AppendReceipt.TopicOffset] = []
            for entry in records.entries {
                let partition = entry.partition ?? PartitionIndex(0)
                func bytes(_ slice: RecordList.Slice?) -> [UInt8]? {
                    slice.flatMap { records.bytes.getBytes(at: $0.start, length: $0.count) }
                }
                let offset = found.partitions[Int(partition.rawValue)].count
                found.partitions[Int(partition.rawValue)].append(
                    Record(key: bytes(entry.key), value: bytes(entry.value), timestamp: clock.milliseconds))
                offsets.append(.init(partition: partition, offset: Offset(Int64(offset))))
            }
            state.topics[topic] = found
            state.generation += 1
            return .success(.scattered(offsets))
        }
        completion(result)
    }

    // MARK: Reading

    func partitions() -> [TopicPartition] {
        state.withLock { state in
            state.topics.values.flatMap { topic in
                topic.partitions.indices.map {
                    TopicPartition(topic.topic.name, PartitionIndex(Int32($0)))
                }
            }
        }.sorted()
    }

    private func records(of partition: TopicPartition) throws(StreamTopicError) -> [Record] {
        let records = state.withLock { state -> [Record]? in
            guard let topic = state.topics[partition.topic],
                topic.partitions.indices.contains(Int(partition.partition.rawValue))
            else { return nil }
            return topic.partitions[Int(partition.partition.rawValue)]
        }
        guard let records else { throw StreamTopicError(.notFound, "there is no partition \(partition)") }
        return records
    }

    func range(of partition: TopicPartition) throws -> OffsetRange {
        OffsetRange(start: Offset(0), end: Offset(Int64(try records(of: partition).count)))
    }

    func read(
        _ partition: TopicPartition, from offset: Offset, maxBytes: Int,
        _ body: (borrowing RecordView) throws -> Void
    ) throws -> Offset {
        let records = try records(of: partition)
        for place in Int(offset.rawValue)..<max(records.count, Int(offset.rawValue)) {
            let record = records[place]
            try (record.key ?? []).withUnsafeBytes { key in
                try (record.value ?? []).withUnsafeBytes { value in
                    try body(
                        RecordView(
                            offset: Offset(Int64(place)), timestamp: record.timestamp,
                            key: record.key == nil ? nil : key, value: record.value == nil ? nil : value,
                            headers: []))
                }
            }
        }
        return Offset(Int64(records.count))
    }

    func waitForAppend(after generation: UInt64, timeout: Duration) -> UInt64 {
        state.withLock { $0.generation }
    }

    // MARK: Topics

    func streamTopics() -> [StreamTopic] {
        state.withLock { $0.topics.values.map(\.topic) }.sorted { $0.name < $1.name }
    }

    func streamTopic(_ name: TopicName) -> StreamTopic? { state.withLock { $0.topics[name]?.topic } }

    func createStreamTopic(
        _ name: TopicName, partitions: Int, limits: StreamTopicLimits
    ) throws(StreamTopicError) -> StreamTopic {
        let made = state.withLock { state -> StreamTopic? in
            guard state.topics[name] == nil else { return nil }
            state.made += 1
            let topic = StreamTopic(
                name: name, id: TopicID(high: 1, low: state.made), partitionCount: partitions,
                retentionMilliseconds: limits.retentionMilliseconds ?? 604_800_000)
            state.topics[name] = Topic(topic: topic, partitions: Array(repeating: [], count: partitions))
            return topic
        }
        guard let made else { throw StreamTopicError(.exists, "there is a topic \(name)") }
        return made
    }

    func enlargeStreamTopic(_ name: TopicName, partitions: Int) throws(StreamTopicError) {
        state.withLock { state in
            state.topics[name]?.topic.partitionCount = partitions
            while let count = state.topics[name]?.partitions.count, count < partitions {
                state.topics[name]?.partitions.append([])
            }
        }
    }

    func limitStreamTopic(_ name: TopicName, _ limits: StreamTopicLimits) throws(StreamTopicError) {
        guard let milliseconds = limits.retentionMilliseconds else { return }
        state.withLock { $0.topics[name]?.topic.retentionMilliseconds = milliseconds }
    }

    func deleteStreamTopic(_ name: TopicName) throws(StreamTopicError) {
        state.withLock { $0.topics[name] = nil }
    }

    func firstOffset(
        of partition: TopicPartition, atOrAfter timestamp: Int64
    ) throws(StreamTopicError) -> Offset? {
        try records(of: partition).firstIndex { $0.timestamp >= timestamp }.map { Offset(Int64($0)) }
    }
}
