import Synchronization

/// Where a run is, for someone who watches it from another thread.
package final class BatchProgress: Sendable {
    /// What the run is at.
    package struct Phase: Sendable {
        package var name: String
        package var done: Int
        /// 0 if the phase cannot be measured.
        package var total: Int
        /// True if `done` and `total` are bytes.
        package var isBytes: Bool
    }

    private struct State {
        var name = "starting"
        var total = 0
        var isBytes = false
        var done: @Sendable () -> Int = { 0 }
    }

    private let state = Mutex(State())

    package init() {}

    package var phase: Phase {
        let state = state.withLock { $0 }
        return Phase(
            name: state.name, done: min(state.done(), state.total), total: state.total, isBytes: state.isBytes
        )
    }

    func begin(_ name: String) {
        state.withLock { $0 = State(name: name) }
    }

    func beginReading(_ name: String, _ source: RawTableSource) {
        let total = source.objects.totalBytes
        state.withLock {
            $0 = State(name: name, total: total, isBytes: true) { source.bytesRead.load(ordering: .relaxed) }
        }
    }

    func beginFetching(_ name: String, _ total: Int, _ come: Atomic64) {
        state.withLock {
            $0 = State(name: name, total: total, isBytes: true) { come.value.load(ordering: .relaxed) }
        }
    }

    func step(_ name: String, _ done: Int, of total: Int) {
        state.withLock { $0 = State(name: name, total: total) { done } }
    }
}
