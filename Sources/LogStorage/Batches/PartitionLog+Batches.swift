import KafkaWire
import StreamModel
import Synchronization

extension PartitionLog {
    enum BatchAdmission {
        /// Taken; `needsCommit` if the committer must be told, since it does not know of this partition yet.
        case taken(byteCount: Int, needsCommit: Bool)
        case refused(BatchRefusal)
    }

    /// Takes batches that were checked; `completion` runs after the commit.
    ///
    /// A batch that an idempotent producer has sent before is not stored again. Its answer waits for the commit too:
    /// the first one may not be durable yet.
    func admit(
        _ batches: UnsafeRawBufferPointer, _ corrections: [ClientBatches.Correction] = [], now: Int64,
        completion: @escaping CommitLog.BatchCompletion
    ) -> BatchAdmission {
        intake.withLock { intake in
            if let refusal = intake.refusal { return .refused(BatchRefusal(refusal)) }
            do throws(BatchRefusal) {
                let (base, byteCount) = try intake.take(batches, corrections, now: now)
                intake.waiting.append(Waiting(baseOffset: base, answer: .batches(completion)))
                defer { intake.isQueued = true }
                return .taken(byteCount: byteCount, needsCommit: !intake.isQueued)
            } catch {
                return .refused(error)
            }
        }
    }

    /// Takes the end of a transaction.
    func admit(
        _ marker: TransactionMarker, now: Int64, completion: @escaping CommitLog.BatchCompletion
    ) -> BatchAdmission {
        intake.withLock { intake in
            if let refusal = intake.refusal { return .refused(BatchRefusal(refusal)) }
            do throws(BatchRefusal) {
                try intake.producers.check(marker)
            } catch {
                return .refused(error)
            }
            let base = intake.nextOffset
            if let target = intake.buffer.extend(by: ControlBatch.byteCount).baseAddress {
                ControlBatch(marker).encode(baseOffset: base, timestamp: now, to: target)
            }
            intake.nextOffset += 1
            intake.note(.marker(marker, offset: base, arrival: now))
            intake.waiting.append(Waiting(baseOffset: base, answer: .batches(completion)))
            defer { intake.isQueued = true }
            return .taken(byteCount: ControlBatch.byteCount, needsCommit: !intake.isQueued)
        }
    }
}

extension PartitionLog.Intake {
    /// Appends all batches or none; returns the offset of the first, and how many bytes are new.
    fileprivate mutating func take(
        _ batches: UnsafeRawBufferPointer, _ corrections: [ClientBatches.Correction], now: Int64
    ) throws(BatchRefusal) -> (baseOffset: Int64, byteCount: Int) {
        var saved = (producers: ProducerTable?.none, changes: changes.count, offset: nextOffset)
        var fresh: [(position: Int, header: RecordBatchHeader, baseOffset: Int64)] = []
        var first: Int64?
        var position = 0
        do throws(BatchRefusal) {
            while position < batches.count {
                let header = try Self.header(batches, at: position)
                let isLast = position + header.byteCount == batches.count
                // Nothing can fail behind the last batch's own check.
                if !isLast, saved.producers == nil, header.producerID >= 0 { saved.producers = producers }
                let base = try place(header, now: now)
                if base == nextOffset {
                    fresh.append((position, header, base))
                    nextOffset = base + Int64(header.lastOffsetDelta) + 1
                }
                first = first ?? base
                position += header.byteCount
            }
        } catch {
            if let producers = saved.producers { self.producers = producers }
            changes.removeLast(changes.count - saved.changes)
            nextOffset = saved.offset
            throw error
        }
        for batch in fresh {
            let target = store(batches, batch.position, batch.header, batch.baseOffset)
            guard let correction = corrections.first(where: { $0.position == batch.position }) else {
                continue
            }
            RecordBatchHeader.correct(maxTimestamp: correction.maxTimestamp, in: target)
        }
        return (first ?? nextOffset, fresh.reduce(0) { $0 + $1.header.byteCount })
    }

    /// The offset that a batch gets: the next one, or that of its first coming.
    private mutating func place(_ header: RecordBatchHeader, now: Int64) throws(BatchRefusal) -> Int64 {
        guard let batch = ProducerBatch(header, baseOffset: nextOffset, arrival: now) else {
            return nextOffset
        }
        if case .duplicate(let baseOffset) = try producers.check(batch) { return baseOffset }
        note(.batch(batch))
        return nextOffset
    }

    fileprivate mutating func note(_ change: ProducerChange) {
        _ = producers.apply(change)
        changes.append(change)
    }

    /// Copies a batch to the end of the buffer, with its place in the log, which its checksum does not cover.
    private mutating func store(
        _ batches: UnsafeRawBufferPointer, _ position: Int, _ header: RecordBatchHeader, _ baseOffset: Int64
    ) -> UnsafeMutableRawBufferPointer {
        let target = buffer.extend(by: header.byteCount)
        target.copyMemory(
            from: UnsafeRawBufferPointer(rebasing: batches[position..<position + header.byteCount]))
        target.storeBytes(of: baseOffset.bigEndian, toByteOffset: 0, as: Int64.self)
        // The leader's epoch.
        target.storeBytes(of: Int32(0), toByteOffset: 12, as: Int32.self)
        return target
    }

    private static func header(
        _ batches: UnsafeRawBufferPointer, at position: Int
    ) throws(BatchRefusal) -> RecordBatchHeader {
        do throws(KafkaWireError) {
            return try RecordBatchHeader(batches, at: position)
        } catch {
            throw BatchRefusal(.corruptBatch, error.message)
        }
    }
}

extension RecordBatchHeader {
    /// Puts another greatest timestamp in a whole batch, and the checksum that goes with it.
    fileprivate static func correct(maxTimestamp: Int64, in batch: UnsafeMutableRawBufferPointer) {
        batch.storeBytes(of: maxTimestamp.bigEndian, toByteOffset: 35, as: Int64.self)
        let checksum = Checksum.crc32c(UnsafeRawBufferPointer(rebasing: batch[21...]))
        batch.storeBytes(of: checksum.bigEndian, toByteOffset: 17, as: UInt32.self)
    }
}

extension ControlBatch {
    fileprivate init(_ marker: TransactionMarker) {
        self.init(
            producerID: marker.producerID, producerEpoch: marker.producerEpoch, isCommit: marker.isCommit,
            coordinatorEpoch: marker.coordinatorEpoch)
    }
}

extension BatchRefusal {
    init(_ error: AppendError) {
        let code: Code =
            switch error.code {
            case .unknownTopic, .unknownPartition, .invalidTopic: .unknownPartition
            case .recordTooLarge: .batchTooLarge
            case .invalidRecord: .invalidRecord
            case .overloaded: .overloaded
            case .diskFull: .diskFull
            case .failed: .failed
            case .closed: .closed
            }
        self.init(code, error.message)
    }
}
