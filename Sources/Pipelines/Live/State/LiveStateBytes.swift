/// Writes numbers and texts compactly: small numbers in few bytes, a text that occurs again as its position.
struct LiveStateWriter {
    private(set) var bytes: [UInt8] = []
    private var texts: [String: UInt64] = [:]

    mutating func number(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    mutating func count(_ value: Int) { number(UInt64(value)) }

    /// A number that may be below 0.
    mutating func signed(_ value: Int64) {
        number(UInt64(bitPattern: (value << 1) ^ (value >> 63)))
    }

    mutating func text(_ text: String) {
        if let place = texts[text] { return number(place + 1) }
        number(0)
        count(text.utf8.count)
        bytes.append(contentsOf: text.utf8)
        texts[text] = UInt64(texts.count)
    }

    mutating func value(_ value: LiveValue) {
        switch value {
        case .null: bytes.append(0)
        case .integer(let number):
            bytes.append(1)
            signed(number)
        case .double(let double):
            bytes.append(2)
            number(double.bitPattern)
        case .text(let text):
            bytes.append(3)
            self.text(text)
        }
    }

    /// A part that a reader can pass over.
    mutating func part(_ part: LiveStateWriter) {
        count(part.bytes.count)
        bytes.append(contentsOf: part.bytes)
    }
}

/// Reads what a writer wrote; bytes of any other kind are an error.
struct LiveStateReader {
    private var bytes: ArraySlice<UInt8>
    private var texts: [String] = []

    init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }

    static let damage = PipelineError(
        .invalidFile, "The kept state of the live metrics is damaged; without it they begin anew.")

    var isAtEnd: Bool { bytes.isEmpty }

    mutating func number() throws(PipelineError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while let byte = bytes.popFirst() {
            guard shift < 63 || byte <= 1 else { break }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw Self.damage
    }

    mutating func signed() throws(PipelineError) -> Int64 {
        let value = try number()
        return Int64(bitPattern: (value >> 1) ^ (0 &- (value & 1)))
    }

    /// A time that can be reckoned with.
    mutating func time() throws(PipelineError) -> Int64 {
        let value = try signed()
        guard (-1 << 60...1 << 60).contains(value) else { throw Self.damage }
        return value
    }

    /// How many things follow, each of which takes at least a byte.
    mutating func count() throws(PipelineError) -> Int {
        guard let count = Int(exactly: try number()), count <= bytes.count else { throw Self.damage }
        return count
    }

    mutating func text() throws(PipelineError) -> String {
        let place = try number()
        if place > 0 {
            guard place <= UInt64(texts.count) else { throw Self.damage }
            return texts[Int(place - 1)]
        }
        let count = try count()
        guard let text = String(validating: bytes.prefix(count), as: UTF8.self) else { throw Self.damage }
        bytes = bytes.dropFirst(count)
        texts.append(text)
        return text
    }

    mutating func value() throws(PipelineError) -> LiveValue {
        switch bytes.popFirst() {
        case 0: return .null
        case 1: return .integer(try signed())
        case 2: return .double(Double(bitPattern: try number()))
        case 3: return .text(try text())
        default: throw Self.damage
        }
    }

    mutating func part() throws(PipelineError) -> LiveStateReader {
        let count = try count()
        defer { bytes = bytes.dropFirst(count) }
        return LiveStateReader(bytes.prefix(count))
    }

    mutating func list<Element>(
        _ read: (inout LiveStateReader) throws(PipelineError) -> Element
    ) throws(PipelineError) -> [Element] {
        let count = try count()
        var elements: [Element] = []
        elements.reserveCapacity(count)
        for _ in 0..<count { elements.append(try read(&self)) }
        return elements
    }
}
