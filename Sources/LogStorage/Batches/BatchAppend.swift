package import NIOCore
package import StreamModel

/// Where record batches came to lie.
package struct BatchReceipt: Sendable, Equatable {
    /// The offset of the first record; of a batch that was there before, the one it has got then.
    package var baseOffset: Offset
    /// The first offset that retention has left.
    package var logStartOffset: Offset

    package init(baseOffset: Offset, logStartOffset: Offset) {
        self.baseOffset = baseOffset
        self.logStartOffset = logStartOffset
    }
}

/// Why record batches were not appended; nothing of them is stored.
package struct BatchRefusal: Error, Equatable {
    package enum Code: Sendable, CaseIterable {
        /// Format, checksum or sizes contradict each other.
        case corruptBatch
        /// The batch is whole, and a record in it is not allowed: no key in a compacted topic, offsets not in order.
        case invalidRecord
        /// A record batch of format 0 or 1.
        case unsupportedFormat
        case unsupportedCompression
        case batchTooLarge
        case unknownPartition
        /// Sequence numbers of an idempotent producer leave a gap.
        case outOfOrderSequence
        /// Sequence numbers that were used before, by a batch too old to be remembered.
        case duplicateSequence
        /// A producer of the same id with a later epoch has taken over.
        case staleProducerEpoch
        /// The producer's earlier sequence numbers are not known (any more).
        case unknownProducer
        /// A transactional batch outside a transaction of its producer, or the other way round.
        case invalidTransactionState
        /// Too much is waiting to be written: try again shortly.
        case overloaded
        case diskFull
        /// The partition has stopped because of damage or a disk error: an operator must look.
        case failed
        case closed
    }

    package var code: Code
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

/// The end of a transaction on one partition, written as a control batch.
package struct TransactionMarker: Sendable, Equatable {
    package var producerID: Int64
    package var producerEpoch: Int16
    package var isCommit: Bool
    package var coordinatorEpoch: Int32

    package init(producerID: Int64, producerEpoch: Int16, isCommit: Bool, coordinatorEpoch: Int32 = 0) {
        self.producerID = producerID
        self.producerEpoch = producerEpoch
        self.isCommit = isCommit
        self.coordinatorEpoch = coordinatorEpoch
    }
}

extension CommitLog {
    package typealias BatchCompletion = @Sendable (Result<BatchReceipt, BatchRefusal>) -> Void

    /// Appends the record batches of a client, each as it was encoded but for base offset and leader epoch.
    ///
    /// Batches are checked whole before any is taken. `completion` runs exactly once, on any thread, when they are
    /// stored by the log's flush policy; it must not block. Calls for one partition are taken in the order they come.
    /// A transactional batch opens its producer's transaction on the partition.
    package func append(
        _ batches: ByteBuffer, to partition: TopicPartition, completion: @escaping BatchCompletion
    ) {
        if let congestion { return completion(.failure(BatchRefusal(congestion))) }
        guard let log = try? log(of: partition) else { return completion(.failure(.unknown(partition))) }
        let admission = batches.withUnsafeReadableBytes { bytes -> PartitionLog.BatchAdmission in
            do throws(BatchRefusal) {
                let corrections = try ClientBatches(log.settings).check(bytes)
                return log.admit(bytes, corrections, now: clock.milliseconds, completion: completion)
            } catch {
                return .refused(error)
            }
        }
        finish(admission, of: log, completion)
    }

    /// Ends a producer's transaction on a partition; no error if none is open.
    package func append(
        _ marker: TransactionMarker, to partition: TopicPartition, completion: @escaping BatchCompletion
    ) {
        // However much waits, a transaction can end: that is what lets readers go on.
        guard let log = try? log(of: partition) else { return completion(.failure(.unknown(partition))) }
        finish(log.admit(marker, now: clock.milliseconds, completion: completion), of: log, completion)
    }

    private func finish(
        _ admission: PartitionLog.BatchAdmission, of log: PartitionLog, _ completion: BatchCompletion
    ) {
        switch admission {
        case .taken(let byteCount, let needsCommit): admitted(byteCount, log, needsCommit: needsCommit)
        case .refused(let refusal): completion(.failure(refusal))
        }
    }
}

extension BatchRefusal {
    fileprivate static func unknown(_ partition: TopicPartition) -> BatchRefusal {
        BatchRefusal(.unknownPartition, "there is no partition \(partition)")
    }
}
