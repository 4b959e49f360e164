package import NIOCore

/// Writes the primitive types of the Kafka protocol; see `WireReader`.
///
/// Record batches are not copied: what was written is a list of buffers, `segments` and then `buffer`.
package struct WireWriter {
    package var buffer: ByteBuffer
    package let isFlexible: Bool
    /// What comes before `buffer`.
    package private(set) var segments: [ByteBuffer] = []

    /// Fewer bytes are copied: a buffer of their own costs more.
    private static let minSegmentBytes = 4096

    package init(_ buffer: ByteBuffer = ByteBuffer(), isFlexible: Bool) {
        self.buffer = buffer
        self.isFlexible = isFlexible
    }

    // MARK: Numbers

    package mutating func int8(_ value: Int8) { buffer.writeInteger(value) }
    package mutating func int16(_ value: Int16) { buffer.writeInteger(value) }
    package mutating func int32(_ value: Int32) { buffer.writeInteger(value) }
    package mutating func int64(_ value: Int64) { buffer.writeInteger(value) }
    package mutating func uint32(_ value: UInt32) { buffer.writeInteger(value) }
    package mutating func bool(_ value: Bool) { buffer.writeInteger(value ? 1 : 0, as: Int8.self) }
    package mutating func float64(_ value: Double) { buffer.writeInteger(value.bitPattern) }

    package mutating func unsignedVarint(_ value: UInt32) {
        var rest = value
        while rest >= 0x80 {
            buffer.writeInteger(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        buffer.writeInteger(UInt8(truncatingIfNeeded: rest))
    }

    package mutating func uuid(_ value: WireUUID) {
        buffer.writeInteger(value.high)
        buffer.writeInteger(value.low)
    }

    package mutating func error(_ code: KafkaErrorCode) { int16(code.rawValue) }

    // MARK: Text and bytes

    private mutating func length(_ count: Int?, short: Bool) {
        if isFlexible {
            unsignedVarint(UInt32(clamping: (count ?? -1) + 1))
        } else if short {
            int16(Int16(clamping: count ?? -1))
        } else {
            int32(Int32(clamping: count ?? -1))
        }
    }

    /// Text longer than 32,767 bytes is cut in versions that are not flexible: their length takes 16 bits.
    package mutating func nullableString(_ text: String?) {
        guard let text else { return length(nil, short: true) }
        let count = isFlexible ? text.utf8.count : min(text.utf8.count, Int(Int16.max))
        length(count, short: true)
        buffer.writeBytes(text.utf8.prefix(count))
    }

    package mutating func string(_ text: String) { nullableString(text) }

    package mutating func nullableBytes(_ bytes: ByteBuffer?) {
        length(bytes?.readableBytes, short: false)
        if let bytes { buffer.writeImmutableBuffer(bytes) }
    }

    package mutating func bytes(_ bytes: ByteBuffer) { nullableBytes(bytes) }

    /// Like `bytes`, but many bytes become a segment of their own, which shares their storage.
    package mutating func records(_ bytes: ByteBuffer) {
        guard bytes.readableBytes >= Self.minSegmentBytes else { return self.bytes(bytes) }
        length(bytes.readableBytes, short: false)
        segments.append(buffer)
        segments.append(bytes)
        buffer = ByteBuffer()
    }

    /// All that was written.
    package consuming func finish() -> [ByteBuffer] {
        if buffer.readableBytes > 0 || segments.isEmpty { segments.append(buffer) }
        return segments
    }

    // MARK: Structures

    package mutating func nullableArray<Element>(
        _ elements: [Element]?, _ write: (inout WireWriter, Element) -> Void
    ) {
        length(elements?.count, short: false)
        for element in elements ?? [] { write(&self, element) }
    }

    package mutating func array<Element>(
        _ elements: [Element], _ write: (inout WireWriter, Element) -> Void
    ) {
        nullableArray(elements, write)
    }

    /// Ends a structure of a flexible version without tagged fields; does nothing in other versions.
    ///
    /// Answers never carry tagged fields: librdkafka before 2.2.0 misreads them.
    package mutating func emptyTaggedFields() {
        if isFlexible { unsignedVarint(0) }
    }
}
