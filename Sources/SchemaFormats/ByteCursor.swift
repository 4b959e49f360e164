/// Reads bytes from left to right, never past their end.
struct ByteCursor {
    private let bytes: UnsafeRawBufferPointer
    private(set) var position: Int
    private let end: Int

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        position = 0
        end = bytes.count
    }

    var isAtEnd: Bool { position == end }
    var remaining: Int { end - position }

    static let cutShort = SchemaFormatError(.unreadableBytes, "the bytes end in the middle of a value")

    mutating func byte() throws(SchemaFormatError) -> UInt8 {
        guard position < end else { throw Self.cutShort }
        defer { position += 1 }
        return bytes[position]
    }

    /// The next bytes, which are valid as long as those of the cursor.
    mutating func take(_ count: Int) throws(SchemaFormatError) -> UnsafeRawBufferPointer {
        guard count >= 0, count <= remaining else { throw Self.cutShort }
        defer { position += count }
        return UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
    }

    /// Seven bits a byte, the lowest first; bits past the 64th are dropped as Protobuf does.
    mutating func varint() throws(SchemaFormatError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            let byte = try byte()
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        throw SchemaFormatError(.unreadableBytes, "a number has more than ten bytes")
    }

    mutating func zigzag() throws(SchemaFormatError) -> Int64 {
        let bits = try varint()
        return Int64(bitPattern: bits >> 1) ^ -Int64(bitPattern: bits & 1)
    }

    mutating func fixed32() throws(SchemaFormatError) -> UInt32 {
        UInt32(littleEndian: try take(4).loadUnaligned(as: UInt32.self))
    }

    mutating func fixed64() throws(SchemaFormatError) -> UInt64 {
        UInt64(littleEndian: try take(8).loadUnaligned(as: UInt64.self))
    }

    mutating func text(_ count: Int) throws(SchemaFormatError) -> String {
        guard let text = String(validating: try take(count), as: UTF8.self) else {
            throw SchemaFormatError(.unreadableBytes, "a string is no UTF-8")
        }
        return text
    }
}

/// The other direction of `ByteCursor`.
enum ByteOutput {
    static func varint(_ value: UInt64, to output: inout [UInt8]) {
        var rest = value
        while rest >= 0x80 {
            output.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        output.append(UInt8(truncatingIfNeeded: rest))
    }

    static func zigzag(_ value: Int64, to output: inout [UInt8]) {
        varint(UInt64(bitPattern: value << 1 ^ value >> 63), to: &output)
    }

    static func fixed32(_ value: UInt32, to output: inout [UInt8]) {
        withUnsafeBytes(of: value.littleEndian) { output.append(contentsOf: $0) }
    }

    static func fixed64(_ value: UInt64, to output: inout [UInt8]) {
        withUnsafeBytes(of: value.littleEndian) { output.append(contentsOf: $0) }
    }
}
