import LogStorage
import NIOCore
import StreamModel
import Synchronization

/// The names of all topics, for consumers of patterns: looked up once for all of them.
final class TopicWatch: Sendable {
    struct Names: Sendable {
        /// Another one when the names are others.
        var version: UInt64 = 0
        var all: Set<TopicName> = []
    }

    private struct State {
        var names = Names()
        var lookedAt: NIODeadline?
    }

    private let state = Mutex(State())
    private let timers: any GroupTimers
    private let maxAge: TimeAmount
    private let list: @Sendable () -> [TopicName]

    /// - Parameter maxAge: names are not looked up more often.
    init(
        timers: any GroupTimers, maxAge: TimeAmount, list: @escaping @Sendable () -> [TopicName]
    ) {
        self.timers = timers
        self.maxAge = maxAge
        self.list = list
    }

    /// Does not block.
    ///
    /// - Parameter isFresh: looks them up in any case.
    func names(isFresh: Bool = false) -> Names {
        state.withLock { state in
            let now = timers.now
            if !isFresh, let lookedAt = state.lookedAt, now - lookedAt < maxAge { return state.names }
            state.lookedAt = now
            let all = Set(list())
            if all != state.names.all { state.names = Names(version: state.names.version + 1, all: all) }
            return state.names
        }
    }
}
