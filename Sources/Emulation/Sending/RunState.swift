import Synchronization

/// What the senders of one run share.
final class RunState: Sendable {
    private struct Content {
        var nextPost = 0
        var isStopped = false
        var wasAnswered = false
        var tally = EmulationTally()
    }

    private let content = Mutex(Content())

    var tally: EmulationTally { content.withLock { $0.tally } }

    var isStopped: Bool { content.withLock { $0.isStopped } }

    /// Whether the server has answered anything yet.
    var wasAnswered: Bool { content.withLock { $0.wasAnswered } }

    func stop() { content.withLock { $0.isStopped = true } }

    func serverAnswered() { content.withLock { $0.wasAnswered = true } }

    /// The numbers of the posts to send next; nil when there are none left or the run was stopped.
    func takePosts(_ batch: Int, of total: Int?) -> Range<Int>? {
        content.withLock { content in
            let start = content.nextPost
            let end = min(start + batch, total ?? Int.max)
            guard !content.isStopped, start < end else { return nil }
            content.nextPost = end
            return start..<end
        }
    }

    func count(_ change: (inout EmulationTally) -> Void) {
        content.withLock { change(&$0.tally) }
    }
}
