import NIOCore
import ObjectStore
import StreamModel
import Testing

/// A log in memory that hands its records out in batches, and tells when a reader has run out of work.
final class MemoryLog: TopicReader, RecordAppender {
    struct Record: Sendable, Equatable {
        var key: String?
        var value: String?
        var headers: [RecordHeader] = []
        var timestamp: Int64 = 0
    }

    private struct State: Sendable {
        var records: [TopicPartition: [Record]] = [:]
        /// What retention has dropped from the front.
        var starts: [TopicPartition: Int64] = [:]
        var generation: UInt64 = 1
        var refusal: AppendError?
        var readFailures = 0
        /// How many topics of a name were deleted.
        var deletions: [TopicName: UInt64] = [:]
        /// Partitions whose reads fail.
        var broken: Set<TopicPartition> = []
        /// Offsets at the end that have no record.
        var trailing: [TopicPartition: Int] = [:]
        var idleRounds = 0
    }

    struct Unreadable: Error {}

    private let state = ThreadSignal(State())

    // MARK: What a test does

    func add(_ values: String?..., to partition: TopicPartition = .pins) { add(values, to: partition) }

    func add(_ values: [String?], to partition: TopicPartition = .pins) {
        state.withLock { state in
            state.records[partition, default: []] += values.map { Record(value: $0) }
            state.generation += 1
        }
    }

    func add(records: [Record], to partition: TopicPartition = .pins) {
        state.withLock { state in
            state.records[partition, default: []] += records
            state.generation += 1
        }
    }

    func dropRecords(before offset: Int64, of partition: TopicPartition) {
        state.withLock { $0.starts[partition] = offset }
    }

    /// Deletes a topic; the next record makes one anew.
    func delete(_ topic: TopicName) {
        state.withLock { state in
            state.records = state.records.filter { $0.key.topic != topic }
            state.deletions[topic, default: 0] += 1
            state.generation += 1
        }
    }

    func setBroken(_ partition: TopicPartition, _ isBroken: Bool) {
        state.withLock { state in
            if isBroken { state.broken.insert(partition) } else { state.broken.remove(partition) }
        }
    }

    /// Adds offsets without records, as markers of transactions are.
    func addOffsets(_ count: Int, to partition: TopicPartition = .pins) {
        state.withLock { state in
            state.records[partition, default: []] += []
            state.trailing[partition, default: 0] += count
            state.generation += 1
        }
    }

    func refuseAppends(with error: AppendError?) { state.withLock { $0.refusal = error } }

    func failReads(_ count: Int) { state.withLock { $0.readFailures = count } }

    func records(of partition: TopicPartition) -> [Record] { state.withLock { $0.records[partition] ?? [] } }

    /// Returns when its reader has looked at everything, the clock included, since this call began.
    ///
    /// The first round that ends may have begun before the call; the second did not.
    func whenRead(sourceLocation: SourceLocation = #_sourceLocation) async {
        let rounds = state.withLock { $0.idleRounds + 2 }
        await state.when(sourceLocation) { $0.idleRounds >= rounds }
    }

    // MARK: TopicReader

    func partitions() -> [TopicPartition] { state.withLock { $0.records.keys.sorted() } }

    func topicID(of topic: TopicName) -> TopicID? {
        state.withLock { state in
            guard state.records.keys.contains(where: { $0.topic == topic }) else { return nil }
            return .life(state.deletions[topic] ?? 0)
        }
    }

    func range(of partition: TopicPartition) throws -> OffsetRange {
        guard let topic = topicID(of: partition.topic) else { throw Unreadable() }
        return try range(of: partition, in: topic)
    }

    func read(
        _ partition: TopicPartition, from offset: Offset, maxBytes: Int,
        _ body: (borrowing RecordView) throws -> Void
    ) throws -> Offset {
        guard let topic = topicID(of: partition.topic) else { throw Unreadable() }
        return try read(partition, in: topic, from: offset, maxBytes: maxBytes, body)
    }

