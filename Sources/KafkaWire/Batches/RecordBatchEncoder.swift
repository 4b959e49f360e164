package import StreamModel

/// Writes record batches of format 2, uncompressed, without producer id.
package enum RecordBatchEncoder {
    /// The bytes that a batch of these entries takes.
    ///
    /// - Parameter timestamp: the time of the records that have none of their own.
    package static func byteCount(_ entries: [RecordList.Entry], timestamp: Int64) -> Int {
        let base = baseTimestamp(entries, timestamp)
        var total = RecordBatchHeader.size
        var index: Int64 = 0
        for entry in entries {
            let body = bodySize(
                entry, offsetDelta: index, timestampDelta: (entry.timestamp ?? timestamp) &- base)
            total += Varint.size(Int64(body)) + body
            index += 1
        }
        return total
    }

    /// The first record's time, as Kafka's producers have it.
    @inline(__always)
    private static func baseTimestamp(
        _ entries: [RecordList.Entry], _ timestamp: Int64
    ) -> Int64 {
        entries.first?.timestamp ?? timestamp
    }

    /// Writes one batch at `target`, which has room for `byteCount(entries, timestamp:)`.
    ///
    /// - Parameters:
    ///   - source: the bytes that the entries' slices point into.
    ///   - timestamp: the time of the records that have none of their own, milliseconds since 1970.
    /// - Returns: how many bytes were written.
    @discardableResult
    package static func encode(
        _ entries: [RecordList.Entry], from source: UnsafeRawBufferPointer, baseOffset: Offset,
        timestamp: Int64, to target: UnsafeMutableRawPointer
    ) -> Int {
        let start = target.assumingMemoryBound(to: UInt8.self)
        var next = start + RecordBatchHeader.size
        let baseTimestamp = baseTimestamp(entries, timestamp)
        var maxTimestamp = baseTimestamp
        var index: Int64 = 0
        for entry in entries {
            let time = entry.timestamp ?? timestamp
            maxTimestamp = max(maxTimestamp, time)
            write(
                entry, offsetDelta: index, timestampDelta: time &- baseTimestamp, from: source, to: &next)
            index += 1
        }
        let count = next - start
        func store<T: FixedWidthInteger>(_ value: T, at place: Int) {
            target.storeBytes(of: value.bigEndian, toByteOffset: place, as: T.self)
        }
        store(baseOffset.rawValue, at: 0)
        store(Int32(count - RecordBatchHeader.lengthPrefix), at: 8)
        store(Int32(0), at: 12)
        store(Int8(2), at: 16)
        store(Int16(0), at: 21)
        store(Int32(index - 1), at: 23)
        store(baseTimestamp, at: 27)
        store(maxTimestamp, at: 35)
        store(Int64(-1), at: 43)
        store(Int16(-1), at: 51)
        store(Int32(-1), at: 53)
        store(Int32(index), at: 57)
        store(Checksum.crc32c(UnsafeRawBufferPointer(start: start + 21, count: count - 21)), at: 17)
        return count
    }

    @inline(__always)
    private static func bodySize(
        _ entry: RecordList.Entry, offsetDelta: Int64, timestampDelta: Int64
    ) -> Int {
        // The attributes take a byte.
        var size = 1 + Varint.size(timestampDelta) + Varint.size(offsetDelta)
        size += fieldSize(entry.key?.count) + fieldSize(entry.value?.count)
        size += Varint.size(Int64(entry.headers.count))
        for header in entry.headers {
            size += fieldSize(header.name.utf8.count) + fieldSize(header.value?.count)
        }
        return size
    }

    @inline(__always)
    private static func fieldSize(_ count: Int?) -> Int {
        guard let count else { return 1 }
        return Varint.size(Int64(count)) + count
    }

    @inline(__always)
    private static func write(
        _ entry: RecordList.Entry, offsetDelta: Int64, timestampDelta: Int64,
        from source: UnsafeRawBufferPointer, to next: inout UnsafeMutablePointer<UInt8>
    ) {
        Varint.write(
            Int64(bodySize(entry, offsetDelta: offsetDelta, timestampDelta: timestampDelta)), to: &next)
        next.pointee = 0
        next += 1
        Varint.write(timestampDelta, to: &next)
        Varint.write(offsetDelta, to: &next)
        writeField(
            entry.key.map { UnsafeRawBufferPointer(rebasing: source[$0.start..<$0.start + $0.count]) },
            to: &next)
        writeField(
            entry.value.map { UnsafeRawBufferPointer(rebasing: source[$0.start..<$0.start + $0.count]) },
            to: &next)
        Varint.write(Int64(entry.headers.count), to: &next)
        for header in entry.headers {
            Array(header.name.utf8).withUnsafeBytes { writeField($0, to: &next) }
            if let value = header.value {
                value.withUnsafeBytes { writeField($0, to: &next) }
            } else {
                writeField(nil, to: &next)
            }
        }
    }

    @inline(__always)
    private static func writeField(
        _ bytes: UnsafeRawBufferPointer?, to next: inout UnsafeMutablePointer<UInt8>
    ) {
        guard let bytes else { return Varint.write(-1, to: &next) }
        Varint.write(Int64(bytes.count), to: &next)
        guard let start = bytes.baseAddress else { return }
        UnsafeMutableRawPointer(next).copyMemory(from: start, byteCount: bytes.count)
        next += bytes.count
    }
}
