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
}
