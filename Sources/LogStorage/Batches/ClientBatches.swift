import KafkaWire

/// Checks what a client wants to append, before any of it is taken.
struct ClientBatches {
    let maxBatchBytes: Int
    /// Whether each record needs a key, since the topic is compacted.
    let requiresKeys: Bool

    /// A batch whose head names another greatest timestamp than its records have.
    struct Correction {
        var position: Int
        var maxTimestamp: Int64
    }

    init(_ settings: LogSettings) {
        maxBatchBytes = settings.maxMessageBytes
        requiresKeys = settings.cleanupPolicy.compacts
    }

    /// Returns what has to be put right; Apache Kafka does so too.
    ///
    /// - Throws: why nothing of the bytes may be stored.
    func check(_ bytes: UnsafeRawBufferPointer) throws(BatchRefusal) -> [Correction] {
        guard !bytes.isEmpty else { throw BatchRefusal(.invalidRecord, "there is no record batch to append") }
        var corrections: [Correction] = []
        var position = 0
        while position < bytes.count {
            try checkSize(bytes, at: position)
            let checked: CheckedBatch
            do throws(KafkaWireError) {
                checked = try RecordBatchValidator.validate(bytes, at: position)
            } catch {
                throw BatchRefusal(error)
            }
            try checkProducer(checked.header)
            guard !requiresKeys || !checked.hasRecordWithoutKey else {
                throw BatchRefusal(.invalidRecord, "a compacted topic takes no record without a key")
            }
            if checked.maxTimestamp != checked.header.maxTimestamp {
                corrections.append(Correction(position: position, maxTimestamp: checked.maxTimestamp))
            }
            position += checked.header.byteCount
        }
        return corrections
    }

    /// Comes first, so that no large batch is looked into in vain.
    private func checkSize(_ bytes: UnsafeRawBufferPointer, at position: Int) throws(BatchRefusal) {
        guard let header = try? RecordBatchHeader(bytes, at: position),
            header.byteCount <= bytes.count - position, header.byteCount > maxBatchBytes
        else { return }
        throw BatchRefusal(
            .batchTooLarge,
            "a record batch of \(header.byteCount) bytes is larger than \(maxBatchBytes) (max.message.bytes)")
    }

    private func checkProducer(_ header: RecordBatchHeader) throws(BatchRefusal) {
        guard header.producerID >= 0 else {
            guard header.isTransactional else { return }
            throw BatchRefusal(.invalidRecord, "a transactional batch without producer id")
        }
        guard header.producerEpoch >= 0 else {
            throw BatchRefusal(.invalidRecord, "epoch \(header.producerEpoch) with a producer id")
        }
    }
}

extension BatchRefusal {
    fileprivate init(_ error: KafkaWireError) {
        let code: Code =
            switch error.code {
            case .unsupportedFormat: .unsupportedFormat
            case .unsupportedCompression: .unsupportedCompression
            case .invalidRecord: .invalidRecord
            case .tooLarge: .batchTooLarge
            default: .corruptBatch
            }
        self.init(code, error.message)
    }
}
