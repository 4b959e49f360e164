import KafkaWire
import NIOCore
package import StreamModel
import Synchronization

extension CommitLog: RecordAppender {
    package func append(
        _ records: RecordList, to topic: TopicName,
        completion: @escaping @Sendable (Result<AppendReceipt, AppendError>) -> Void
    ) {
        append(records, to: topic, isSizeLimited: true, completion)
    }

    fileprivate func append(
        _ records: RecordList, to topic: TopicName, isSizeLimited: Bool,
        _ completion: @escaping @Sendable (Result<AppendReceipt, AppendError>) -> Void
    ) {
        if records.entries.isEmpty { return completion(.success(.scattered([]))) }
        if let congestion { return completion(.failure(congestion)) }
        guard let found = topics.withLock({ $0[topic] }) else {
            return createThenAppend(records, to: topic, isSizeLimited: isSizeLimited, completion)
        }
        append(records, to: found, isSizeLimited: isSizeLimited, completion)
    }

    private func createThenAppend(
        _ records: RecordList, to topic: TopicName, isSizeLimited: Bool,
        _ completion: @escaping @Sendable (Result<AppendReceipt, AppendError>) -> Void
    ) {
        guard currentState == .open else {
            return completion(.failure(AppendError(.closed, "the log is being shut down")))
        }
        guard settings.autoCreateTopics else {
            return completion(.failure(AppendError(.unknownTopic, "there is no topic \(topic)")))
        }
        createInBackground(topic) { [self] error in
            if let error {
                return completion(
                    .failure(
                        AppendError(error.codeOfAppend, "cannot make the topic \(topic): \(error.message)")))
            }
            append(records, to: topic, isSizeLimited: isSizeLimited, completion)
        }
    }

    private func append(
        _ records: RecordList, to topic: Topic, isSizeLimited: Bool,
        _ completion: @escaping @Sendable (Result<AppendReceipt, AppendError>) -> Void
    ) {
        if let refusal = refusal(of: records, by: topic, isSizeLimited: isSizeLimited) {
            return completion(.failure(refusal))
        }
        let now = clock.milliseconds
        records.bytes.withUnsafeReadableBytes { source in
            if topic.partitions.count == 1 {
                admit(records.entries, to: topic.partitions[0], source, now, completion)
            } else {
                scatter(records.entries, over: topic, source, now, completion)
            }
        }
    }

    /// What is wrong with a request, checked before any of it is taken.
    private func refusal(
        of records: RecordList, by topic: Topic, isSizeLimited: Bool
    ) -> AppendError? {
        let settings = topic.settings.current
        let maxBytes = isSizeLimited ? settings.maxMessageBytes : .max
        for entry in records.entries {
            if let partition = entry.partition,
                partition.rawValue < 0 || partition.rawValue >= topic.partitions.count
            {
                return AppendError(
                    .unknownPartition,
                    "\(topic.name) has no partition \(partition), only 0 to \(topic.partitions.count - 1)")
            }
            if entry.key == nil, settings.cleanupPolicy.compacts {
                return AppendError(
                    .invalidRecord, "\(topic.name) is compacted and takes no record without a key")
            }
            if entry.byteCount > maxBytes {
                return AppendError(
                    .recordTooLarge,
                    "a record of \(entry.byteCount) bytes is larger than \(maxBytes) (max.message.bytes of \(topic.name), "
                        + "or log.max.message.bytes)")
            }
        }
        return nil
    }

    private func admit(
        _ entries: [RecordList.Entry], to partition: PartitionLog,
        _ source: UnsafeRawBufferPointer,
        _ now: Int64, _ completion: @escaping @Sendable (Result<AppendReceipt, AppendError>) -> Void
    ) {
        switch partition.admit(entries, from: source, timestamp: now, completion: completion) {
        case .taken(let byteCount, let needsCommit): admitted(byteCount, partition, needsCommit: needsCommit)
        case .refused(let error): completion(.failure(error))
        }
    }

