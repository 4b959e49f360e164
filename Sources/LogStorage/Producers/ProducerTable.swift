/// The producers of a partition and their open transactions, as of one offset.
struct ProducerTable: Sendable, Equatable {
    struct OpenTransaction: Sendable, Equatable {
        var producerID: Int64
        var firstOffset: Int64
    }

    private(set) var producers: [Int64: ProducerState] = [:]
    /// By first offset.
    private(set) var open: [OpenTransaction] = []
    /// Most producers that are remembered; those idle for longest go first.
    let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    init(_ producers: [Int64: ProducerState], limit: Int) {
        self.producers = producers
        self.limit = limit
        for (id, state) in producers {
            guard let start = state.transactionStart else { continue }
            open.append(OpenTransaction(producerID: id, firstOffset: start))
        }
        open.sort { $0.firstOffset < $1.firstOffset }
    }

    var isEmpty: Bool { producers.isEmpty }

    /// Before it every transaction is decided; nil if none is open.
    var firstOpenOffset: Int64? { open.first?.firstOffset }

    // MARK: Admission

    /// Whether a batch may follow.
    ///
    /// A producer that is not known may begin with any sequence number, as with Apache Kafka since 2.5: its earlier
    /// records may have been deleted.
    func check(_ batch: ProducerBatch) throws(BatchRefusal) -> ProducerState.Verdict {
        guard let state = producers[batch.producerID] else {
            guard open.count < limit else {
                throw BatchRefusal(
                    .overloaded,
                    "\(limit) transactions are open on this partition (log.max.producers): try again shortly")
            }
            return .fresh
        }
        return try state.check(batch)
    }

    func check(_ marker: TransactionMarker) throws(BatchRefusal) {
        try producers[marker.producerID]?.check(marker)
    }

    // MARK: Changes

    /// Takes note of what was appended; returns a transaction that has been aborted by it.
    mutating func apply(_ change: ProducerChange) -> AbortedRange? {
        switch change {
        case .batch(let batch):
            let hasOpened = producers[batch.producerID, default: ProducerState(epoch: batch.epoch)]
                .append(batch)
            if hasOpened {
                open.append(
                    OpenTransaction(producerID: batch.producerID, firstOffset: batch.baseOffset))
            }
            if producers.count > limit { evict() }
            return nil
        case .marker(let marker, let offset, let arrival):
            return end(marker, at: offset, arrival: arrival)
        }
    }

    private mutating func end(
        _ marker: TransactionMarker, at offset: Int64, arrival: Int64?
    ) -> AbortedRange? {
        let id = marker.producerID
        let start = producers[id, default: ProducerState(epoch: marker.producerEpoch)]
            .end(marker, at: offset, arrival: arrival)
        defer { if producers.count > limit { evict() } }
        guard let start else { return nil }
        open.removeAll { $0.producerID == id }
        guard !marker.isCommit else { return nil }
        return AbortedRange(
            producerID: id, firstOffset: start, lastOffset: offset,
            lastStableOffset: firstOpenOffset ?? offset + 1)
    }

    /// Makes room for a tenth more, so that the search for the idle ones is rare.
    private mutating func evict() {
        let idle = producers.filter { $0.value.transactionStart == nil }
            .map { (id: $0.key, lastOffset: $0.value.lastOffset) }
            .sorted { $0.lastOffset < $1.lastOffset }
        // The newest is the one that has just come.
        for (id, _) in idle.dropLast().prefix(max(1, limit / 10)) { producers[id] = nil }
    }

    // MARK: Expiry

    /// The producers that have been idle since before `deadline`; those seen before the start only begin to count.
    mutating func takeExpired(before deadline: Int64, now: Int64) -> [Int64] {
        var expired: [Int64] = []
        for (id, state) in producers where state.transactionStart == nil {
            if let arrival = state.lastArrival {
                if arrival < deadline { expired.append(id) }
            } else {
                producers[id]?.lastArrival = now
            }
        }
        remove(expired)
        return expired
    }

    mutating func remove(_ ids: [Int64]) {
        for id in ids { producers[id] = nil }
    }
}
