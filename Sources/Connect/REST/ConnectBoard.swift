import Synchronization

/// Where the web port finds the worker, which starts after it.
package final class ConnectBoard: Sendable {
    private struct State: Sendable {
        var worker: ConnectWorker?
        var clusterID = ""
    }

    private let state = Mutex(State())

    package init() {}

    var worker: ConnectWorker? { state.withLock { $0.worker } }
    var clusterID: String { state.withLock { $0.clusterID } }

    /// From now on requests are served.
    package func set(_ worker: ConnectWorker, clusterID: String) {
        state.withLock { $0 = State(worker: worker, clusterID: clusterID) }
    }
}
