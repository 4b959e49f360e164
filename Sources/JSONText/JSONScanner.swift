/// The kind of a JSON value.
package enum JSONKind: UInt8, Sendable {
    case object, array, string, number, `true`, `false`, null
}

/// Where a value lies in the scanned text.
package struct JSONValueSpan: Sendable {
    package var kind: JSONKind
    /// The value's bytes as sent; those of a string with its quotes.
    package var range: Range<Int>
    /// A string that holds a backslash, so that its bytes are not yet its text.
    package var hasEscapes: Bool

    /// The bytes between the quotes of a string.
    package var content: Range<Int> { range.lowerBound + 1..<range.upperBound - 1 }
}

/// The name of an object's member.
package struct JSONMemberName: Sendable {
    /// The bytes between the quotes.
    package var range: Range<Int>
    package var hasEscapes: Bool
}

/// A validating scanner that reads a JSON text once, from left to right, and copies nothing.
///
/// It accepts RFC 8259 and refuses besides: nesting deeper than `maxDepth`, a member name that occurs twice in
/// one object (compared after unescaping), and bytes that are not UTF-8. Lone surrogates in `\u` escapes pass.
/// Pull values with `value()`, or open containers with `beginObject()`/`nextMember()` and
/// `beginArray()`/`nextElement()`; end with `finish()`.
///
/// The bytes must outlive the scanner's use. Reuse one scanner with `reset(_:)` to save its allocations.
package struct JSONScanner {
    package private(set) var position = 0
    private var base: UnsafePointer<UInt8>
    private var count: Int
    private let maxDepth: Int
    private var frames: [Frame] = []
    private var names = MemberNames()
    /// Where the text differs from its compact form, if that is asked for: white space, and escapes to be undone.
    private(set) var cuts: [Int] = []
    private var notesCuts = false

    private struct Frame {
        var isObject: Bool
        var isFirst: Bool
        var namesStart: Int
    }

    /// - Parameter maxDepth: the most containers that may be open at once.
    package init(maxDepth: Int = 128) {
        self.maxDepth = maxDepth
        base = StaticString("").utf8Start
        count = 0
        frames.reserveCapacity(16)
    }

    package init(_ bytes: UnsafeRawBufferPointer, maxDepth: Int = 128) {
        self.init(maxDepth: maxDepth)
        reset(bytes)
    }

    /// Starts over on another text.
    package mutating func reset(_ bytes: UnsafeRawBufferPointer) {
        if let start = bytes.baseAddress { base = start.assumingMemoryBound(to: UInt8.self) }
        count = bytes.count
        position = 0
        frames.removeAll(keepingCapacity: true)
        names.removeAll()
        notesCuts = false
    }

    /// Notes from here on where the text differs from its compact form.
    mutating func noteCuts() {
        cuts.removeAll(keepingCapacity: true)
        notesCuts = true
    }

    // MARK: Pulling

    /// The kind of the next value, judged by its first byte; nothing is consumed but white space.
    package mutating func peekKind() throws(JSONTextError) -> JSONKind {
        skipWhitespace()
        guard position < count else { throw JSONTextError(.unexpectedEnd, at: position) }
        switch base[position] {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "t"): return .true
        case UInt8(ascii: "f"): return .false
        case UInt8(ascii: "n"): return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
        default: throw JSONTextError(.unexpectedByte, at: position)
        }
    }

    /// Consumes one whole value, containers included.
    package mutating func value() throws(JSONTextError) -> JSONValueSpan {
        let kind = try peekKind()
        let start = position
        switch kind {
        case .string:
            position += 1
            let escapes = try scanString()
            return JSONValueSpan(kind: kind, range: start..<position, hasEscapes: escapes)
        case .object, .array:
            try skipContainer(kind)
        default:
            try skipScalar(kind)
        }
        return JSONValueSpan(kind: kind, range: start..<position, hasEscapes: false)
    }

    /// Opens an object; throws `unexpectedByte` if the next value is something else.
    package mutating func beginObject() throws(JSONTextError) {
        try open(UInt8(ascii: "{"), isObject: true)
    }

    /// The name of the next member, whose value must be consumed next; nil at the end of the object.
    package mutating func nextMember() throws(JSONTextError) -> JSONMemberName? {
        guard try advance(to: UInt8(ascii: "}")) else { return nil }
        guard position < count else { throw JSONTextError(.unexpectedEnd, at: position) }
        guard base[position] == UInt8(ascii: "\"") else { throw JSONTextError(.unexpectedByte, at: position) }
        position += 1
        let start = position
        let escapes = try scanString()
        let name = JSONMemberName(range: start..<position - 1, hasEscapes: escapes)
        let isNew = names.insert(base, name, since: frames[frames.count - 1].namesStart)
        guard isNew else { throw JSONTextError(.duplicateMember, at: start) }
        skipWhitespace()
        guard position < count else { throw JSONTextError(.unexpectedEnd, at: position) }
        guard base[position] == UInt8(ascii: ":") else { throw JSONTextError(.unexpectedByte, at: position) }
        position += 1
        return name
    }

    /// Opens an array; throws `unexpectedByte` if the next value is something else.
    package mutating func beginArray() throws(JSONTextError) {
        try open(UInt8(ascii: "["), isObject: false)
    }

    /// True if there is a further element, which must be consumed next; false at the end of the array.
    package mutating func nextElement() throws(JSONTextError) -> Bool {
        try advance(to: UInt8(ascii: "]"))
    }

    /// Checks that nothing but white space is left.
    package mutating func finish() throws(JSONTextError) {
        skipWhitespace()
        guard position == count else { throw JSONTextError(.unexpectedByte, at: position) }
    }

    /// True if nothing but white space is left.
    package mutating func isAtEnd() -> Bool {
        skipWhitespace()
        return position == count
    }

    /// Compares a member's name with a name in plain ASCII.
    @inline(__always)
    package func matches(_ name: JSONMemberName, _ text: StaticString) -> Bool {
        if name.hasEscapes { return unescapedName(name).elementsEqual(bytes(of: text)) }
        return name.range.count == text.utf8CodeUnitCount
            && equalBytes(base + name.range.lowerBound, text.utf8Start, text.utf8CodeUnitCount)
    }

    /// The name's text as bytes, escapes undone.
    package func unescapedName(_ name: JSONMemberName) -> [UInt8] {
        var bytes: [UInt8] = []
        JSONText.unescape(
            UnsafeRawBufferPointer(start: base + name.range.lowerBound, count: name.range.count), into: &bytes
        )
        return bytes
    }

    // MARK: Containers

    private mutating func open(_ bracket: UInt8, isObject: Bool) throws(JSONTextError) {
        skipWhitespace()
        guard position < count else { throw JSONTextError(.unexpectedEnd, at: position) }
        guard base[position] == bracket else { throw JSONTextError(.unexpectedByte, at: position) }
        guard frames.count < maxDepth else { throw JSONTextError(.depthExceeded, at: position) }
        position += 1
        frames.append(Frame(isObject: isObject, isFirst: true, namesStart: names.count))
    }

    /// Steps over a comma to the next member or element, or over the closing bracket (false).
    @inline(__always)
    private mutating func advance(to closing: UInt8) throws(JSONTextError) -> Bool {
        skipWhitespace()
        guard position < count else { throw JSONTextError(.unexpectedEnd, at: position) }
        let top = frames.count - 1
        if base[position] == closing {
            position += 1
            names.truncate(to: frames[top].namesStart)
            frames.removeLast()
            return false
        }
        if frames[top].isFirst {
            frames[top].isFirst = false
            return true
        }
        guard base[position] == UInt8(ascii: ",") else { throw JSONTextError(.unexpectedByte, at: position) }
        position += 1
        skipWhitespace()
        guard position < count else { throw JSONTextError(.unexpectedEnd, at: position) }
        guard base[position] != closing else { throw JSONTextError(.unexpectedByte, at: position) }
        return true
    }

    private mutating func skipContainer(_ kind: JSONKind) throws(JSONTextError) {
        let depth = frames.count
        if kind == .object { try beginObject() } else { try beginArray() }
        while frames.count > depth {
            if frames[frames.count - 1].isObject {
                guard try nextMember() != nil else { continue }
            } else {
                guard try nextElement() else { continue }
            }
            let kind = try peekKind()
            switch kind {
            case .object: try beginObject()
            case .array: try beginArray()
            case .string:
                position += 1
                _ = try scanString()
            default: try skipScalar(kind)
            }
        }
    }

    // MARK: Scalars

    @inline(__always)
    private mutating func skipWhitespace() {
        guard isAtWhitespace else { return }
        if notesCuts { cuts.append(position) }
        repeat { position += 1 } while isAtWhitespace
    }

    @inline(__always)
    private var isAtWhitespace: Bool {
        guard position < count else { return false }
        let byte = base[position]
        // 0x20, 0x0A, 0x0D, 0x09
        return byte <= 0x20 && (0x1_0000_2600 as UInt64) >> UInt64(byte) & 1 == 1
    }

    private mutating func skipScalar(_ kind: JSONKind) throws(JSONTextError) {
        switch kind {
        case .true: try skipWord("true")
        case .false: try skipWord("false")
        case .null: try skipWord("null")
        default: try skipNumber()
        }
    }

    private mutating func skipWord(_ word: StaticString) throws(JSONTextError) {
        let length = word.utf8CodeUnitCount
        for index in 0..<length {
            guard position + index < count else { throw JSONTextError(.unexpectedEnd, at: count) }
            guard base[position + index] == word.utf8Start[index] else {
                throw JSONTextError(.unexpectedByte, at: position + index)
            }
        }
        position += length
    }

    private mutating func skipNumber() throws(JSONTextError) {
        if base[position] == UInt8(ascii: "-") { position += 1 }
        let integerStart = position
        try skipDigits()
        if base[integerStart] == UInt8(ascii: "0"), position - integerStart > 1 {
            throw JSONTextError(.invalidNumber, at: integerStart)
        }
        if position < count, base[position] == UInt8(ascii: ".") {
            position += 1
            try skipDigits()
        }
        if position < count, base[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < count, base[position] == UInt8(ascii: "+") || base[position] == UInt8(ascii: "-") {
                position += 1
            }
            try skipDigits()
        }
    }

    @inline(__always)
    private mutating func skipDigits() throws(JSONTextError) {
        let start = position
        while position < count, base[position] &- UInt8(ascii: "0") < 10 { position += 1 }
        guard position > start else {
            throw JSONTextError(position < count ? .invalidNumber : .unexpectedEnd, at: position)
        }
    }

    /// Scans a string from behind its opening quote to behind its closing one; true if it holds a backslash.
    ///
    /// Eight bytes at a time: `(x - 0x01…) & ~x & 0x80…` marks zero bytes of x, exactly up to the lowest mark.
    @inline(__always)
    private mutating func scanString() throws(JSONTextError) -> Bool {
        let start = position
        var escapes = false
        var high: UInt64 = 0
        while true {
            var special: UInt64 = 0
            while position + 8 <= count {
                let word = UnsafeRawPointer(base + position).loadUnaligned(as: UInt64.self)
                special = specialBytes(UInt64(littleEndian: word))
                if special != 0 {
                    let bits = UInt64(special.trailingZeroBitCount & ~7)
                    high |= UInt64(littleEndian: word) & 0x8080_8080_8080_8080 & ((1 << bits) &- 1)
                    position += Int(bits >> 3)
                    break
                }
                high |= word & 0x8080_8080_8080_8080
                position += 8
            }
            while special == 0, position < count {
                let byte = base[position]
                high |= UInt64(byte & 0x80)
                if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < 0x20 { break }
                position += 1
            }
            guard position < count else { throw JSONTextError(.unexpectedEnd, at: count) }
            if base[position] == UInt8(ascii: "\"") { break }
            guard base[position] == UInt8(ascii: "\\") else {
                throw JSONTextError(.controlCharacter, at: position)
            }
            escapes = true
            try skipEscape()
        }
        if high != 0 { try validateUTF8(start..<position) }
        position += 1
        return escapes
    }

    private mutating func skipEscape() throws(JSONTextError) {
        guard position + 1 < count else { throw JSONTextError(.unexpectedEnd, at: count) }
        switch base[position + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
            UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 2
        case UInt8(ascii: "/"):
            if notesCuts { cuts.append(position) }
            position += 2
        case UInt8(ascii: "u"):
            guard position + 6 <= count else { throw JSONTextError(.unexpectedEnd, at: count) }
            for index in 2..<6 where hexDigit(base[position + index]) == nil {
                throw JSONTextError(.invalidEscape, at: position)
            }
            if notesCuts { cuts.append(position) }
            position += 6
        default:
            throw JSONTextError(.invalidEscape, at: position)
        }
    }

    private func validateUTF8(_ range: Range<Int>) throws(JSONTextError) {
        let bytes = UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count)
        guard JSONText.isUTF8(bytes) else { throw JSONTextError(.invalidUTF8, at: range.lowerBound) }
    }
}

/// Marks quotes, backslashes and control characters of eight bytes; the lowest mark is exact.
@inline(__always)
private func specialBytes(_ word: UInt64) -> UInt64 {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let quote = word ^ 0x2222_2222_2222_2222
    let backslash = word ^ 0x5C5C_5C5C_5C5C_5C5C
    let control = (word &- 0x2020_2020_2020_2020) & ~word
    return ((quote &- ones) & ~quote | (backslash &- ones) & ~backslash | control) & 0x8080_8080_8080_8080
}

/// The bytes of a static string as a collection.
private func bytes(of text: StaticString) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
}
