import CChecksum

/// Writes numbers and texts one after the other, the lowest byte first.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    init(reserving count: Int = 256) {
        bytes.reserveCapacity(count)
    }

    mutating func raw(_ other: [UInt8]) { bytes += other }
    mutating func uint32(_ value: UInt32) { withUnsafeBytes(of: value.littleEndian) { bytes += $0 } }
    mutating func int64(_ value: Int64) { withUnsafeBytes(of: value.littleEndian) { bytes += $0 } }

    mutating func text(_ text: String) {
        uint32(UInt32(truncatingIfNeeded: text.utf8.count))
        bytes += text.utf8
    }

    mutating func numbers(_ numbers: [String: Int64]) {
        uint32(UInt32(truncatingIfNeeded: numbers.count))
        for (name, number) in numbers.sorted(by: { $0.key < $1.key }) {
            text(name)
            int64(number)
        }
    }
}

/// Reads what `ByteWriter` wrote; nil where the bytes end too early.
struct ByteReader {
    private let bytes: [UInt8]
    private var next = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    private mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, count <= bytes.count - next else { return nil }
        defer { next += count }
        return bytes[next..<next + count]
    }

    private mutating func number(_ count: Int) -> UInt64? {
        take(count).map { $0.reversed().reduce(0) { $0 << 8 | UInt64($1) } }
    }

    mutating func uint32() -> UInt32? { number(4).map { UInt32(truncatingIfNeeded: $0) } }
    mutating func int64() -> Int64? {
        guard bytes.count - next >= 8 else { return nil }
        defer { next += 8 }
        return bytes.withUnsafeBytes {
            Int64(littleEndian: $0.loadUnaligned(fromByteOffset: next, as: Int64.self))
        }
    }

    mutating func text() -> String? {
        guard let count = uint32(), let bytes = take(Int(count)) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    mutating func numbers() -> [String: Int64]? {
        guard let count = uint32() else { return nil }
        var numbers: [String: Int64] = [:]
        for _ in 0..<count {
            guard let name = text(), let number = int64() else { return nil }
            numbers[name] = number
        }
        return numbers
    }

    /// All that is left.
    mutating func rest() -> [UInt8] { Array(take(bytes.count - next) ?? []) }
}

/// CRC-32C.
enum Checksum {
    static func of(_ bytes: [UInt8]) -> UInt32 {
        bytes.withUnsafeBytes { pinline_crc32c(0, $0.baseAddress, $0.count) }
    }
}
