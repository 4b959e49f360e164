import NIOCore
import StreamModel
import Synchronization

/// Carries the log's answers to one event loop: however many a commit brings, the loop is woken once.
final class LoopOutbox: Sendable {
    struct Answer: Sendable {
        var connection: GatewayConnection
        var result: Result<AppendReceipt, AppendError>
    }

    private let loop: any EventLoop
    private let answers = Mutex<[Answer]>([])

    init(_ loop: any EventLoop) {
        self.loop = loop
    }

    /// From any thread.
    func deliver(_ answer: Answer) {
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
        for answer in delivered { answer.connection.finish(answer.result) }
    }
}
