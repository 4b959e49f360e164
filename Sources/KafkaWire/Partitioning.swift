/// The hash by which Kafka's Java producer, and the REST Proxy on it, picks the partition of a keyed record.
package enum Murmur2 {
    /// 32-bit MurmurHash2 with Kafka's seed 0x9747b28c.
    package static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        let multiplier: UInt32 = 0x5BD1_E995
        var state = 0x9747_B28C ^ UInt32(truncatingIfNeeded: bytes.count)
        var index = 0
        while index + 4 <= bytes.count {
            var word =
                UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt32.self))
                &* multiplier
            word ^= word >> 24
            state = state &* multiplier ^ word &* multiplier
            index += 4
        }
        let rest = bytes.count - index
        if rest > 2 { state ^= UInt32(bytes[index + 2]) << 16 }
        if rest > 1 { state ^= UInt32(bytes[index + 1]) << 8 }
        if rest > 0 { state = (state ^ UInt32(bytes[index])) &* multiplier }
        state = (state ^ state >> 13) &* multiplier
        return state ^ state >> 15
    }

    /// The partition of a key among `count`, as Kafka's default partitioner chooses it.
    package static func partition(of key: UnsafeRawBufferPointer, among count: Int) -> Int {
        Int(hash(key) & 0x7FFF_FFFF) % count
    }
}
