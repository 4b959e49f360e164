import KafkaWire
import NIOCore
import Synchronization

/// Carries answers from other threads to one event loop, waking it once for all that pile up meanwhile.
final class AnswerOutbox: Sendable {
    struct Answer: Sendable {
        var connection: KafkaConnection
        /// Which of the connection's requests.
        var sequence: UInt64
        var response: (any KafkaResponse)?
        /// The version whose shape the response has.
        var version: Int16
    }

    private let loop: any EventLoop
    private let answers = Mutex<[Answer]>([])

    init(_ loop: any EventLoop) {
        self.loop = loop
    }

    func deliver(_ answer: Answer) {
        if loop.inEventLoop { return answer.connection.finish(answer) }
        let wasEmpty = answers.withLock { answers in
            answers.append(answer)
            return answers.count == 1
        }
        if wasEmpty { loop.execute { self.drain() } }
    }

    private func drain() {
        let delivered = answers.withLock { answers in
            defer { answers = [] }
            return answers
        }
        for answer in delivered { answer.connection.finish(answer) }
    }
}
