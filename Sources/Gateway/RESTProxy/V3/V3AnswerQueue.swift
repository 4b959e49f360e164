import NIOCore
import Synchronization

/// Puts the outcomes of records, which come in any order and from any thread, in the order of the records, and sends
/// them as far as they are complete.
///
/// However many a commit of the log brings, they leave together.
final class V3AnswerQueue: Sendable {
    fileprivate struct State {
        /// Nil for those that are being waited for.
        var outcomes: [V3Outcome?] = []
        /// How many at the front of `outcomes` were sent.
        var sent = 0
        /// How many were taken out of `outcomes` at the front.
        var dropped = 0
        var isComplete = false
        var hasBegun = false
        var isScheduled = false
        var isPaused = false

        var waitingCount: Int { outcomes.count - sent }
    }

    /// Past it no more of the body is read until there are half as many.
    static let maxWaiting = 2_000

    private let exchange: Exchange
    private let clusterID: String
    private let topic: String
    private let state = Mutex(State())

    init(_ exchange: Exchange, clusterID: String, topic: String) {
        self.exchange = exchange
        self.clusterID = clusterID
        self.topic = topic
    }

    /// A place for the outcome of the next record.
    func reserve() -> Int {
        state.withLock { state in
            state.outcomes.append(nil)
            return state.dropped + state.outcomes.count - 1
        }
    }

    /// Fills a place.
    func fill(_ place: Int, with outcome: V3Outcome) {
        let isDue = state.withLock { state in
            state.outcomes[place - state.dropped] = outcome
            return place - state.dropped == state.sent && state.schedule()
        }
        if isDue { flushOnLoop() }
    }

    /// No more records come: the answer ends when all outcomes are sent.
    func complete() {
        let isDue = state.withLock { state in
            state.isComplete = true
            return state.waitingCount == 0 && state.schedule()
        }
        if isDue { flushOnLoop() }
    }

    /// Whether so many records wait that the client should.
    var isFull: Bool {
        state.withLock { state in
            state.isPaused = state.waitingCount >= Self.maxWaiting
            return state.isPaused
        }
    }

    private func flushOnLoop() {
        if exchange.loop.inEventLoop { flush() } else { exchange.loop.execute { self.flush() } }
    }

    /// On the loop alone: parts must leave in order.
    private func flush() {
        let due = state.withLock { $0.takeDue() }
        if !due.outcomes.isEmpty {
            var part = exchange.allocator.buffer(capacity: 200 * due.outcomes.count)
            for outcome in due.outcomes { write(outcome, to: &part) }
            if due.isFirst { exchange.begin(status: 200, contentType: V3Dialect.mediaType) }
            exchange.write(part)
        }
        if due.isLast {
            if due.hasBegun {
                exchange.end()
            } else {
                exchange.answer(
                    V3Error.invalidPayload("Request body is empty. Data is required.").response())
            }
        } else if due.resumes {
            exchange.resumeReading()
        }
    }

    /// One object a line, ended as in the peer.
    private func write(_ outcome: V3Outcome, to buffer: inout ByteBuffer) {
        switch outcome {
        case .success(let receipt):
            buffer.writeStaticString(#"{"error_code":200,"#)
            receipt.write(clusterID: clusterID, topic: topic, to: &buffer)
            buffer.writeStaticString("}")
        case .failure(let error): error.write(to: &buffer)
        }
        buffer.writeStaticString("\r\n")
    }
}

extension V3AnswerQueue {
    /// What a flush is to send.
    fileprivate struct Due {
        var outcomes: [V3Outcome]
        var isFirst: Bool
        var hasBegun: Bool
        var isLast: Bool
        var resumes: Bool
    }
}

extension V3AnswerQueue.State {
    /// Whether a flush has to be arranged for.
    fileprivate mutating func schedule() -> Bool {
        defer { isScheduled = true }
        return !isScheduled
    }

    fileprivate mutating func takeDue() -> V3AnswerQueue.Due {
        isScheduled = false
        var outcomes: [V3Outcome] = []
        while sent < self.outcomes.count, let outcome = self.outcomes[sent] {
            outcomes.append(outcome)
            sent += 1
        }
        if sent == self.outcomes.count || sent > 4 * V3AnswerQueue.maxWaiting {
            self.outcomes.removeFirst(sent)
            dropped += sent
            sent = 0
        }
        let isFirst = !hasBegun && !outcomes.isEmpty
        hasBegun = hasBegun || isFirst
        let resumes = isPaused && waitingCount <= V3AnswerQueue.maxWaiting / 2
        if resumes { isPaused = false }
        return .init(
            outcomes: outcomes, isFirst: isFirst, hasBegun: hasBegun,
            isLast: isComplete && waitingCount == 0, resumes: resumes)
    }
}
