/// The end of a transaction, as a record batch that no user sees (KIP-98).
///
/// One record: its key is a version (i16, 0) and a type (i16, 0 abort, 1 commit), its value a version (i16, 0) and the
/// coordinator's epoch (i32).
package struct ControlBatch: Sendable, Equatable {
    package var producerID: Int64
    package var producerEpoch: Int16
    package var isCommit: Bool
    package var coordinatorEpoch: Int32

    /// What such a batch takes: head, length, attributes, three deltas and lengths, key, value, no headers.
    package static let byteCount = RecordBatchHeader.size + 1 + recordSize
    private static let recordSize = 1 + 1 + 1 + 1 + keySize + 1 + valueSize + 1
    private static let keySize = 4
    private static let valueSize = 6

    package init(producerID: Int64, producerEpoch: Int16, isCommit: Bool, coordinatorEpoch: Int32) {
        self.producerID = producerID
        self.producerEpoch = producerEpoch
        self.isCommit = isCommit
        self.coordinatorEpoch = coordinatorEpoch
    }

    /// Writes the batch at `target`, which has room for `byteCount`.
    package func encode(baseOffset: Int64, timestamp: Int64, to target: UnsafeMutableRawPointer) {
        func store<T: FixedWidthInteger>(_ value: T, at place: Int) {
            target.storeBytes(of: value.bigEndian, toByteOffset: place, as: T.self)
        }
        store(baseOffset, at: 0)
        store(Int32(Self.byteCount - RecordBatchHeader.lengthPrefix), at: 8)
        store(Int32(0), at: 12)
        store(Int8(2), at: 16)
        // Transactional, control.
        store(Int16(0x30), at: 21)
        store(Int32(0), at: 23)
        store(timestamp, at: 27)
        store(timestamp, at: 35)
        store(producerID, at: 43)
        store(producerEpoch, at: 51)
        store(Int32(-1), at: 53)
        store(Int32(1), at: 57)
        var next = target.assumingMemoryBound(to: UInt8.self) + RecordBatchHeader.size
        Varint.write(Int64(Self.recordSize), to: &next)
        // Attributes, then timestamp and offset delta.
        for _ in 0..<3 {
            next.pointee = 0
            next += 1
        }
        Varint.write(Int64(Self.keySize), to: &next)
        let key = UnsafeMutableRawPointer(next) - target
        store(Int16(0), at: key)
        store(Int16(isCommit ? 1 : 0), at: key + 2)
        next += Self.keySize
        Varint.write(Int64(Self.valueSize), to: &next)
        store(Int16(0), at: key + Self.keySize + 1)
        store(coordinatorEpoch, at: key + Self.keySize + 3)
        next += Self.valueSize
        next.pointee = 0
        let covered = UnsafeRawBufferPointer(start: target + 21, count: Self.byteCount - 21)
        store(Checksum.crc32c(covered), at: 17)
    }

    /// Reads the batch at `position`; nil if it is a control batch of another kind.
    ///
    /// - Throws: `corrupt` if its record contradicts the format.
    package init?(
        _ bytes: UnsafeRawBufferPointer, at position: Int, _ header: RecordBatchHeader
    ) throws(KafkaWireError) {
        let end = min(position + header.byteCount, bytes.count)
        var next = position + RecordBatchHeader.size
        _ = try Varint.read(bytes, at: &next, end: end)
        next += 1
        _ = try Varint.read(bytes, at: &next, end: end)
        _ = try Varint.read(bytes, at: &next, end: end)
        let key = try Self.field(bytes, at: &next, end: end, atLeast: Self.keySize)
        let value = try Self.field(bytes, at: &next, end: end, atLeast: Self.valueSize)
        let type = Int16(bigEndian: bytes.loadUnaligned(fromByteOffset: key + 2, as: Int16.self))
        guard type == 0 || type == 1 else { return nil }
        producerID = header.producerID
        producerEpoch = header.producerEpoch
        isCommit = type == 1
        coordinatorEpoch = Int32(
            bigEndian: bytes.loadUnaligned(fromByteOffset: value + 2, as: Int32.self))
    }

    /// Where a field's bytes begin.
    private static func field(
        _ bytes: UnsafeRawBufferPointer, at next: inout Int, end: Int, atLeast size: Int
    ) throws(KafkaWireError) -> Int {
        let count = try Varint.read(bytes, at: &next, end: end)
        guard count >= size, count <= end - next else {
            throw KafkaWireError(.corrupt, "a control record contradicts its length")
        }
        defer { next += Int(count) }
        return next
    }
}
