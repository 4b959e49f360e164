import StreamModel

/// Commits on their way from the thread that reads to the one that stores.
///
/// The reader waits when too much waits: a slow store slows reading down, and nothing is lost.
final class CommitQueue: Sendable {
    private struct State {
        var waiting: [PreparedCommit] = []
        /// Of what waits and what is being stored.
        var bytes = 0
        var added = 0
        var done = 0
        var isStopped = false
    }

    private let state = ThreadSignal(State())
    private let maxBytes: Int
    private let maxCommits: Int

    /// Most commits that are stored as one.
    static let batch = 256

    init(maxBytes: Int, maxCommits: Int) {
        self.maxBytes = maxBytes
        self.maxCommits = maxCommits
    }

    /// Waits for room, then adds a commit; false if the task has been stopped.
    func add(_ commit: PreparedCommit) -> Bool {
        let hasRoom = state.wait { state -> Bool? in
            if state.isStopped { return false }
            let isFull = state.bytes >= self.maxBytes || state.added - state.done >= self.maxCommits
            return isFull ? nil : true
        }
        guard hasRoom == true else { return false }
        state.withLock(wakes: true) { state in
            state.waiting.append(commit)
            state.bytes += commit.heldBytes
            state.added += 1
        }
        return true
    }

    /// Waits for commits and takes them; nil once the task has been stopped.
    func take() -> [PreparedCommit]? {
        state.wait { state -> [PreparedCommit]?? in
            if state.isStopped { return .some(nil) }
            guard !state.waiting.isEmpty else { return nil }
            let taken = Array(state.waiting.prefix(Self.batch))
            state.waiting.removeFirst(taken.count)
            return taken
        } ?? nil
    }

    func finish(_ commits: [PreparedCommit]) {
        state.withLock(wakes: true) { state in
            state.bytes -= commits.reduce(0) { $0 + $1.heldBytes }
            state.done += commits.count
        }
    }

    /// Waits until everything is stored that has been added so far; false if the task was stopped before.
    func whenEmpty() -> Bool {
        let goal = state.withLock { $0.added }
        return state.wait { state -> Bool? in
            if state.done >= goal { return true }
            return state.isStopped ? false : nil
        } ?? false
    }

    var isStopped: Bool { state.withLock { $0.isStopped } }

    /// Waits, unless the task is stopped.
    func pause(_ time: Duration) {
        _ = state.wait(timeout: time) { $0.isStopped ? true : nil }
    }

    func stop() { state.withLock(wakes: true) { $0.isStopped = true } }
}
