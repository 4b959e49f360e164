import CChecksum

/// The fixed head of a record batch of format 2 ("magic 2"), all integers big-endian.
///
/// ```
/// 0 baseOffset i64      8 batchLength i32 (bytes after this field)   12 partitionLeaderEpoch i32
/// 16 magic i8 = 2      17 crc u32 (CRC-32C of everything from 21 on)  21 attributes i16
/// 23 lastOffsetDelta i32  27 baseTimestamp i64  35 maxTimestamp i64   43 producerId i64
/// 51 producerEpoch i16   53 baseSequence i32    57 recordCount i32    61 records
/// ```
/// Source: Apache Kafka documentation, "Record Batch".
package struct RecordBatchHeader: Sendable, Equatable {
    /// Bytes before the first record.
    package static let size = 61
    /// Bytes before `batchLength` counts.
    package static let lengthPrefix = 12
    /// Past it the offsets of a batch could not be counted.
    private static let maxBaseOffset = Int64.max - Int64(Int32.max) - 1

    package var baseOffset: Int64
    /// The whole batch, this head included.
    package var byteCount: Int
    package var attributes: Int16
    package var lastOffsetDelta: Int32
    package var baseTimestamp: Int64
    package var maxTimestamp: Int64
    package var producerID: Int64
    package var producerEpoch: Int16
    package var baseSequence: Int32
    package var recordCount: Int32

    /// Nil if the attributes name a compression that Kafka does not have.
    package var compression: Compression? { Compression(rawValue: attributes & Attributes.compression) }
    /// Whether all records have the time of their append instead of their own; it is `maxTimestamp`.
    package var hasLogAppendTime: Bool { attributes & Attributes.logAppendTime != 0 }
    package var isTransactional: Bool { attributes & Attributes.transactional != 0 }
    /// Whether it marks the end of a transaction instead of holding records of a user.
    package var isControl: Bool { attributes & Attributes.control != 0 }
    /// From when on the batch's tombstones may go, if compaction has set it; it stands in `baseTimestamp`.
    package var deleteHorizon: Int64? {
        attributes & Attributes.deleteHorizon != 0 ? baseTimestamp : nil
    }

    /// The bits of `attributes`.
    enum Attributes {
        static let compression: Int16 = 0x07
        static let logAppendTime: Int16 = 0x08
        static let transactional: Int16 = 0x10
        static let control: Int16 = 0x20
        static let deleteHorizon: Int16 = 0x40
    }

    /// One past the offset of the last record.
    package var nextOffset: Int64 { baseOffset + Int64(lastOffsetDelta) + 1 }

    /// Reads the head at `position`; checks the format but neither checksum nor records.
    ///
    /// - Throws: `incomplete` if fewer than 61 bytes are there, `corrupt` if they are no head of a batch.
    package init(_ bytes: UnsafeRawBufferPointer, at position: Int = 0) throws(KafkaWireError) {
        guard position + Self.size <= bytes.count else {
            throw KafkaWireError(.incomplete, "the bytes end within the head of a record batch")
        }
        func load<T: FixedWidthInteger>(_ place: Int, as type: T.Type) -> T {
            T(bigEndian: bytes.loadUnaligned(fromByteOffset: position + place, as: type))
        }
        let length = Int(load(8, as: Int32.self))
        guard bytes[position + 16] == 2 else {
            throw KafkaWireError(.corrupt, "record batch of format \(bytes[position + 16]) instead of 2")
        }
        baseOffset = load(0, as: Int64.self)
        byteCount = length + Self.lengthPrefix
        attributes = load(21, as: Int16.self)
        lastOffsetDelta = load(23, as: Int32.self)
        baseTimestamp = load(27, as: Int64.self)
        maxTimestamp = load(35, as: Int64.self)
        producerID = load(43, as: Int64.self)
        producerEpoch = load(51, as: Int16.self)
        baseSequence = load(53, as: Int32.self)
        recordCount = load(57, as: Int32.self)
        guard length >= Self.size - Self.lengthPrefix, recordCount >= 0, lastOffsetDelta >= 0,
            (0...Self.maxBaseOffset).contains(baseOffset)
        else {
            throw KafkaWireError(.corrupt, "impossible sizes in the head of a record batch")
        }
    }

    /// Checks the checksum of a whole batch.
    ///
    /// - Throws: `incomplete` if the batch is not all there, `corrupt` if its checksum differs.
    package func verify(_ bytes: UnsafeRawBufferPointer, at position: Int = 0) throws(KafkaWireError) {
        guard position + byteCount <= bytes.count else {
            throw KafkaWireError(.incomplete, "the bytes end within a record batch")
        }
        let stored = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: position + 17, as: UInt32.self))
        let actual = Checksum.crc32c(
            UnsafeRawBufferPointer(rebasing: bytes[position + 21..<position + byteCount]))
        guard stored == actual else {
            throw KafkaWireError(
                .corrupt, "checksum of the record batch at offset \(baseOffset) does not match")
        }
    }
}

/// CRC-32C over bytes in memory.
package enum Checksum {
    @inline(__always)
    package static func crc32c(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        pinline_crc32c(0, bytes.baseAddress, bytes.count)
    }
}
