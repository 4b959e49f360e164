import LogStorage
import StreamModel
import Synchronization

@testable import Broker

/// A log that writes down markers, and fails or holds them back when told to.
final class RecordingLog: TransactionLog {
    typealias Completion = @Sendable (Result<BatchReceipt, BatchRefusal>) -> Void

    struct Written: Equatable, Hashable {
        var partition: TopicPartition
        var producerID: Int64
        var epoch: Int16
        var isCommit: Bool
    }

    private struct State {
        var topics: [TopicName: Int]
        var written: [Written] = []
        var refusals: [TopicPartition: BatchRefusal.Code] = [:]
        var producers: [TopicPartition: [ActiveProducer]] = [:]
        var holds = false
        var held: [(TopicPartition, TransactionMarker, Completion)] = []
    }

    private let state: Mutex<State>

    init(topics: [TopicName: Int]) {
        state = Mutex(State(topics: topics))
    }

    var written: [Written] { state.withLock { $0.written } }
    var heldCount: Int { state.withLock { $0.held.count } }

    func refuse(_ partition: TopicPartition, with code: BatchRefusal.Code?) {
        state.withLock { $0.refusals[partition] = code }
    }

    func hold() {
        state.withLock { $0.holds = true }
    }

    /// Writes what was held back.
    func release() {
        let held = state.withLock { state in
            state.holds = false
            defer { state.held = [] }
            return state.held
        }
        for (partition, marker, completion) in held {
            append(marker, to: partition, completion: completion)
        }
    }

    /// Loses what was held back, as a crash does.
    func forgetHeld() {
        state.withLock { state in
            state.holds = false
            state.held = []
        }
    }

    func remember(_ producer: ActiveProducer, on partition: TopicPartition) {
        state.withLock { $0.producers[partition, default: []].append(producer) }
    }

    func producersOfAllPartitions() -> [(partition: TopicPartition, producers: [ActiveProducer])] {
        state.withLock { $0.producers.map { ($0.key, $0.value) } }
    }

    func partitionCount(of topic: TopicName) -> Int? { state.withLock { $0.topics[topic] } }

    func append(_ marker: TransactionMarker, to partition: TopicPartition, completion: @escaping Completion) {
        let result: Result<BatchReceipt, BatchRefusal>? = state.withLock { state in
            if state.holds {
                state.held.append((partition, marker, completion))
                return nil
            }
            if let code = state.refusals[partition] { return .failure(BatchRefusal(code, "told to")) }
            state.written.append(
                Written(
                    partition: partition, producerID: marker.producerID, epoch: marker.producerEpoch,
                    isCommit: marker.isCommit))
            return .success(BatchReceipt(baseOffset: Offset(0), logStartOffset: Offset(0)))
        }
        if let result { completion(result) }
    }
}
