package import NIOCore

/// Reads the primitive types of the Kafka protocol from a request or an answer.
///
/// Lengths are checked before use: nothing is allocated that the bytes at hand do not justify. In a flexible version
/// strings, bytes and arrays are compact, and structures end with tagged fields.
/// Source: Apache Kafka protocol guide, "Protocol Primitive Types".
package struct WireReader {
    package private(set) var buffer: ByteBuffer
    package let isFlexible: Bool

    package init(_ buffer: ByteBuffer, isFlexible: Bool) {
        self.buffer = buffer
        self.isFlexible = isFlexible
    }

    /// Bytes that are not read yet.
    package var remaining: Int { buffer.readableBytes }

    private static var truncated: KafkaWireError {
        KafkaWireError(.corrupt, "the message ends within a field")
    }

    // MARK: Numbers

    private mutating func integer<Number: FixedWidthInteger>() throws(KafkaWireError) -> Number {
        guard let value = buffer.readInteger(as: Number.self) else { throw Self.truncated }
        return value
    }

    package mutating func int8() throws(KafkaWireError) -> Int8 { try integer() }
    package mutating func int16() throws(KafkaWireError) -> Int16 { try integer() }
    package mutating func int32() throws(KafkaWireError) -> Int32 { try integer() }
    package mutating func int64() throws(KafkaWireError) -> Int64 { try integer() }
    package mutating func uint32() throws(KafkaWireError) -> UInt32 { try integer() }
    package mutating func bool() throws(KafkaWireError) -> Bool { try int8() != 0 }
    package mutating func float64() throws(KafkaWireError) -> Double { Double(bitPattern: try integer()) }

    /// An unsigned variable-length integer of at most 32 bits.
    package mutating func unsignedVarint() throws(KafkaWireError) -> UInt32 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 35, by: 7) {
            let byte = UInt8(bitPattern: try int8())
            value |= UInt64(byte & 0x7F) << shift
            guard byte >= 0x80 else {
                guard let result = UInt32(exactly: value) else { break }
                return result
            }
        }
        throw KafkaWireError(.corrupt, "an unsigned variable-length integer takes more than 32 bits")
    }

    package mutating func uuid() throws(KafkaWireError) -> WireUUID {
        WireUUID(high: try integer(), low: try integer())
    }

    // MARK: Text and bytes

    /// The length of what follows; nil for null.
    private mutating func length(short: Bool) throws(KafkaWireError) -> Int? {
        let count: Int
        if isFlexible {
            count = Int(try unsignedVarint()) - 1
        } else if short {
            count = Int(try int16())
        } else {
            count = Int(try int32())
        }
        guard count >= 0 else {
            guard count == -1 else { throw KafkaWireError(.corrupt, "a length is negative") }
            return nil
        }
        guard count <= remaining else { throw Self.truncated }
        return count
    }

    package mutating func nullableString() throws(KafkaWireError) -> String? {
        guard let count = try length(short: true) else { return nil }
        guard let bytes = buffer.readSlice(length: count) else { throw Self.truncated }
        guard let text = String(validating: bytes.readableBytesView, as: UTF8.self) else {
            throw KafkaWireError(.corrupt, "a string is not UTF-8")
        }
        return text
    }

    package mutating func string() throws(KafkaWireError) -> String {
        guard let text = try nullableString() else {
            throw KafkaWireError(.corrupt, "a string that must be there is null")
        }
        return text
    }

    /// A slice of the message; it shares its storage.
    package mutating func nullableBytes() throws(KafkaWireError) -> ByteBuffer? {
        guard let count = try length(short: false) else { return nil }
        guard let slice = buffer.readSlice(length: count) else { throw Self.truncated }
        return slice
    }

    package mutating func bytes() throws(KafkaWireError) -> ByteBuffer {
        guard let slice = try nullableBytes() else {
            throw KafkaWireError(.corrupt, "bytes that must be there are null")
        }
        return slice
    }

    // MARK: Structures

    package mutating func nullableArray<Element>(
        _ element: (inout WireReader) throws(KafkaWireError) -> Element
    ) throws(KafkaWireError) -> [Element]? {
        // An element takes a byte at least: `length` refuses a count that the bytes cannot hold.
        guard let count = try length(short: false) else { return nil }
        var elements: [Element] = []
        elements.reserveCapacity(min(count, 64))
        for _ in 0..<count { elements.append(try element(&self)) }
        return elements
    }

    package mutating func array<Element>(
        _ element: (inout WireReader) throws(KafkaWireError) -> Element
    ) throws(KafkaWireError) -> [Element] {
        guard let elements = try nullableArray(element) else {
            throw KafkaWireError(.corrupt, "an array that must be there is null")
        }
        return elements
    }

    /// Steps over the tagged fields that end a structure of a flexible version; does nothing in other versions.
    package mutating func skipTaggedFields() throws(KafkaWireError) {
        guard isFlexible else { return }
        for _ in 0..<(try unsignedVarint()) {
            _ = try unsignedVarint()
            let count = Int(try unsignedVarint())
            guard count <= remaining else { throw Self.truncated }
            buffer.moveReaderIndex(forwardBy: count)
        }
    }
}

/// A 128-bit identifier as the protocol carries it; all zero stands for none.
package struct WireUUID: Hashable, Sendable {
    package var high: UInt64
    package var low: UInt64

    package static let zero = WireUUID(high: 0, low: 0)

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
}
