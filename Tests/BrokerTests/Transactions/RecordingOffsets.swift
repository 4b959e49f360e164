import KafkaWire
import StreamModel
import Synchronization

@testable import Broker

/// Groups that write down what the coordinator tells them.
final class RecordingOffsets: TransactionalOffsets {
    struct Ended: Equatable {
        var producerID: Int64
        var isCommit: Bool
    }

    private struct State {
        var commits: [TransactionalOffsetCommit] = []
        var ended: [Ended] = []
        var failures = 0
        var error = KafkaErrorCode.none
        var holds = false
        var held: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())

    var commits: [TransactionalOffsetCommit] { state.withLock { $0.commits } }
    var ended: [Ended] { state.withLock { $0.ended } }

    /// Lets the next completions fail.
    func fail(times: Int) {
        state.withLock { $0.failures = times }
    }

    func refuse(with error: KafkaErrorCode) {
        state.withLock { $0.error = error }
    }

    func hold() {
        state.withLock { $0.holds = true }
    }

    func release() {
        let held = state.withLock { state in
            state.holds = false
            defer { state.held = [] }
            return state.held
        }
        for completion in held { completion() }
    }

    func commitPending(
        _ commit: TransactionalOffsetCommit,
        then completion: @escaping @Sendable ([TopicPartition: KafkaErrorCode]) -> Void
    ) {
        let isHeld = state.withLock { state in
            state.commits.append(commit)
            let pairs = commit.positions.map { [error = state.error] in ($0.partition, error) }
            let answer = Dictionary(pairs, uniquingKeysWith: { first, _ in first })
            state.held.append { completion(answer) }
            return state.holds
        }
        if !isHeld { release() }
    }

    func completePending(
        producerID: Int64, commit: Bool, then completion: @escaping @Sendable ((any Error)?) -> Void
    ) {
        let fails = state.withLock { state in
            guard state.failures == 0 else {
                state.failures -= 1
                return true
            }
            state.ended.append(Ended(producerID: producerID, isCommit: commit))
            return false
        }
        completion(fails ? KafkaErrorCode.coordinatorNotAvailable : nil)
    }
}
