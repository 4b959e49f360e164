/// What is known of a batch of a client after it was checked whole.
package struct CheckedBatch: Sendable, Equatable {
    package var header: RecordBatchHeader
    package var compression: Compression
    /// The greatest time of a record.
    ///
    /// The head's may differ: Apache Kafka corrects the head then.
    package var maxTimestamp: Int64
    /// Whether a record has no key, which a compacted topic does not take.
    package var hasRecordWithoutKey: Bool
    /// The bytes of all records, decompressed.
    package var recordByteCount: Int
}

/// Checks record batches from outside before they are stored: each byte that a reader will rely on.
///
/// As Apache Kafka's `LogValidator` and `UnifiedLog.analyzeAndValidateRecords`. Stricter: offsets within a batch rise
/// by one (Kafka writes such a batch anew), null is told by -1 only, and the bit for compaction's delete horizon is
/// refused. Two checks are the caller's, since they depend on the topic: the size of the batch and the times.
package enum RecordBatchValidator {
    /// Checks the batch at `position`; another may follow it.
    ///
    /// - Parameter decompressor: one to use again and again; by default one is borrowed from a pool.
    /// - Throws:
    ///   - `corrupt` if the bytes end within the batch, or contradict its checksum or sizes;
    ///   - `unsupportedFormat` for the formats 0 and 1, and those to come;
    ///   - `unsupportedCompression`;
    ///   - `invalidRecord` if all bytes came as they were sent, and are still no batch that a client may write;
    ///   - `tooLarge` if the records take more than the decompressor's limit.
    package static func validate(
        _ bytes: UnsafeRawBufferPointer, at position: Int = 0, using decompressor: Decompressor? = nil
    ) throws(KafkaWireError) -> CheckedBatch {
        let header = try head(bytes, at: position)
        try header.verify(bytes, at: position)
        let compression = try checkHead(header)
        let records = UnsafeRawBufferPointer(
            rebasing: bytes[position + RecordBatchHeader.size..<position + header.byteCount])
        if compression == .none { return try checkRecords(records, header, compression) }
        try checkFrame(records, compression)
        if let decompressor { return try checkCompressed(records, header, compression, decompressor) }
        return try Decompressor.borrowed { decompressor throws(KafkaWireError) in
            try checkCompressed(records, header, compression, decompressor)
        }
    }

    private static func head(
        _ bytes: UnsafeRawBufferPointer, at position: Int
    ) throws(KafkaWireError) -> RecordBatchHeader {
        // Formats 0 and 1 are shorter: their byte of format comes first of all that is looked at.
        guard bytes.count - position > 16 else { throw truncated }
        let format = bytes[position + 16]
        guard format == 2 else {
            throw KafkaWireError(
                .unsupportedFormat,
                "record batches of format \(format) are not taken: use a client of Kafka 0.11 or later")
        }
        guard bytes.count - position >= RecordBatchHeader.size else { throw truncated }
        let header = try RecordBatchHeader(bytes, at: position)
        guard header.byteCount <= bytes.count - position else { throw truncated }
        return header
    }

    private static var truncated: KafkaWireError {
        KafkaWireError(.corrupt, "the bytes end within a record batch")
    }

    private static func invalid(_ message: String) -> KafkaWireError {
        KafkaWireError(.invalidRecord, message)
    }

    private static func checkHead(_ header: RecordBatchHeader) throws(KafkaWireError) -> Compression {
        guard let compression = header.compression else {
            throw KafkaWireError(
                .unsupportedCompression,
                "compression \(header.attributes & RecordBatchHeader.Attributes.compression) is not known")
        }
        guard !header.isControl else { throw invalid("clients must not write control batches") }
        guard !header.hasLogAppendTime, header.deleteHorizon == nil else {
            throw invalid("clients must not set the time of the append or the delete horizon")
        }
        guard header.baseOffset == 0 else {
            throw invalid("the base offset of a batch to append must be 0, not \(header.baseOffset)")
        }
        guard header.recordCount > 0, header.recordCount - 1 == header.lastOffsetDelta else {
            throw invalid(
                "a batch of \(header.recordCount) records with a last offset delta of \(header.lastOffsetDelta)"
            )
        }
        guard header.producerID < 0 || header.baseSequence >= 0 else {
            throw invalid("a batch of producer \(header.producerID) without a sequence number")
        }
        return compression
    }

    /// Refuses LZ4 frames whose blocks refer back to one another: Kafka's Java clients cannot read them.
    private static func checkFrame(
        _ records: UnsafeRawBufferPointer, _ compression: Compression
    ) throws(KafkaWireError) {
        guard compression == .lz4, records.count > 4, records[4] & 0x20 == 0 else { return }
        throw invalid("the blocks of an LZ4 frame must be independent of each other")
    }

    private static func checkCompressed(
        _ records: UnsafeRawBufferPointer, _ header: RecordBatchHeader, _ compression: Compression,
        _ decompressor: Decompressor
    ) throws(KafkaWireError) -> CheckedBatch {
        let plain: UnsafeRawBufferPointer
        do throws(KafkaWireError) {
            plain = try decompressor.decompress(records, compression)
        } catch {
            // The checksum is right, so sending it again would not help.
            throw error.code == .corrupt ? invalid(error.message) : error
        }
        return try checkRecords(plain, header, compression)
    }

    private static func checkRecords(
        _ bytes: UnsafeRawBufferPointer, _ header: RecordBatchHeader, _ compression: Compression
    ) throws(KafkaWireError) -> CheckedBatch {
        var walk = RecordWalk(baseTimestamp: header.baseTimestamp)
        do throws(KafkaWireError) {
            for index in 0..<Int(header.recordCount) { try walk.step(bytes, index: index) }
        } catch {
            throw invalid(error.message)
        }
        guard walk.position == bytes.count else {
            throw invalid("\(bytes.count - walk.position) bytes follow the last record of a batch")
        }
        return CheckedBatch(
            header: header, compression: compression, maxTimestamp: walk.maxTimestamp,
            hasRecordWithoutKey: walk.hasRecordWithoutKey, recordByteCount: bytes.count)
    }
}