    func range(of partition: TopicPartition, in topic: TopicID) throws -> OffsetRange {
        guard topicID(of: partition.topic) == topic else { throw Unreadable() }
        return state.withLock { state in
            OffsetRange(
                start: Offset(state.starts[partition] ?? 0),
                end: Offset(
                    Int64((state.records[partition]?.count ?? 0) + (state.trailing[partition] ?? 0))))
        }
    }

    func read(
        _ partition: TopicPartition, in topic: TopicID, from offset: Offset, maxBytes: Int,
        _ body: (borrowing RecordView) throws -> Void
    ) throws -> Offset {
        guard topicID(of: partition.topic) == topic else { throw Unreadable() }
        let (records, trailing) = try state.withLock { state in
            if state.readFailures > 0 {
                state.readFailures -= 1
                throw Unreadable()
            }
            if state.broken.contains(partition) { throw Unreadable() }
            return (state.records[partition] ?? [], state.trailing[partition] ?? 0)
        }
        var next = Int(offset.rawValue)
        var left = maxBytes
        while next < records.count, left > 0 {
            let record = records[next]
            left -= record.value?.utf8.count ?? 0
            try Self.withBytes(record.key) { key in
                try Self.withBytes(record.value) { value in
                    try body(
                        RecordView(
                            offset: Offset(Int64(next)), timestamp: record.timestamp, key: key, value: value,
                            headers: record.headers))
                }
            }
            next += 1
        }
        if next >= records.count { next = records.count + trailing }
        return Offset(Int64(next))
    }

    private static func withBytes(
        _ text: String?, _ body: (UnsafeRawBufferPointer?) throws -> Void
    ) throws {
        guard let text else { return try body(nil) }
        try Array(text.utf8).withUnsafeBytes { try body($0) }
    }

    /// Never blocks: a reader that waits has nothing to do, and looks again at once.
    func waitForAppend(after generation: UInt64, timeout: Duration) -> UInt64 {
        state.withLock(wakes: true) { state in
            if timeout > .zero { state.idleRounds += 1 }
            return state.generation
        }
    }

    // MARK: RecordAppender

    func append(
        _ records: RecordList, to topic: TopicName,
        completion: @escaping @Sendable (Result<AppendReceipt, AppendError>) -> Void
    ) {
        let partition = TopicPartition(topic, PartitionIndex(0))
        let result: Result<AppendReceipt, AppendError> = state.withLock { state in
            if let refusal = state.refusal { return .failure(refusal) }
            let first = state.records[partition]?.count ?? 0
            state.records[partition, default: []] += records.entries.map { entry in
                Record(
                    key: entry.key.flatMap(records.text), value: entry.value.flatMap(records.text),
                    headers: entry.headers)
            }
            state.generation += 1
            return .success(.run(PartitionIndex(0), from: Offset(Int64(first))))
        }
        completion(result)
    }
}

extension ThreadSignal {
    /// Returns when a condition holds; records an issue if it does not come to hold.
    func when(_ sourceLocation: SourceLocation, _ condition: @escaping @Sendable (Value) -> Bool) async {
        let thread = BackgroundThread(name: "test-wait", niceness: 0)
        let isMet = try? await thread.run { [self] in
            wait(timeout: .seconds(60)) { condition($0) ? true : nil } ?? false
        }
        if isMet != true {
            Issue.record("what the test waits for does not happen", sourceLocation: sourceLocation)
        }
    }
}

extension RecordList {
    fileprivate func text(of slice: Slice) -> String? {
        bytes.getString(at: bytes.readerIndex + slice.start, length: slice.count)
    }
}

extension TopicID {
    /// The id of the topic that has a name after so many others were deleted.
    static func life(_ number: UInt64) -> TopicID { TopicID(high: 7, low: number) }
}

extension TopicName {
    static let pins = named("u.pin")

    static func named(_ text: String) -> TopicName {
        guard let name = TopicName(text) else { preconditionFailure("\(text) is no topic's name") }
        return name
    }
}

extension TopicPartition {
    static let pins = TopicPartition("u.pin", 0)
    static let deadLetters = TopicPartition("pinline.dead-letters", 0)

    init(_ topic: String, _ partition: Int32) {
        self.init(.named(topic), PartitionIndex(partition))
    }
}
