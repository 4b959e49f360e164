import KafkaWire
import StreamModel

extension TransactionState {
    /// Begins a session of a producer: it gets an epoch of its own, which fences every session before it.
    ///
    /// - Parameters:
    ///   - expected: who the producer believes to be, when it goes on after an error.
    ///   - freshProducerID: an id nobody has had; only used after `needsProducerID`.
    func initialised(
        timeoutMilliseconds: Int32, expected: ProducerIdentity?, freshProducerID: Int64? = nil, now: Int64
    ) -> TransactionStep {
        guard pending == nil else { return .answer(.concurrentTransactions) }
        if let expected, !mayStandFor(expected) { return .answer(.producerFenced) }
        switch status {
        case .prepareCommit, .prepareAbort: return .answer(.concurrentTransactions)
        case .ongoing: return .store(fenced(now: now))
        case .dead, .prepareEpochFence: return .answer(.unknownServerError)
        case .empty, .completeCommit, .completeAbort: break
        }
        var next = self
        next.status = .empty
        next.partitions = []
        next.groups = []
        next.startTimestamp = -1
        next.updateTimestamp = now
        next.timeoutMilliseconds = timeoutMilliseconds
        if Self.isExhausted(producerEpoch), expected == nil || expected?.epoch == producerEpoch {
            guard let freshProducerID else { return .needsProducerID }
            next.previousProducerID = producerID
            next.producerID = freshProducerID
            next.lastProducerEpoch = expected == nil ? Self.noEpoch : producerEpoch
            next.producerEpoch = 0
            return .store(next)
        }
        return next.bumped(expected: expected?.epoch)
    }

    private func mayStandFor(_ expected: ProducerIdentity) -> Bool {
        // The id was forgotten, and the producer may begin anew.
        if producerEpoch == Self.noEpoch { return true }
        if expected.id == producerID { return true }
        // A repeated request that brought the new id, the answer to which was lost.
        return expected.id == previousProducerID && Self.isExhausted(expected.epoch)
    }

    private func bumped(expected: Int16?) -> TransactionStep {
        var next = self
        if expected == nil || producerEpoch == Self.noEpoch || expected == producerEpoch {
            guard !Self.isExhausted(producerEpoch) else { return .answer(.producerFenced) }
            next.producerEpoch = producerEpoch + 1
            next.lastProducerEpoch = expected == nil ? Self.noEpoch : producerEpoch
            return .store(next)
        }
        // The request before this one got its answer lost: the same epoch again. A session in between would have
        // left no last epoch.
        guard expected == lastProducerEpoch else { return .answer(.producerFenced) }
        return .store(next)
    }

    /// Ends an open transaction against the will of its producer.
    ///
    /// The new epoch is nobody's: the markers carry it, and whatever the old session still sends is refused.
    func fenced(now: Int64) -> TransactionState {
        var next = self
        next.producerEpoch = producerEpoch == .max ? .max : producerEpoch + 1
        next.lastProducerEpoch = Self.noEpoch
        next.status = .prepareAbort
        next.updateTimestamp = now
        return next
    }

    /// Takes partitions, or a group whose offsets are to be committed, into the transaction; begins one if none is open.
    func adding(
        _ added: Set<TopicPartition>, groups addedGroups: Set<String> = [], by producer: ProducerIdentity,
        now: Int64
    ) -> TransactionStep {
        if let refusal = refusal(of: producer) { return .answer(refusal) }
        guard pending == nil, !isPrepared else { return .answer(.concurrentTransactions) }
        var next = self
        if status == .ongoing {
            if added.isSubset(of: partitions), addedGroups.isSubset(of: groups) { return .answer(.none) }
        } else {
            next.status = .ongoing
            next.startTimestamp = now
            next.previousProducerID = Self.noProducerID
            next.partitions = []
            next.groups = []
        }
        next.partitions.formUnion(added)
        next.groups.formUnion(addedGroups)
        next.updateTimestamp = now
        return .store(next)
    }

    private func refusal(of producer: ProducerIdentity) -> KafkaErrorCode? {
        guard producer.id == producerID else { return .invalidProducerIDMapping }
        return producer.epoch == producerEpoch ? nil : .producerFenced
    }

    /// Decides the transaction; a repeated decision is answered, the opposite one refused.
    func ended(commit: Bool, by producer: ProducerIdentity, now: Int64) -> TransactionStep {
        if let refusal = refusal(of: producer) { return .answer(refusal) }
        guard pending == nil else { return .answer(.concurrentTransactions) }
        switch status {
        case .ongoing:
            var next = self
            next.status = commit ? .prepareCommit : .prepareAbort
            next.updateTimestamp = now
            return .store(next)
        case .prepareCommit: return .answer(commit ? .concurrentTransactions : .invalidTxnState)
        case .prepareAbort: return .answer(commit ? .invalidTxnState : .concurrentTransactions)
        case .completeCommit: return .answer(commit ? .none : .invalidTxnState)
        case .completeAbort: return .answer(commit ? .invalidTxnState : .none)
        case .empty, .dead, .prepareEpochFence: return .answer(.invalidTxnState)
        }
    }

    /// The state once all markers are written and the offsets of groups hold; nil if no decision was made.
    func completed(now: Int64) -> TransactionState? {
        guard isPrepared else { return nil }
        var next = self
        next.status = status == .prepareCommit ? .completeCommit : .completeAbort
        next.partitions = []
        next.groups = []
        next.updateTimestamp = now
        return next
    }

    /// Whether the producer may write to the partition now.
    func check(_ producer: ProducerIdentity, writesTo partition: TopicPartition) -> KafkaErrorCode {
        check(producer, isPartOfIt: partitions.contains(partition))
    }

    /// Whether the producer may commit offsets of the group now.
    func check(_ producer: ProducerIdentity, commitsOffsetsOf group: String) -> KafkaErrorCode {
        check(producer, isPartOfIt: groups.contains(group))
    }

    private func check(_ producer: ProducerIdentity, isPartOfIt: Bool) -> KafkaErrorCode {
        guard producer.id == producerID else { return .invalidProducerIDMapping }
        guard producer.epoch == producerEpoch else { return .invalidProducerEpoch }
        guard status == .ongoing, pending == nil || pending == .ongoing, isPartOfIt else {
            return .invalidTxnState
        }
        return .none
    }
}
