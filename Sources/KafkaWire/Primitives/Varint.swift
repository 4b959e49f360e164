/// Kafka's variable-length integers: zigzag, seven bits a byte, least significant first.
enum Varint {
    @inline(__always)
    static func zigzag(_ value: Int64) -> UInt64 {
        UInt64(bitPattern: value << 1 ^ value >> 63)
    }

    @inline(__always)
    static func size(_ value: Int64) -> Int {
        let bits = 64 - (zigzag(value) | 1).leadingZeroBitCount
        return (bits + 6) / 7
    }

    @inline(__always)
    static func write(_ value: Int64, to target: inout UnsafeMutablePointer<UInt8>) {
        var rest = zigzag(value)
        while rest >= 0x80 {
            target.pointee = UInt8(truncatingIfNeeded: rest) | 0x80
            target += 1
            rest >>= 7
        }
        target.pointee = UInt8(truncatingIfNeeded: rest)
        target += 1
    }

    /// Reads at `position`, within `end`, and steps over it.
    @inline(__always)
    static func read(
        _ bytes: UnsafeRawBufferPointer, at position: inout Int, end: Int
    ) throws(KafkaWireError) -> Int64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            guard position < end, shift < 64 else {
                throw KafkaWireError(.corrupt, "a variable-length integer runs past its record")
            }
            let byte = bytes[position]
            position += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { break }
            shift += 7
        }
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    /// Reads a number that Kafka gives at most 32 bits; as its clients do, refuses one of more than five bytes.
    @inline(__always)
    static func read32(
        _ bytes: UnsafeRawBufferPointer, at position: inout Int, end: Int
    ) throws(KafkaWireError) -> Int {
        guard position < end else { throw overlong }
        let first = bytes[position]
        if first < 0x80 {
            position += 1
            return Int(first >> 1) ^ -Int(first & 1)
        }
        let start = position
        let value = try read(bytes, at: &position, end: end)
        guard position - start <= 5, let short = Int32(exactly: value) else { throw overlong }
        return Int(short)
    }

    private static var overlong: KafkaWireError {
        KafkaWireError(.corrupt, "a variable-length integer runs past its record or its range")
    }
}
