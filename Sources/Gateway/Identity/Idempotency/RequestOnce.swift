import NIOCore
import StreamModel
import Synchronization

/// One request with an `Idempotency-Key`, from its first byte to its answer: what it appends is appended once.
///
/// The order that makes it so: where the log ends is durable before the first record goes in, each record carries the
/// request's id, and the answer is remembered after it. So a request that was cut off anywhere finds its own records
/// again, and only those that are missing are appended.
final class RequestOnce: AppendOnce {
    /// The largest answer that is kept; a larger one is made again from the log.
    static let maxAnswerBytes = 64 << 10

    private struct State {
        /// Appends so far, and those without an answer.
        var calls = 0
        var underWay = 0
        /// Something is in the log, or may be.
        var hasStored = false
        /// No answer will come.
        var isAbandoned = false
        var isOver = false
    }

    let key: RequestKey
    private let repeats: RequestRepeats
    /// What an earlier try of the same request was about to append.
    private let earlier: [RequestMemory.Attempt]
    private let state: Mutex<State>

    init(_ key: RequestKey, earlier: [RequestMemory.Attempt], repeats: RequestRepeats) {
        self.key = key
        self.earlier = earlier
        self.repeats = repeats
        state = Mutex(State(hasStored: !earlier.isEmpty))
    }

    // MARK: Appending

    func append(
        _ records: RecordList, to topic: TopicName, by appender: any RecordAppender,
        completion: @escaping @Sendable (Result<AppendReceipt, AppendError>) -> Void
    ) {
        let call = state.withLock { state -> Int? in
            guard !state.isOver, !state.isAbandoned else { return nil }
            defer { state.calls += 1 }
            state.underWay += 1
            return state.calls
        }
        guard let call else {
            return completion(.failure(AppendError(.closed, "the client of the request is gone")))
        }
        var records = records
        for place in records.entries.indices {
            records.entries[place].headers.append(StoredRecords.mark(key.id, call: call, place: place))
        }
        let marked = records
        let settled: @Sendable (Result<AppendReceipt, AppendError>) -> Void = { [self] result in
            settle(result)
            completion(result)
        }
        repeats.onThread { [self] in
            if let attempt = earlier.first(where: { $0.call == call && $0.topic == topic }) {
                resume(marked, attempt, appender, settled)
            } else {
                begin(marked, to: topic, call, appender, settled)
            }
        } orElse: {
            settled(.failure(AppendError(.closed, "the server is being shut down")))
        }
    }

    private func begin(
        _ records: RecordList, to topic: TopicName, _ call: Int, _ appender: any RecordAppender,
        _ completion: @escaping @Sendable (Result<AppendReceipt, AppendError>) -> Void
    ) {
        let ends = repeats.stored?.ends(of: topic) ?? [:]
        let attempt = RequestMemory.Attempt(call: call, topic: topic, ends: ends)
        repeats.memory.begin(key, attempt, at: repeats.clock.milliseconds) { error in
            if let error {
                let message = "the Idempotency-Key cannot be remembered (\(error)): try again"
                return completion(.failure(AppendError(.overloaded, message)))
            }
            appender.append(records, to: topic, completion: completion)
        }
    }

    /// Appends what an earlier try has not.
    private func resume(
        _ records: RecordList, _ attempt: RequestMemory.Attempt, _ appender: any RecordAppender,
        _ completion: @escaping @Sendable (Result<AppendReceipt, AppendError>) -> Void
    ) {
        let found: [Int: AppendReceipt.TopicOffset]
        do {
            found = try repeats.stored?.find(key.id, attempt) ?? [:]
        } catch {
            let message = "what the request stored before cannot be read: \(error)"
            return completion(.failure(AppendError(.failed, message)))
        }
        let places = Array(records.entries.indices)
        let missing = places.filter { found[$0] == nil }
        guard !missing.isEmpty else {
            return completion(.success(.scattered(places.compactMap { found[$0] })))
        }
        var rest = records
        rest.entries = missing.map { records.entries[$0] }
        appender.append(rest, to: attempt.topic) { result in
            completion(
                result.map { receipt in
                    var all = found
                    for (number, place) in missing.enumerated() {
                        all[place] = receipt.offset(of: number)
                    }
                    return .scattered(places.compactMap { all[$0] })
                })
        }
    }

    private func settle(_ result: Result<AppendReceipt, AppendError>) {
        let isLast = state.withLock { state in
            state.underWay -= 1
            switch result {
            case .success: state.hasStored = true
            case .failure(let error): if error.code == .failed { state.hasStored = true }
            }
            return state.isAbandoned && state.underWay == 0
        }
        if isLast { conclude(nil) }
    }

    // MARK: Its end

    /// The request was answered so; a repetition gets the same.
    func answered(_ response: GatewayResponse) { conclude(response) }

    /// The client is gone; a repetition goes on from what is in the log.
    func abandon() {
        let isLast = state.withLock { state in
            state.isAbandoned = true
            return state.underWay == 0
        }
        if isLast { conclude(nil) }
    }

    private func conclude(_ response: GatewayResponse?) {
        let (isFirst, hasStored, hasCalls) = state.withLock { state in
            defer { state.isOver = true }
            return (!state.isOver, state.hasStored, state.calls > 0)
        }
        guard isFirst else { return }
        if let response, response.status < 400, hasStored, hasCalls,
            response.body.readableBytes <= Self.maxAnswerBytes
        {
            repeats.finish(key, response)
        } else {
            repeats.leave(key, forgets: hasCalls && !hasStored)
        }
    }

    deinit { conclude(nil) }
}

extension AppendReceipt {
    /// Where the record of this place lies.
    func offset(of place: Int) -> TopicOffset? {
        switch self {
        case .run(let partition, let first):
            TopicOffset(partition: partition, offset: first.advanced(by: place))
        case .scattered(let offsets): offsets.indices.contains(place) ? offsets[place] : nil
        }
    }
}
