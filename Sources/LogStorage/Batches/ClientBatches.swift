import KafkaWire
import StreamModel

/// Checks what a client wants to append, before any of it is taken.
struct ClientBatches {
    let maxBatchBytes: Int

    /// - Throws: why nothing of the bytes may be stored.
    func check(_ bytes: UnsafeRawBufferPointer) throws(BatchRefusal) {
        guard !bytes.isEmpty else { throw BatchRefusal(.invalidRecord, "there is no record batch to append") }
        var position = 0
        while position < bytes.count { position += try check(bytes, at: position) }
    }

    /// Returns how many bytes the batch takes.
    private func check(_ bytes: UnsafeRawBufferPointer, at position: Int) throws(BatchRefusal) -> Int {
        guard bytes.count - position > 16 else {
            throw BatchRefusal(.corruptBatch, "the bytes end within the head of a record batch")
        }
        guard bytes[position + 16] == 2 else {
            throw BatchRefusal(
                .unsupportedFormat, "record batches of format \(bytes[position + 16]) are not taken, only 2")
        }
        let header = try wire { () throws(KafkaWireError) in try RecordBatchHeader(bytes, at: position) }
        guard header.byteCount <= maxBatchBytes else {
            throw BatchRefusal(
                .batchTooLarge,
                "a record batch of \(header.byteCount) bytes is larger than \(maxBatchBytes) (max.message.bytes)"
            )
        }
        try wire { () throws(KafkaWireError) in try header.verify(bytes, at: position) }
        try checkHead(header)
        try checkProducer(header)
        if header.attributes & 7 == 0 { try checkRecords(bytes, at: position, header) }
        return header.byteCount
    }

    private func wire<Result>(_ body: () throws(KafkaWireError) -> Result) throws(BatchRefusal) -> Result {
        do throws(KafkaWireError) {
            return try body()
        } catch {
            throw BatchRefusal(.corruptBatch, error.message)
        }
    }

    private func checkHead(_ header: RecordBatchHeader) throws(BatchRefusal) {
        guard header.attributes & 7 <= 4 else {
            throw BatchRefusal(.unsupportedCompression, "compression \(header.attributes & 7) is not known")
        }
        guard !header.isMarker else {
            throw BatchRefusal(.invalidRecord, "clients must not write control batches")
        }
        // Time of append, horizon of deletion: the log's to set.
        guard header.attributes & 0x48 == 0 else {
            throw BatchRefusal(.invalidRecord, "attributes \(header.attributes) are not a client's to set")
        }
        guard header.baseOffset == 0 else {
            throw BatchRefusal(
                .invalidRecord, "the base offset of a batch to append must be 0, not \(header.baseOffset)")
        }
        guard header.recordCount > 0, header.recordCount - 1 == header.lastOffsetDelta else {
            throw BatchRefusal(
                .invalidRecord,
                "\(header.recordCount) records, but a last offset delta of \(header.lastOffsetDelta)")
        }
    }

    private func checkProducer(_ header: RecordBatchHeader) throws(BatchRefusal) {
        guard header.producerID >= 0 else {
            guard header.isOfTransaction else { return }
            throw BatchRefusal(.invalidRecord, "a transactional batch without producer id")
        }
        guard header.producerEpoch >= 0, header.baseSequence >= 0 else {
            throw BatchRefusal(
                .invalidRecord,
                "epoch \(header.producerEpoch), sequence number \(header.baseSequence) with a producer id")
        }
    }

    private func checkRecords(
        _ bytes: UnsafeRawBufferPointer, at position: Int, _ header: RecordBatchHeader
    ) throws(BatchRefusal) {
        var next: Int64 = 0
        var areInOrder = true
        do {
            try RecordBatchDecoder.forEachRecord(bytes, at: position, header) { record in
                if record.offset.rawValue != next { areInOrder = false }
                next += 1
            }
        } catch {
            throw BatchRefusal(.invalidRecord, "\(error)")
        }
        guard areInOrder else {
            throw BatchRefusal(.invalidRecord, "the offsets of the records must rise by one from 0")
        }
    }
}
