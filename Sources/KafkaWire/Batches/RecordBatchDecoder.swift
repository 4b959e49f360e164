package import StreamModel

/// Reads the records of a batch whose checksum was verified.
package enum RecordBatchDecoder {
    /// Hands out the records of the batch at `position`, in order.
    ///
    /// Keys and values point into `bytes`, or into memory of the decompressor if the batch is compressed.
    ///
    /// - Parameter decompressor: one to use again and again; by default one is borrowed from a pool.
    /// - Throws: `corrupt` if a record contradicts the format, `unsupportedCompression`, `tooLarge` if the records
    ///   take more than the decompressor's limit; what `body` throws.
    package static func forEachRecord(
        _ bytes: UnsafeRawBufferPointer, at position: Int, _ header: RecordBatchHeader,
        using decompressor: Decompressor? = nil, _ body: (borrowing RecordView) throws -> Void
    ) throws {
        // Control batches mark transactions and hold no records of a user.
        guard !header.isControl else { return }
        try withRecords(bytes, at: position, header, using: decompressor) { records in
            var next = 0
            for _ in 0..<header.recordCount {
                let view = try record(records, at: &next, header)
                try body(view)
            }
        }
    }

    /// Hands out the bytes of all records, decompressed.
    @inline(__always)
    static func withRecords<Result>(
        _ bytes: UnsafeRawBufferPointer, at position: Int, _ header: RecordBatchHeader,
        using decompressor: Decompressor?, _ body: (UnsafeRawBufferPointer) throws -> Result
    ) throws -> Result {
        guard position + header.byteCount <= bytes.count else {
            throw KafkaWireError(.incomplete, "the bytes end within a record batch")
        }
        let records = UnsafeRawBufferPointer(
            rebasing: bytes[position + RecordBatchHeader.size..<position + header.byteCount])
        if header.attributes & RecordBatchHeader.Attributes.compression == 0 { return try body(records) }
        guard let compression = header.compression else {
            throw KafkaWireError(
                .unsupportedCompression,
                "the record batch at offset \(header.baseOffset) has an unknown compression")
        }
        if let decompressor { return try body(decompressor.decompress(records, compression)) }
        return try Decompressor.borrowed { try body($0.decompress(records, compression)) }
    }

    /// Reads the record at `next`, in the bytes of all records, and steps over it.
    @inline(__always)
    static func record(
        _ bytes: UnsafeRawBufferPointer, at next: inout Int, _ header: RecordBatchHeader
    ) throws(KafkaWireError) -> RecordView {
        let length = try Varint.read(bytes, at: &next, end: bytes.count)
        guard length > 0, length <= bytes.count - next else { throw corrupt(header) }
        let recordEnd = next + Int(length)
        next += 1
        let timestampDelta = try Varint.read(bytes, at: &next, end: recordEnd)
        let offsetDelta = try Varint.read(bytes, at: &next, end: recordEnd)
        let key = try field(bytes, at: &next, end: recordEnd, header)
        let value = try field(bytes, at: &next, end: recordEnd, header)
        let headers = try headers(bytes, at: &next, end: recordEnd, header)
        guard next == recordEnd else { throw corrupt(header) }
        return RecordView(
            offset: Offset(header.baseOffset &+ offsetDelta),
            timestamp: header.hasLogAppendTime
                ? header.maxTimestamp : header.baseTimestamp &+ timestampDelta,
            key: key, value: value, headers: headers)
    }

    @inline(__always)
    private static func field(
        _ bytes: UnsafeRawBufferPointer, at next: inout Int, end: Int, _ header: RecordBatchHeader
    ) throws(KafkaWireError) -> UnsafeRawBufferPointer? {
        let count = try Varint.read(bytes, at: &next, end: end)
        guard count >= 0 else { return nil }
        guard count <= end - next else { throw corrupt(header) }
        defer { next += Int(count) }
        return UnsafeRawBufferPointer(rebasing: bytes[next..<next + Int(count)])
    }

    @inline(__always)
    private static func headers(
        _ bytes: UnsafeRawBufferPointer, at next: inout Int, end: Int, _ header: RecordBatchHeader
    ) throws(KafkaWireError) -> [RecordHeader] {
        let count = try Varint.read(bytes, at: &next, end: end)
        // A header takes two bytes at least: a larger count is a lie, and must not reserve memory.
        guard count >= 0, count <= (end - next) / 2 else { throw corrupt(header) }
        var headers: [RecordHeader] = []
        for _ in 0..<count {
            let name = try field(bytes, at: &next, end: end, header)
            let value = try field(bytes, at: &next, end: end, header)
            headers.append(
                RecordHeader(
                    name: String(decoding: name ?? .init(start: nil, count: 0), as: UTF8.self),
                    value: value.map(Array.init)))
        }
        return headers
    }

    private static func corrupt(_ header: RecordBatchHeader) -> KafkaWireError {
        KafkaWireError(
            .corrupt, "a record in the batch at offset \(header.baseOffset) contradicts its length")
    }
}
