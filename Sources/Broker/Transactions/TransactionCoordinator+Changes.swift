import KafkaWire
import Logging
import StreamModel
import Synchronization

extension TransactionCoordinator {
    /// What has come of a request.
    enum Outcome: Sendable {
        case answered(KafkaErrorCode)
        /// Durable now.
        case stored(TransactionState)
        case needsProducerID

        var error: KafkaErrorCode {
            switch self {
            case .answered(let code): code
            case .stored: .none
            case .needsProducerID: .unknownServerError
            }
        }
    }

    /// Lets `decide` look at a transactional id, and makes durable what it decides.
    ///
    /// - Parameter completion: called at once, or from the state writer's thread.
    func change(
        _ transactionalID: String, _ decide: (TransactionState?) -> TransactionStep,
        then completion: @escaping @Sendable (Outcome) -> Void
    ) {
        let answer: Outcome? = contents.withLock { contents in
            let previous = contents.transactions[transactionalID]
            switch decide(previous) {
            case .answer(let code): return .answered(code)
            case .needsProducerID: return .needsProducerID
            case .store(let next):
                if let refusal = contents.refusal(of: next, after: previous, settings) {
                    return .answered(refusal)
                }
                contents.transactions[transactionalID] = (previous ?? next).waiting(for: next)
                // Handed over under the lock: writes come in the order of the decisions.
                store.save(next, after: previous) { [self] error in
                    completion(settle(next, after: previous, error))
                }
                return nil
            }
        }
        if let answer { completion(answer) }
    }

    private func settle(
        _ next: TransactionState, after previous: TransactionState?, _ error: (any Error)?
    ) -> Outcome {
        contents.withLock { contents in
            contents.set(error == nil ? next : previous, for: next.transactionalID)
        }
        guard let error else { return .stored(next) }
        parts.logger.error(
            "a transaction's state could not be stored; the producer is told to try again",
            metadata: ["transactionalID": "\(next.transactionalID)", "error": "\(error)"])
        return .answered(.coordinatorNotAvailable)
    }

    // MARK: By the clock

    /// Aborts transactions that have been open for too long, and forgets ids that are no longer used.
    func tick() {
        let now = now
        let late = contents.withLock { contents in
            contents.ongoing.filter { contents.transactions[$0]?.hasTimedOut(now: now) == true }
        }
        for transactionalID in late.sorted() { abort(transactionalID, now: now) }
        let isDue = contents.withLock { contents in
            guard now >= contents.nextExpiry else { return false }
            contents.nextExpiry = now + Self.expiryInterval
            return true
        }
        if isDue { forgetUnused(now: now) }
    }

    private func abort(_ transactionalID: String, now: Int64) {
        change(transactionalID) { state in
            guard let state, state.hasTimedOut(now: now) else { return .answer(.none) }
            return .store(state.fenced(now: now))
        } then: { [self] outcome in
            guard case .stored(let state) = outcome else { return }
            counters.timedOut.add(1, ordering: .relaxed)
            parts.logger.warning(
                "a transaction was not ended in time and is aborted",
                metadata: [
                    "transactionalID": "\(transactionalID)", "producerID": "\(state.producerID)",
                    "timeout.ms": "\(state.timeoutMilliseconds)",
                ])
            complete(state) {}
        }
    }

    private static var expiryInterval: Int64 { 3_600_000 }

    private func forgetUnused(now: Int64) {
        contents.withLock { contents in
            for (transactionalID, state) in contents.transactions
            where state.hasExpired(after: settings.expirationMilliseconds, now: now) {
                contents.transactions[transactionalID]?.pending = .dead
                store.remove(transactionalID) { [self] error in
                    self.contents.withLock { contents in
                        // What could not be removed is tried again with the next round.
                        contents.set(error == nil ? nil : state, for: transactionalID)
                    }
                }
            }
        }
    }
}

extension TransactionState {
    /// This state while `next` is on its way to the disk.
    fileprivate func waiting(for next: TransactionState) -> TransactionState {
        var state = self
        let isFence = next.isPrepared && next.producerEpoch != producerEpoch
        state.pending = isFence ? .prepareEpochFence : next.status
        return state
    }
}

extension TransactionCoordinator.Contents {
    mutating func set(_ state: TransactionState?, for transactionalID: String) {
        let wasPrepared = transactions[transactionalID]?.isPrepared == true
        transactions[transactionalID] = state
        completing += (state?.isPrepared == true ? 1 : 0) - (wasPrepared ? 1 : 0)
        if state?.status == .ongoing {
            ongoing.insert(transactionalID)
        } else {
            ongoing.remove(transactionalID)
        }
    }

    fileprivate func refusal(
        of next: TransactionState, after previous: TransactionState?, _ settings: TransactionSettings
    ) -> KafkaErrorCode? {
        if previous == nil, transactions.count >= settings.maxTransactionalIDs { return .policyViolation }
        // A write of the transaction is being handed over right now.
        if next.isPrepared, writing[next.transactionalID] != nil { return .concurrentTransactions }
        return nil
    }
}
