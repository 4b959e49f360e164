import KafkaWire

/// A transaction that was aborted: its producer's records between the offsets are not to be seen.
struct AbortedRange: Sendable, Equatable {
    var producerID: Int64
    var firstOffset: Int64
    /// The marker's.
    var lastOffset: Int64
    /// What the last stable offset was with the marker: no later range begins before it.
    var lastStableOffset: Int64

    /// Apache Kafka's entry (version i16 = 0, then the four numbers) and its CRC-32C.
    static let size = 38
    private static let checkedSize = 34

    func encode(into bytes: inout [UInt8]) {
        let start = bytes.count
        bytes.append(contentsOf: [0, 0])
        for number in [producerID, firstOffset, lastOffset, lastStableOffset] {
            withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
        }
        let checksum = bytes[start...].withUnsafeBytes { Checksum.crc32c($0) }
        withUnsafeBytes(of: checksum.bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// Reads a `.txnindex` file; stops at the first entry that is not whole.
    static func decode(_ bytes: UnsafeRawBufferPointer) -> [AbortedRange] {
        var ranges: [AbortedRange] = []
        for start in stride(from: 0, to: bytes.count / size * size, by: size) {
            let checked = UnsafeRawBufferPointer(rebasing: bytes[start..<start + checkedSize])
            let checksum = bytes.loadUnaligned(fromByteOffset: start + checkedSize, as: UInt32.self)
            guard Checksum.crc32c(checked) == UInt32(bigEndian: checksum) else { break }
            func number(_ place: Int) -> Int64 {
                Int64(bigEndian: checked.loadUnaligned(fromByteOffset: place, as: Int64.self))
            }
            ranges.append(
                AbortedRange(
                    producerID: number(2), firstOffset: number(10), lastOffset: number(18),
                    lastStableOffset: number(26)))
        }
        return ranges
    }
}
