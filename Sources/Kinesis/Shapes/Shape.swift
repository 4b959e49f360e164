/// What a value of a request must be: its type first, then the constraints that Kinesis names in its messages.
indirect enum Shape: Sendable {
    case string(TextConstraints)
    case integer(ClosedRange<Int64>)
    /// Of 64 bits, as its name in messages says.
    case boolean
    case time
    case blob(maxCount: Int)
    case list(Shape, count: ClosedRange<Int>)
    /// Keys with their own constraints, to texts.
    case map(key: TextConstraints, value: TextConstraints, count: ClosedRange<Int>)
    case structure([Member])

    /// A named part of a structure.
    struct Member: Sendable {
        var name: String
        var shape: Shape
        var isRequired = false

        /// The name in messages begins small.
        var path: String { name.prefix(1).lowercased() + name.dropFirst() }
    }
}

/// What a text must be.
struct TextConstraints: Sendable {
    var pattern: TextPattern?
    var count: ClosedRange<Int>?
    /// The words that are allowed, in the order of Kinesis's message.
    var words: [String] = []

    init(_ pattern: TextPattern? = nil, count: ClosedRange<Int>? = nil, words: [String] = []) {
        self.pattern = pattern
        self.count = count
        self.words = words
    }
}

/// The patterns of Kinesis's model.
enum TextPattern: String, Sendable {
    case name = "[a-zA-Z0-9_.-]+"
    case hashKey = #"0|([1-9]\d{0,38})"#
    case sequenceNumber = #"0|([1-9]\d{0,128})"#
    case streamARN = #"arn:aws.*:kinesis:.*:\d{12}:stream/\S+"#
    case consumerARN =
        #"^(arn):aws.*:kinesis:.*:\d{12}:.*stream\/[a-zA-Z0-9_.-]+\/consumer\/[a-zA-Z0-9_.-]+:[0-9]+"#
    case resourceARN = #"arn:aws.*:kinesis:.*:\d{12}:.*stream/\S+"#
    case streamID = "[a-z0-9]{20}-[a-z0-9]{3}"

    func matches(_ text: String) -> Bool {
        switch self {
        case .name: !text.isEmpty && text.utf8.allSatisfy(Self.isNameByte)
        case .hashKey: Self.isNumber(text, maxDigits: 39)
        case .sequenceNumber: Self.isNumber(text, maxDigits: 129)
        case .streamARN, .resourceARN: Self.isARN(text)
        case .consumerARN: Self.isARN(text) && ResourceName(text)?.consumer.map(Self.isConsumer) ?? false
        case .streamID: Self.isStreamID(text)
        }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private static func isNumber(_ text: String, maxDigits: Int) -> Bool {
        let digits = text.utf8
        return (1...maxDigits).contains(digits.count) && digits.allSatisfy { (48...57).contains($0) }
            && (digits.count == 1 || digits.first != UInt8(ascii: "0"))
    }

    private static func isARN(_ text: String) -> Bool {
        let parts = text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        return parts.count == 6 && parts[0] == "arn" && parts[1].hasPrefix("aws") && parts[2] == "kinesis"
            && parts[4].utf8.count == 12 && parts[4].utf8.allSatisfy { (48...57).contains($0) }
            && parts[5].hasPrefix("stream/") && parts[5].utf8.count > "stream/".utf8.count
            && !parts[5].contains(where: \.isWhitespace)
    }

    private static func isConsumer(_ consumer: (name: String, second: String)) -> Bool {
        name.matches(consumer.name) && !consumer.second.isEmpty
            && consumer.second.utf8.allSatisfy { (48...57).contains($0) }
    }

    private static func isStreamID(_ text: String) -> Bool {
        let halves = text.split(separator: "-", omittingEmptySubsequences: false)
        return halves.count == 2 && halves[0].utf8.count == 20 && halves[1].utf8.count == 3
            && halves.allSatisfy { half in
                half.utf8.allSatisfy { (48...57).contains($0) || (97...122).contains($0) }
            }
    }
}
