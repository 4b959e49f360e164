import NIOCore
package import StreamModel

/// A shard's number, which is that of its partition.
package struct ShardID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: Int32

    /// Nil for a negative number.
    package init?(_ rawValue: Int32) {
        guard rawValue >= 0 else { return nil }
        self.rawValue = rawValue
    }

    package init(_ partition: PartitionIndex) {
        rawValue = max(partition.rawValue, 0)
    }

    init(place: Int) {
        rawValue = Int32(clamping: max(place, 0))
    }

    /// Reads `shardId-000000000012`; Kinesis takes `12` too.
    package init?(_ text: some StringProtocol) {
        let digits = text.hasPrefix(Self.prefix) ? text.dropFirst(Self.prefix.count) : text[...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int32(digits)
        else { return nil }
        rawValue = number
    }

    private static let prefix = "shardId-"
    private static let digitCount = 12

    package var partition: PartitionIndex { PartitionIndex(rawValue) }

    var place: Int { Int(rawValue) }

    /// Writes the text.
    func write(to buffer: inout ByteBuffer) {
        buffer.writeStaticString("shardId-")
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.digitCount) { target in
            var rest = rawValue
            for place in (0..<Self.digitCount).reversed() {
                target[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            }
            return Self.digitCount
        }
    }

    package var description: String {
        let digits = String(rawValue)
        return Self.prefix + String(repeating: "0", count: Self.digitCount - digits.count) + digits
    }

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
