import JSONText

/// One member of a JSON object: its name, and its value as it stands in the text.
struct JSONMember {
    var name: String
    var kind: JSONKind
    var range: Range<Int>

    /// The members of the object that a text is.
    static func all(in text: UnsafeRawBufferPointer) throws(JSONTextError) -> [JSONMember] {
        var scanner = JSONScanner(text)
        var members: [JSONMember] = []
        try scanner.beginObject()
        while let name = try scanner.nextMember() {
            let span = try scanner.value()
            let unescaped = String(decoding: scanner.unescapedName(name), as: UTF8.self)
            members.append(JSONMember(name: unescaped, kind: span.kind, range: span.range))
        }
        try scanner.finish()
        return members
    }

    /// The value as an integer, whether written as a number or as a string.
    func integer(in text: UnsafeRawBufferPointer) -> Int? {
        switch kind {
        case .number: Int(String(decoding: text[range], as: UTF8.self))
        case .string: Int(String(decoding: text[range].dropFirst().dropLast(), as: UTF8.self))
        default: nil
        }
    }
}

/// Whether a text is one JSON number and nothing else.
func isJSONNumber(_ text: [UInt8]) -> Bool {
    guard let last = text.last, (48...57).contains(last), text[0] > UInt8(ascii: " ") else { return false }
    return text.withUnsafeBytes { bytes in
        var scanner = JSONScanner(bytes)
        guard let span = try? scanner.value() else { return false }
        return span.kind == .number && scanner.isAtEnd()
    }
}

extension [UInt8] {
    /// Calls a closure with each line that is not blank, without its line break, and its number from 1.
    func forEachLine(_ body: (_ line: Int, _ range: Range<Int>) throws -> Void) rethrows {
        var start = 0
        var line = 1
        while start < count {
            let end = self[start...].firstIndex(of: UInt8(ascii: "\n")) ?? count
            let isBlank = self[start..<end].allSatisfy { $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }
            if !isBlank { try body(line, trimmed(start..<end)) }
            start = end + 1
            line += 1
        }
    }

    private func trimmed(_ range: Range<Int>) -> Range<Int> {
        var range = range
        let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }
        while let first = self[range].first, isBlank(first) {
            range = range.lowerBound + 1..<range.upperBound
        }
        while let last = self[range].last, isBlank(last) { range = range.lowerBound..<range.upperBound - 1 }
        return range
    }
}