    /// Sends each record to its partition: the one its sender asked for, else by its key's hash, else all those
    /// without a key to one partition, the next in turn.
    private func scatter(
        _ entries: [RecordList.Entry], over topic: Topic, _ source: UnsafeRawBufferPointer, _ now: Int64,
        _ completion: @escaping @Sendable (Result<AppendReceipt, AppendError>) -> Void
    ) {
        let count = topic.partitions.count
        let keyless = topic.turn.add(1, ordering: .relaxed).newValue % count
        var places: [[Int]] = Array(repeating: [], count: count)
        for (place, entry) in entries.enumerated() {
            if let partition = entry.partition {
                places[Int(partition.rawValue)].append(place)
            } else if let key = entry.key {
                let bytes = UnsafeRawBufferPointer(rebasing: source[key.start..<key.start + key.count])
                places[Murmur2.partition(of: bytes, among: count)].append(place)
            } else {
                places[keyless].append(place)
            }
        }
        let used = places.enumerated().filter { !$0.element.isEmpty }
        let answer = ScatteredAnswer(recordCount: entries.count, parts: used.count, completion)
        for (index, places) in used {
            admit(places.map { entries[$0] }, to: topic.partitions[index], source, now) { result in
                answer.receive(result, for: places)
            }
        }
    }
}

/// Appends what the server itself passes on from one topic to another.
///
/// It was small enough for its own topic; with the headers that it gets on the way it may be larger than
/// `max.message.bytes` allows, which does not count here.
package struct PassingAppender: RecordAppender {
    private let log: CommitLog

    package init(_ log: CommitLog) {
        self.log = log
    }

    package func append(
        _ records: RecordList, to topic: TopicName,
        completion: @escaping @Sendable (Result<AppendReceipt, AppendError>) -> Void
    ) {
        log.append(records, to: topic, isSizeLimited: false, completion)
    }
}

/// Gathers the answers of several partitions to one request.
private final class ScatteredAnswer: Sendable {
    private struct State {
        var offsets: [AppendReceipt.TopicOffset]
        var missing: Int
        var isPartlyStored = false
        var error: AppendError?

        /// What the sender is told when every partition has answered.
        var answer: Result<AppendReceipt, AppendError> {
            guard var error else { return .success(.scattered(offsets)) }
            if isPartlyStored {
                // Every other code promises that nothing was stored.
                error.code = .failed
                error.message = "only some of the records were stored: " + error.message
            }
            return .failure(error)
        }
    }

    private let state: Mutex<State>
    private let completion: @Sendable (Result<AppendReceipt, AppendError>) -> Void

    init(
        recordCount: Int, parts: Int,
        _ completion: @escaping @Sendable (Result<AppendReceipt, AppendError>) -> Void
    ) {
        let none = AppendReceipt.TopicOffset(partition: PartitionIndex(0), offset: Offset(-1))
        state = Mutex(State(offsets: Array(repeating: none, count: recordCount), missing: parts))
        self.completion = completion
    }

    func receive(_ result: Result<AppendReceipt, AppendError>, for places: [Int]) {
        let answer = state.withLock { state -> Result<AppendReceipt, AppendError>? in
            if case .success = result { state.isPartlyStored = true }
            switch result {
            case .success(.run(let partition, let first)):
                for (delta, place) in places.enumerated() {
                    state.offsets[place] = .init(partition: partition, offset: first.advanced(by: delta))
                }
            case .success(.scattered(let offsets)):
                for (place, offset) in zip(places, offsets) { state.offsets[place] = offset }
            case .failure(let error): state.error = error
            }
            state.missing -= 1
            return state.missing == 0 ? state.answer : nil
        }
        if let answer { completion(answer) }
    }
}

extension RecordList.Entry {
    /// What its sender has put into it: key, value and headers.
    fileprivate var byteCount: Int {
        headers.reduce((key?.count ?? 0) + (value?.count ?? 0)) { total, header in
            total + header.name.utf8.count + (header.value?.count ?? 0)
        }
    }
}

extension LogStorageError {
    /// What the sender of records is told when their topic could not be made.
    fileprivate var codeOfAppend: AppendError.Code {
        switch code {
        case .diskFull: .diskFull
        case .invalidTopicName: .invalidTopic
        case .closed: .closed
        default: .failed
        }
    }
}
