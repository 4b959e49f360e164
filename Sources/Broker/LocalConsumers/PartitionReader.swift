import KafkaWire
import LogStorage
import NIOCore
import StreamModel

/// What a consumer is to be read next: where, and how much.
struct ReadPlan: Sendable {
    struct Entry: Sendable, Equatable {
        var partition: TopicPartition
        var place: ConsumerPositions.Place
    }

    var entries: [Entry]
    /// What is left of the poll's bytes; a record that reaches them is left for the next poll.
    var bytesLeft: Int
    var recordsLeft: Int
    /// Nothing was read for this poll yet: one record is, however large.
    var isFirst: Bool
    var objection: (@Sendable (UnsafeRawBufferPointer) -> String?)?
}

/// What was read.
struct Harvest: Sendable {
    var records = PolledRecords()
    /// Where reading began.
    var starts: [TopicPartition: Offset] = [:]
    /// Where to read on.
    var next: [TopicPartition: Offset] = [:]
    /// There is more, but not for this poll.
    var isFull = false
    var failure: ConsumerError?
}

/// Reads the log for consumers; blocks on the disk.
struct PartitionReader: Sendable {
    /// Bytes of batches that are read at a time.
    private static let chunkBytes = 1 << 20

    let log: CommitLog
    let offsets: GroupOffsets
    let group: String
    let reset: ConsumerConfiguration.OffsetReset
    let mayRead: @Sendable (TopicName) -> Bool

    /// Reads from partition after partition until the plan's bytes are used up.
    ///
    /// A failure is told beside what was read before it. A partition that is not there (any more) has no records.
    func read(_ plan: ReadPlan) -> Harvest {
        var harvest = Harvest()
        do throws(ConsumerError) {
            for entry in plan.entries {
                if let start = try start(of: entry) { harvest.starts[entry.partition] = start }
            }
            harvest.next = harvest.starts
            for entry in plan.entries where !harvest.isFull {
                if let start = harvest.starts[entry.partition] {
                    try read(entry.partition, from: start, plan, &harvest)
                }
            }
        } catch {
            harvest.failure = error
        }
        return harvest
    }

    // MARK: Where

    private func start(of entry: ReadPlan.Entry) throws(ConsumerError) -> Offset? {
        guard mayRead(entry.partition.topic) else {
            throw ConsumerError(.denied, "Not authorized to access topics: [\(entry.partition.topic)]")
        }
        guard let offsets = try currentOffsets(of: entry.partition) else { return nil }
        switch entry.place {
        case .beginning: return offsets.start
        case .end: return offsets.lastStable
        case .at(let offset): return try checked(offset, entry.partition, offsets)
        case .committed:
            guard let offset = committed(entry.partition) else {
                return try fallback(offsets) {
                    ConsumerError(
                        .noOffset,
                        "Undefined offset with no reset policy for partitions: [\(entry.partition)]")
                }
            }
            return try checked(offset, entry.partition, offsets)
        }
    }

    private func currentOffsets(of partition: TopicPartition) throws(ConsumerError) -> PartitionOffsets? {
        do throws(LogStorageError) {
            return try log.offsets(of: partition)
        } catch {
            if error.code == .unknownPartition { return nil }
            throw ConsumerError(error)
        }
    }

    private func committed(_ partition: TopicPartition) -> Offset? {
        guard case .success(let found?) = offsets.fetch([partition], group: group, requireStable: false).first
        else { return nil }
        return Offset(found.offset)
    }

    private func checked(
        _ offset: Offset, _ partition: TopicPartition, _ offsets: PartitionOffsets
    ) throws(ConsumerError) -> Offset {
        if offset >= offsets.start, offset <= offsets.end { return offset }
        return try fallback(offsets) {
            ConsumerError(
                .offsetOutOfRange,
                "Fetch position \(offset) is out of range for partition \(partition), which holds "
                    + "\(offsets.start) to \(offsets.end), and no reset policy is defined")
        }
    }

    private func fallback(
        _ offsets: PartitionOffsets, _ refusal: () -> ConsumerError
    ) throws(ConsumerError) -> Offset {
        switch reset {
        case .earliest: offsets.start
        case .latest: offsets.lastStable
        case .none: throw refusal()
        }
    }

    // MARK: What

    /// Ends a read before a record that is not to be handed out.
    private struct Stop: Error {}

    private func read(
        _ partition: TopicPartition, from start: Offset, _ plan: ReadPlan, _ harvest: inout Harvest
    ) throws(ConsumerError) {
        var next = start
        while !harvest.isFull {
            let chunk = min(max(plan.bytesLeft - harvest.records.byteCount, 1), Self.chunkBytes)
            do {
                let end = try log.read(partition, from: next, maxBytes: chunk) { record in
                    try take(record, of: partition, plan, &harvest)
                }
                guard end > next else { return }
                next = end
                harvest.next[partition] = end
            } catch is Stop {
                return
            } catch let error as LogStorageError {
                // Deleted meanwhile: the next read begins where there is something.
                if error.code == .unknownPartition || error.code == .offsetOutOfRange { return }
                throw ConsumerError(error)
            } catch {
                throw ConsumerError(.failed, "\(partition) cannot be read: \(error)")
            }
        }
    }

    private func take(
        _ record: borrowing RecordView, of partition: TopicPartition, _ plan: ReadPlan,
        _ harvest: inout Harvest
    ) throws(Stop) {
        let isFirst = plan.isFirst && harvest.records.isEmpty
        let size = (record.key?.count ?? 0) + (record.value?.count ?? 0)
        let isTooMuch =
            size >= plan.bytesLeft - harvest.records.byteCount
            || harvest.records.records.count >= plan.recordsLeft
        if !isFirst, isTooMuch {
            harvest.isFull = true
            throw Stop()
        }
        if let objection = plan.objection, let reason = reason(objection, record) {
            harvest.isFull = true
            if isFirst {
                harvest.failure = ConsumerError(
                    .unreadableRecord, "\(partition) at offset \(record.offset): \(reason)")
            }
            throw Stop()
        }
        harvest.records.append(record, of: partition)
        harvest.next[partition] = record.offset.advanced(by: 1)
    }

    private func reason(
        _ objection: (UnsafeRawBufferPointer) -> String?, _ record: borrowing RecordView
    ) -> String? {
        if let key = record.key, let reason = objection(key) { return "the key is \(reason)" }
        if let value = record.value, let reason = objection(value) { return "the value is \(reason)" }
        return nil
    }
}

extension ConsumerError {
    init(_ error: LogStorageError) {
        let code: Code =
            switch error.code {
            case .offsetOutOfRange: .offsetOutOfRange
            case .unknownPartition: .unknownPartition
            case .closed: .closed
            default: .failed
            }
        self.init(code, error.message)
    }
}
