package import NIOCore
package import StreamModel

/// Writes stored batches anew with some of their records left out, for compaction.
///
/// What stays keeps its bytes: offset, time, key, value and headers. So do base offset, last offset delta, producer
/// id, epoch, sequence, and all attributes, the compression among them.
package enum RecordBatchRewriter {
    /// Appends the batch to `target` with the records that `keeps` wants; perhaps with none, which keeps only its
    /// offsets and what it says of its producer.
    ///
    /// - Parameter deleteHorizon: from when on the batch's tombstones may go; nil leaves what the batch says.
    /// - Returns: how many records were written.
    /// - Throws: as `RecordBatchDecoder.forEachRecord`; then nothing was appended.
    @discardableResult
    package static func rewrite(
        _ bytes: UnsafeRawBufferPointer, at position: Int, _ header: RecordBatchHeader,
        deleteHorizon: Int64? = nil, using decompressor: Decompressor? = nil, to target: inout ByteBuffer,
        keeping keeps: (borrowing RecordView) throws -> Bool
    ) throws -> Int {
        var kept = KeptRecords(header: header, baseTimestamp: deleteHorizon ?? header.baseTimestamp)
        try RecordBatchDecoder.withRecords(bytes, at: position, header, using: decompressor) { records in
            var next = 0
            for _ in 0..<header.recordCount {
                let start = next
                let view = try RecordBatchDecoder.record(records, at: &next, header)
                guard try keeps(view) else { continue }
                try kept.append(records, start..<next, timestamp: view.timestamp)
            }
        }
        let start = target.writerIndex
        do {
            target.writeBytes(bytes[position..<position + RecordBatchHeader.size])
            try kept.write(to: &target)
            kept.writeHead(to: &target, at: start, hasNewHorizon: deleteHorizon != nil)
        } catch {
            target.moveWriterIndex(to: start)
            throw error
        }
        return Int(kept.count)
    }
}

/// The records of a batch that stay, not yet compressed.
private struct KeptRecords {
    let header: RecordBatchHeader
    let baseTimestamp: Int64
    var bytes = ByteBuffer()
    var count: Int32 = 0
    private var maxTimestamp = Int64.min

    init(header: RecordBatchHeader, baseTimestamp: Int64) {
        self.header = header
        self.baseTimestamp = baseTimestamp
    }

    mutating func append(
        _ records: UnsafeRawBufferPointer, _ range: Range<Int>, timestamp: Int64
    ) throws(KafkaWireError) {
        count += 1
        maxTimestamp = max(maxTimestamp, timestamp)
        guard baseTimestamp != header.baseTimestamp else {
            bytes.writeBytes(records[range])
            return
        }
        // Times are told as differences from the batch's: another base makes other differences.
        var next = range.lowerBound
        _ = try Varint.read(records, at: &next, end: range.upperBound)
        let attributes = next
        next += 1
        let delta = try Varint.read(records, at: &next, end: range.upperBound)
        let newDelta = header.baseTimestamp &+ delta &- baseTimestamp
        let rest = next..<range.upperBound
        writeVarint(Int64(1 + Varint.size(newDelta) + rest.count))
        bytes.writeInteger(records[attributes])
        writeVarint(newDelta)
        bytes.writeBytes(records[rest])
    }

    private mutating func writeVarint(_ value: Int64) {
        bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: Varint.size(value)) { target in
            guard let start = target.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return 0 }
            var next = start
            Varint.write(value, to: &next)
            return next - start
        }
    }

    func write(to target: inout ByteBuffer) throws(KafkaWireError) {
        guard count > 0, let compression = header.compression else { return }
        var failure: KafkaWireError?
        bytes.withUnsafeReadableBytes { source in
            do throws(KafkaWireError) {
                try compression.compress(source, to: &target)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    /// Sets what has changed in the copied head, the checksum last.
    func writeHead(to target: inout ByteBuffer, at start: Int, hasNewHorizon: Bool) {
        var attributes = header.attributes
        if hasNewHorizon { attributes |= RecordBatchHeader.Attributes.deleteHorizon }
        if count == 0 { attributes &= ~RecordBatchHeader.Attributes.compression }
        let byteCount = target.writerIndex - start
        target.setInteger(Int32(clamping: byteCount - RecordBatchHeader.lengthPrefix), at: start + 8)
        target.setInteger(attributes, at: start + 21)
        target.setInteger(baseTimestamp, at: start + 27)
        if count > 0, !header.hasLogAppendTime { target.setInteger(maxTimestamp, at: start + 35) }
        target.setInteger(count, at: start + 57)
        let checksum = target.withUnsafeReadableBytes { readable in
            let first = start - target.readerIndex
            return Checksum.crc32c(
                UnsafeRawBufferPointer(rebasing: readable[first + 21..<first + byteCount]))
        }
        target.setInteger(checksum, at: start + 17)
    }
}
