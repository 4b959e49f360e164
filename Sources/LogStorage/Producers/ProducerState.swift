/// What is remembered of one idempotent producer on a partition (KIP-98).
struct ProducerState: Sendable, Equatable {
    /// A batch that was appended, by its sequence numbers.
    struct Batch: Sendable, Equatable {
        var firstSequence: Int32
        var lastSequence: Int32
        var baseOffset: Int64
    }

    /// Clients have at most five requests under way: no other batch is sent again.
    static let rememberedBatches = 5

    var epoch: Int16
    var coordinatorEpoch: Int32 = -1
    /// The last ones of this epoch, oldest first.
    var batches: [Batch] = []
    /// Whether this epoch is known from its sequence number 0 on.
    var isWhole = false
    /// The first offset of its open transaction.
    var transactionStart: Int64?
    /// The last offset it has written, or that was written for it.
    var lastOffset: Int64 = -1
    /// The greatest timestamp of its last batch.
    var lastTimestamp: Int64 = -1
    /// When it last wrote; nil: before the start.
    var lastArrival: Int64?

    enum Verdict: Equatable {
        case fresh
        /// It was appended before, at this offset.
        case duplicate(baseOffset: Int64)
    }

    /// Whether a batch may follow what is known; as Apache Kafka's `ProducerAppendInfo`.
    ///
    /// Unlike it, sequence numbers that are certain to have been used in this epoch are told apart from a gap.
    func check(_ batch: ProducerBatch) throws(BatchRefusal) -> Verdict {
        guard batch.epoch >= epoch else {
            throw BatchRefusal(
                .staleProducerEpoch,
                "producer \(batch.producerID) has epoch \(epoch), which is later than \(batch.epoch)")
        }
        if batch.epoch == epoch, let known = batches.first(where: { $0.isSame(as: batch) }) {
            return .duplicate(baseOffset: known.baseOffset)
        }
        try checkSequence(of: batch)
        guard transactionStart == nil || batch.isTransactional else {
            throw BatchRefusal(
                .invalidTransactionState,
                "producer \(batch.producerID) has a transaction open, and the batch is not part of one")
        }
        return .fresh
    }

    private func checkSequence(of batch: ProducerBatch) throws(BatchRefusal) {
        let expected: Int32
        if batch.epoch > epoch {
            expected = 0
        } else if let last = batches.last {
            expected = ProducerBatch.sequence(last.lastSequence, advancedBy: 1)
        } else {
            // Only a marker is known: what its producer wrote before was deleted.
            guard isWhole else { return }
            expected = 0
        }
        guard batch.firstSequence != expected else { return }
        throw BatchRefusal(
            wasUsed(batch) ? .duplicateSequence : .outOfOrderSequence,
            "sequence number \(batch.firstSequence) of producer \(batch.producerID) instead of \(expected)")
    }

    /// Whether all sequence numbers of a batch lie before the remembered ones and have certainly been used.
    private func wasUsed(_ batch: ProducerBatch) -> Bool {
        guard isWhole, batch.epoch == epoch, let oldest = batches.first, let newest = batches.last else {
            return false
        }
        let isRising = newest.lastSequence >= oldest.firstSequence
        return isRising && batch.firstSequence <= batch.lastSequence
            && batch.lastSequence < oldest.firstSequence
    }

    /// Takes note of a batch that follows; returns whether it has opened a transaction.
    mutating func append(_ batch: ProducerBatch) -> Bool {
        if batch.epoch != epoch { begin(epoch: batch.epoch) }
        if batches.isEmpty { isWhole = isWhole || batch.firstSequence == 0 }
        if batches.count == Self.rememberedBatches { batches.removeFirst() }
        batches.append(
            Batch(
                firstSequence: batch.firstSequence, lastSequence: batch.lastSequence,
                baseOffset: batch.baseOffset))
        lastOffset = batch.lastOffset
        lastTimestamp = batch.timestamp
        lastArrival = batch.arrival
        guard batch.isTransactional, transactionStart == nil else { return false }
        transactionStart = batch.baseOffset
        return true
    }

    func check(_ marker: TransactionMarker) throws(BatchRefusal) {
        guard marker.producerEpoch >= epoch else {
            throw BatchRefusal(
                .staleProducerEpoch,
                "producer \(marker.producerID) has epoch \(epoch), later than \(marker.producerEpoch)")
        }
        guard marker.coordinatorEpoch >= coordinatorEpoch else {
            throw BatchRefusal(
                .invalidTransactionState,
                "a coordinator of epoch \(coordinatorEpoch) has taken over from \(marker.coordinatorEpoch)")
        }
    }

    /// Takes note of the end of a transaction; returns where it began if one was open.
    mutating func end(_ marker: TransactionMarker, at offset: Int64, arrival: Int64?) -> Int64? {
        if marker.producerEpoch != epoch {
            begin(epoch: marker.producerEpoch)
            isWhole = true
        }
        coordinatorEpoch = marker.coordinatorEpoch
        lastOffset = offset
        lastArrival = arrival
        defer { transactionStart = nil }
        return transactionStart
    }

    private mutating func begin(epoch: Int16) {
        self.epoch = epoch
        batches.removeAll(keepingCapacity: true)
        isWhole = false
    }
}

extension ProducerState.Batch {
    fileprivate func isSame(as batch: ProducerBatch) -> Bool {
        firstSequence == batch.firstSequence && lastSequence == batch.lastSequence
    }
}
