import KafkaWire

/// What a batch of an idempotent producer changes on its partition.
struct ProducerBatch: Sendable, Equatable {
    var producerID: Int64
    var epoch: Int16
    var firstSequence: Int32
    var lastSequence: Int32
    var baseOffset: Int64
    var lastOffset: Int64
    var isTransactional: Bool
    /// The greatest of its records, milliseconds since 1970.
    var timestamp: Int64
    /// When it came in; nil if that is not known, because the batch was found in the log.
    var arrival: Int64?

    /// Nil for a batch without producer id.
    init?(_ header: RecordBatchHeader, baseOffset: Int64, arrival: Int64?) {
        guard header.producerID >= 0 else { return nil }
        producerID = header.producerID
        epoch = header.producerEpoch
        firstSequence = header.baseSequence
        lastSequence = Self.sequence(header.baseSequence, advancedBy: header.lastOffsetDelta)
        self.baseOffset = baseOffset
        lastOffset = baseOffset + Int64(header.lastOffsetDelta)
        isTransactional = header.isTransactional
        timestamp = header.maxTimestamp
        self.arrival = arrival
    }

    /// Sequence numbers go on from 0 after the greatest.
    static func sequence(_ sequence: Int32, advancedBy count: Int32) -> Int32 {
        Int32(truncatingIfNeeded: (Int64(sequence) + Int64(count)) & Int64(Int32.max))
    }
}

/// What changes the state of producers, in the order of the log.
enum ProducerChange: Sendable, Equatable {
    case batch(ProducerBatch)
    case marker(TransactionMarker, offset: Int64, arrival: Int64?)
}
