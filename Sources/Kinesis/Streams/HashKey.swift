import Crypto

/// A place among the 2^128 hash keys, which shards divide among themselves.
package struct HashKey: Hashable, Comparable, Sendable, CustomStringConvertible {
    package var rawValue: UInt128

    package static let max = HashKey(.max)

    package init(_ rawValue: UInt128) {
        self.rawValue = rawValue
    }

    /// Nil unless the text is such a number in decimal, without leading zeros.
    package init?(_ text: some StringProtocol) {
        guard text.utf8.count <= 39, text.utf8.allSatisfy({ (48...57).contains($0) }),
            text.utf8.count == 1 || text.utf8.first != UInt8(ascii: "0"), let value = UInt128(text, radix: 10)
        else { return nil }
        rawValue = value
    }

    /// The hash key of a partition key: its MD5, read as a number.
    package init(ofPartitionKey bytes: UnsafeRawBufferPointer) {
        var hash = Insecure.MD5()
        hash.update(bufferPointer: bytes)
        rawValue = hash.finalize().withUnsafeBytes { digest in
            digest.count == 16 ? UInt128(bigEndian: digest.loadUnaligned(as: UInt128.self)) : 0
        }
    }

    package var description: String { String(rawValue) }

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// The hash keys of a shard, both ends included.
package struct HashKeyRange: Hashable, Sendable {
    package var start: HashKey
    package var end: HashKey

    package init(_ start: HashKey, _ end: HashKey) {
        self.start = start
        self.end = end
    }

    package static let all = HashKeyRange(HashKey(0), .max)

    package func contains(_ key: HashKey) -> Bool { start <= key && key <= end }

    /// Whether the other range begins where this one ends.
    func isFollowed(by other: HashKeyRange) -> Bool {
        end != .max && end.rawValue + 1 == other.start.rawValue
    }

    /// The first key of the upper half.
    var middle: HashKey {
        HashKey(start.rawValue + (end.rawValue - start.rawValue) / 2 + (start == end ? 0 : 1))
    }

    /// All hash keys in so many ranges: each begins at a multiple of 2^128 / count, rounded down.
    package static func even(_ count: Int) -> [HashKeyRange] {
        guard count > 1 else { return [all] }
        let parts = UInt128(count)
        // 2^128 itself has no room in the type.
        let (quotient, remainder) = UInt128.max.quotientAndRemainder(dividingBy: parts)
        let step = remainder == parts - 1 ? quotient + 1 : quotient
        return (0..<UInt128(count)).map { index in
            let start = index * step
            return HashKeyRange(HashKey(start), index == parts - 1 ? .max : HashKey(start + step - 1))
        }
    }
}
