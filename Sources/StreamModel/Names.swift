/// The name of a topic: 1 to 249 of `A–Z a–z 0–9 . _ -`, but neither `.` nor `..`, as Kafka has it.
///
/// A valid name is safe as one component of a file path.
package struct TopicName: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: String

    /// The longest name, in characters.
    package static let maxLength = 249

    /// Nil if the text is no valid name.
    package init?(_ rawValue: String) {
        guard Self.isValid(rawValue) else { return nil }
        self.rawValue = rawValue
    }

    private static func isValid(_ text: String) -> Bool {
        guard !text.isEmpty, text.utf8.count <= maxLength, text != ".", text != ".." else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "-"):
                true
            default: false
            }
        }
    }

    package var description: String { rawValue }

    package static func < (left: TopicName, right: TopicName) -> Bool { left.rawValue < right.rawValue }
}

/// The number of a partition within its topic, from 0.
package struct PartitionIndex: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: Int32

    package init(_ rawValue: Int32) {
        self.rawValue = rawValue
    }

    package var description: String { String(rawValue) }

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// A partition of a topic.
package struct TopicPartition: Hashable, Comparable, Sendable, CustomStringConvertible {
    package var topic: TopicName
    package var partition: PartitionIndex

    package init(_ topic: TopicName, _ partition: PartitionIndex) {
        self.topic = topic
        self.partition = partition
    }

    package var description: String { "\(topic)-\(partition)" }

    package static func < (left: Self, right: Self) -> Bool {
        (left.topic, left.partition) < (right.topic, right.partition)
    }
}

/// The position of a record in its partition, from 0, never used twice.
package struct Offset: Hashable, Comparable, Sendable, CustomStringConvertible {
    package var rawValue: Int64

    package init(_ rawValue: Int64) {
        self.rawValue = rawValue
    }

    package var description: String { String(rawValue) }

    package func advanced(by count: Int) -> Offset { Offset(rawValue + Int64(count)) }

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