/// Goes over records one by one and checks their structure.
private struct RecordWalk {
    let baseTimestamp: Int64
    var position = 0
    var maxTimestamp = Int64.min
    var hasRecordWithoutKey = false

    private static let invalid = KafkaWireError(.invalidRecord, "a record contradicts its length")
    private static let misplaced = KafkaWireError(
        .invalidRecord, "the offsets of the records in a batch must rise by one from 0")

    @inline(__always)
    mutating func step(_ bytes: UnsafeRawBufferPointer, index: Int) throws(KafkaWireError) {
        var next = position
        let length = try Varint.read32(bytes, at: &next, end: bytes.count)
        guard length > 0, length <= bytes.count - next else { throw Self.invalid }
        let end = next + length
        // The record's attributes: no bit of them means anything.
        next += 1
        let timestampDelta = try Varint.read(bytes, at: &next, end: end)
        guard try Varint.read32(bytes, at: &next, end: end) == index else { throw Self.misplaced }
        let hasKey = try Self.skipField(bytes, at: &next, end: end)
        _ = try Self.skipField(bytes, at: &next, end: end)
        let headers = try Varint.read32(bytes, at: &next, end: end)
        guard headers >= 0, headers <= (end - next) / 2 else { throw Self.invalid }
        for _ in 0..<headers { try Self.skipHeader(bytes, at: &next, end: end) }
        guard next == end else { throw Self.invalid }
        position = end
        hasRecordWithoutKey = hasRecordWithoutKey || !hasKey
        maxTimestamp = max(maxTimestamp, baseTimestamp &+ timestampDelta)
    }

    /// Steps over a length and as many bytes; false for null.
    @inline(__always)
    private static func skipField(
        _ bytes: UnsafeRawBufferPointer, at next: inout Int, end: Int
    ) throws(KafkaWireError) -> Bool {
        let count = try Varint.read32(bytes, at: &next, end: end)
        guard count >= -1, count <= end - next else { throw Self.invalid }
        next += max(count, 0)
        return count >= 0
    }

    private static func skipHeader(
        _ bytes: UnsafeRawBufferPointer, at next: inout Int, end: Int
    ) throws(KafkaWireError) {
        guard try skipField(bytes, at: &next, end: end) else {
            throw KafkaWireError(.invalidRecord, "the name of a record's header is null")
        }
        _ = try skipField(bytes, at: &next, end: end)
    }
}
