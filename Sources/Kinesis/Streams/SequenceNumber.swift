package import NIOCore

/// The number of a record in its stream: 56 decimal digits that begin with 49, as Kinesis writes them.
///
/// It is made of nothing but the second in which the shard came into being, the shard and the record's offset, and
/// can be taken apart again. Numbers grow within a shard; a shard is given a later second than its parents, so that
/// its numbers are greater than theirs. As 47 hexadecimal digits:
///
/// | digits | content |
/// | --- | --- |
/// | 1 | 2 |
/// | 9 | the shard's second |
/// | 1 | 0 |
/// | 16 | the record's offset plus one; 0 before the first record, 7fff… after the last one of a closed shard |
/// | 11 | 0 |
/// | 8 | the shard's number |
/// | 1 | 2 |
package struct SequenceNumber: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Seconds since 1970, of 36 bits.
    package var shardSecond: Int64
    package var shard: ShardID
    /// The offset plus one.
    package var position: Int64

    package static let digitCount = 56
    private static let maxSecond: Int64 = 1 << 36 - 1

    package init(shardSecond: Int64, shard: ShardID, position: Int64) {
        self.shardSecond = min(Swift.max(shardSecond, 0), Self.maxSecond)
        self.shard = shard
        self.position = Swift.max(position, 0)
    }

    /// The number of a record.
    package init(shardSecond: Int64, shard: ShardID, offset: Int64) {
        self.init(
            shardSecond: shardSecond, shard: shard, position: offset == .max ? .max : Swift.max(offset, 0) + 1
        )
    }

    package static func < (left: Self, right: Self) -> Bool {
        (left.shardSecond, left.position, left.shard.rawValue)
            < (right.shardSecond, right.position, right.shard.rawValue)
    }

    // MARK: Text

    /// The number as 192 bits.
    private struct Limbs {
        var high: UInt64 = 0
        var middle: UInt64 = 0
        var low: UInt64 = 0

        /// Divides by 10^19; returns the remainder.
        mutating func divide() -> UInt64 {
            let divisor: UInt64 = 10_000_000_000_000_000_000
            var remainder: UInt64 = 0
            (high, remainder) = high.quotientAndRemainder(dividingBy: divisor)
            (middle, remainder) = divisor.dividingFullWidth((remainder, middle))
            (low, remainder) = divisor.dividingFullWidth((remainder, low))
            return remainder
        }

        /// Multiplies by ten and adds a digit; false if it has no room.
        mutating func append(_ digit: UInt64) -> Bool {
            let (carry, newLow) = Self.timesTen(low, plus: digit)
            let (carryOfMiddle, newMiddle) = Self.timesTen(middle, plus: carry)
            let (overflow, newHigh) = Self.timesTen(high, plus: carryOfMiddle)
            (high, middle, low) = (newHigh, newMiddle, newLow)
            return overflow == 0
        }

        private static func timesTen(_ limb: UInt64, plus addend: UInt64) -> (UInt64, UInt64) {
            let product = limb.multipliedFullWidth(by: 10)
            let (sum, overflow) = product.low.addingReportingOverflow(addend)
            return (product.high + (overflow ? 1 : 0), sum)
        }
    }

    private var limbs: Limbs {
        let position = UInt64(position)
        return Limbs(
            high: 2 << 56 | UInt64(shardSecond) << 20 | position >> 48,
            middle: (position & 0xFFFF_FFFF_FFFF) << 16, low: UInt64(shard.rawValue) << 4 | 2)
    }

    /// Writes the digits.
    package func write(to buffer: inout ByteBuffer) {
        var limbs = limbs
        let parts = (limbs.divide(), limbs.divide(), limbs.low)
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.digitCount) { target in
            Self.write(parts.2, to: target, 0..<18)
            Self.write(parts.1, to: target, 18..<37)
            Self.write(parts.0, to: target, 37..<56)
            return Self.digitCount
        }
    }

    /// The numbers 00 to 99: two digits are written at a time.
    private static let pairs: [(UInt8, UInt8)] = (0..<100).map { number in
        (UInt8(ascii: "0") + UInt8(number / 10), UInt8(ascii: "0") + UInt8(number % 10))
    }

    private static func write(
        _ value: UInt64, to target: UnsafeMutableRawBufferPointer, _ range: Range<Int>
    ) {
        var value = value
        var end = range.upperBound
        pairs.withUnsafeBufferPointer { pairs in
            while end - range.lowerBound >= 2 {
                let (rest, number) = value.quotientAndRemainder(dividingBy: 100)
                (target[end - 2], target[end - 1]) = pairs[Int(number)]
                value = rest
                end -= 2
            }
        }
        if end > range.lowerBound { target[range.lowerBound] = UInt8(ascii: "0") + UInt8(value % 10) }
    }

    package var description: String {
        var buffer = ByteBuffer()
        write(to: &buffer)
        return String(buffer: buffer)
    }

    /// Nil unless the text is a number that `description` writes.
    package init?(_ text: String) {
        guard text.utf8.count == Self.digitCount else { return nil }
        var limbs = Limbs()
        for digit in text.utf8 {
            guard (48...57).contains(digit), limbs.append(UInt64(digit - 48)) else { return nil }
        }
        let position = (limbs.high & 0xFFFF) << 48 | limbs.middle >> 16
        guard limbs.high >> 56 == 2, limbs.high >> 16 & 0xF == 0, limbs.middle & 0xFFFF == 0,
            limbs.low & 0xF == 2, limbs.low >> 36 == 0, position <= UInt64(Int64.max),
            let number = Int32(exactly: limbs.low >> 4), let shard = ShardID(number)
        else { return nil }
        self.init(
            shardSecond: Int64(limbs.high >> 20 & 0xF_FFFF_FFFF), shard: shard, position: Int64(position))
    }
}
