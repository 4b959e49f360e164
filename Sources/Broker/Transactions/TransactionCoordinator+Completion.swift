import LogStorage
import Logging
import NIOCore
import StreamModel
import Synchronization

extension TransactionCoordinator {
    /// Completes what the last run of the server has left decided, and begins to look at the clock.
    ///
    /// The log must be open.
    func start() {
        let prepared = contents.withLock { $0.transactions.values.filter(\.isPrepared) }
        if !prepared.isEmpty {
            parts.logger.info("completing transactions", metadata: ["count": "\(prepared.count)"])
        }
        for state in prepared { complete(state) {} }
        if parts.producerIDs.isNew { abortUnknown() }
        let ticks = parts.loop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) {
            [weak self] _ in self?.tick()
        }
        contents.withLock { $0.ticks = ticks }
    }

    /// Aborts transactions in the log that a lost state database has left without anybody to end them.
    private func abortUnknown() {
        for (partition, producers) in parts.log.producersOfAllPartitions() {
            for producer in producers where producer.transactionStart != nil {
                parts.logger.warning(
                    "the state database does not know of a transaction in the log: it is aborted",
                    metadata: ["partition": "\(partition)", "producerID": "\(producer.producerID)"])
                let marker = TransactionMarker(
                    producerID: producer.producerID, producerEpoch: producer.epoch, isCommit: false)
                parts.log.append(marker, to: partition) { [logger = parts.logger] result in
                    guard case .failure(let refusal) = result else { return }
                    logger.error(
                        "a transaction that nobody knows of could not be aborted; the next start tries again",
                        metadata: ["partition": "\(partition)", "reason": "\(refusal)"])
                }
            }
        }
    }

    /// Begins nothing more; what is not completed yet is, at the next start.
    func stop() {
        let ticks = contents.withLock { contents in
            contents.isStopped = true
            return contents.ticks
        }
        ticks?.cancel()
    }

    /// Carries out a decision that is durable.
    ///
    /// - Parameter answer: called once, when the end of the transaction can be seen by everybody; or earlier, if a step
    ///   fails and has to be tried again: the decision stands.
    func complete(_ state: TransactionState, then answer: @escaping @Sendable () -> Void) {
        writeMarkers(of: state, to: state.partitions.sorted(), attempt: 0, then: answer)
    }

    private func writeMarkers(
        of state: TransactionState, to partitions: [TopicPartition], attempt: Int,
        then answer: @escaping @Sendable () -> Void
    ) {
        guard !partitions.isEmpty else { return completeOffsets(of: state, attempt: 0, then: answer) }
        let marker = TransactionMarker(
            producerID: state.producerID, producerEpoch: state.producerEpoch,
            isCommit: state.status == .prepareCommit)
        let round = MarkerRound(partitions.count)
        for partition in partitions {
            parts.log.append(marker, to: partition) { [self] result in
                let failure = failure(of: result, on: partition, state)
                guard let failed = round.finished(partition, failure) else { return }
                guard let reason = failed.first?.reason else {
                    return completeOffsets(of: state, attempt: 0, then: answer)
                }
                counters.failures.add(failed.count, ordering: .relaxed)
                answer()
                again(state, attempt: attempt, "markers could not be written: \(reason)") { [self] in
                    writeMarkers(
                        of: state, to: failed.map(\.partition), attempt: attempt + 1, then: {})
                }
            }
        }
    }

    /// Why the marker has to be written once more; nil if it need not.
    private func failure(
        of result: Result<BatchReceipt, BatchRefusal>, on partition: TopicPartition, _ state: TransactionState
    ) -> BatchRefusal? {
        guard case .failure(let refusal) = result else { return nil }
        switch refusal.code {
        case .unknownPartition:
            // The topic was deleted, and its records with it.
            return nil
        case .staleProducerEpoch:
            parts.logger.warning(
                "a partition knows a later epoch of a producer than the transaction it ends",
                metadata: [
                    "transactionalID": "\(state.transactionalID)", "partition": "\(partition)",
                    "epoch": "\(state.producerEpoch)",
                ])
            return nil
        default:
            return refusal
        }
    }

    private func completeOffsets(
        of state: TransactionState, attempt: Int, then answer: @escaping @Sendable () -> Void
    ) {
        guard !state.groups.isEmpty else { return finish(state, then: answer) }
        parts.offsets.completePending(
            producerID: state.producerID, commit: state.status == .prepareCommit
        ) { [self] error in
            guard let error else { return finish(state, then: answer) }
            counters.failures.add(1, ordering: .relaxed)
            answer()
            again(state, attempt: attempt, "offsets could not be stored: \(error)") { [self] in
                completeOffsets(of: state, attempt: attempt + 1, then: {})
            }
        }
    }

    /// The completion need not be durable before the answer: without it a restart completes the transaction once more.
    private func finish(_ prepared: TransactionState, then answer: @Sendable () -> Void) {
        let now = now
        let isFirst = contents.withLock { contents in
            guard let state = contents.transactions[prepared.transactionalID],
                state.producer == prepared.producer, let completed = state.completed(now: now)
            else { return false }
            contents.set(completed, for: state.transactionalID)
            store.save(completed, after: state) { [logger = parts.logger] error in
                guard let error else { return }
                logger.warning(
                    "the end of a transaction was not written down; a restart will complete it again",
                    metadata: ["transactionalID": "\(state.transactionalID)", "error": "\(error)"])
            }
            return true
        }
        if isFirst {
            counters.countEnd(isCommit: prepared.status == .prepareCommit)
        }
        answer()
    }

    // MARK: Trying again

    private func again(
        _ state: TransactionState, attempt: Int, _ reason: String, _ body: @escaping @Sendable () -> Void
    ) {
        guard !contents.withLock({ $0.isStopped }) else { return }
        let delay = Self.backoff(attempt: attempt)
        if attempt % Self.attemptsBetweenWarnings == 0 {
            parts.logger.error(
                "a decided transaction cannot be completed yet; readers of its partitions wait",
                metadata: [
                    "transactionalID": "\(state.transactionalID)", "reason": "\(reason)",
                    "attempt": "\(attempt + 1)", "again.after": "\(delay)",
                ])
        }
        parts.loop.scheduleTask(in: delay, body)
    }

    private static var attemptsBetweenWarnings: Int { 10 }

    /// Doubles from 100 milliseconds to 10 seconds.
    static func backoff(attempt: Int) -> TimeAmount {
        .milliseconds(min(10_000, 100 << Int64(min(attempt, 7))))
    }
}

/// Gathers the results of markers that are written at the same time.
private final class MarkerRound: Sendable {
    struct Failure: Sendable {
        var partition: TopicPartition
        var reason: BatchRefusal
    }

    private struct State {
        var waiting: Int
        var failed: [Failure] = []
    }

    private let state: Mutex<State>

    init(_ count: Int) {
        state = Mutex(State(waiting: count))
    }

    /// What has failed, once all results are there; nil before.
    func finished(_ partition: TopicPartition, _ reason: BatchRefusal?) -> [Failure]? {
        state.withLock { state in
            if let reason { state.failed.append(Failure(partition: partition, reason: reason)) }
            state.waiting -= 1
            return state.waiting == 0 ? state.failed : nil
        }
    }
}
