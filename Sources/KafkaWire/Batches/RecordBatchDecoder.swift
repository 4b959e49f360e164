package import StreamModel

/// Reads the records of a batch whose checksum was verified.
package enum RecordBatchDecoder {
    /// Hands out the records of the batch at `position`, in order.
    ///
    /// - Throws: `corrupt` if a record contradicts the format, `unsupported` if the batch is compressed; what
    ///   `body` throws.
    package static func forEachRecord(
        _ bytes: UnsafeRawBufferPointer, at position: Int, _ header: RecordBatchHeader,
        _ body: (borrowing RecordView) throws -> Void
    ) throws {
        guard header.attributes & 7 == 0 else {
            throw KafkaWireError(
                .unsupported, "the record batch at offset \(header.baseOffset) is compressed")
        }
        // Control batches mark transactions and hold no records of a user.
        guard header.attributes & 0x20 == 0 else { return }
        let end = position + header.byteCount
        var next = position + RecordBatchHeader.size
        for _ in 0..<header.recordCount {
            let view = try record(bytes, at: &next, end: end, header)
            try body(view)
        }
    }

    @inline(__always)
    private static func record(
        _ bytes: UnsafeRawBufferPointer, at next: inout Int, end: Int, _ header: RecordBatchHeader
    ) throws(KafkaWireError) -> RecordView {
        let length = try Varint.read(bytes, at: &next, end: end)
        guard length > 0, length <= end - next else { throw corrupt(header) }
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
            timestamp: header.baseTimestamp &+ timestampDelta,
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
