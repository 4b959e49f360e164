import JSONText

/// A second opinion: the same rules, read off RFC 8259 without any regard for speed.
struct ReferenceJSON {
    private var rest: ArraySlice<UInt8>
    private let maxDepth: Int

    /// The kind of fault, or nil for a text that must be accepted.
    static func fault(in bytes: [UInt8], maxDepth: Int = 128) -> JSONTextError.Code? {
        var reference = ReferenceJSON(rest: bytes[...], maxDepth: maxDepth)
        do throws(Fault) {
            try reference.value(depth: 0)
            reference.skipBlanks()
            return reference.rest.isEmpty ? nil : .unexpectedByte
        } catch {
            return error.code
        }
    }

    private struct Fault: Error {
        var code: JSONTextError.Code
    }

    private mutating func skipBlanks() {
        while let byte = rest.first, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { rest.removeFirst() }
    }

    private mutating func take(_ character: Character) -> Bool {
        guard let byte = rest.first, Character(UnicodeScalar(byte)) == character else { return false }
        rest.removeFirst()
        return true
    }

    private func syntax() -> Fault { Fault(code: rest.isEmpty ? .unexpectedEnd : .unexpectedByte) }

    private mutating func value(depth: Int) throws(Fault) {
        skipBlanks()
        switch rest.first.map({ Character(UnicodeScalar($0)) }) {
        case "{": try object(depth: depth)
        case "[": try array(depth: depth)
        case "\"": _ = try string()
        case "t": try word("true")
        case "f": try word("false")
        case "n": try word("null")
        case "-", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9": try number()
        default: throw syntax()
        }
    }

    private mutating func word(_ word: String) throws(Fault) {
        for character in word {
            guard take(character) else { throw syntax() }
        }
    }

    private mutating func number() throws(Fault) {
        _ = take("-")
        let integer = try digits()
        if integer.count > 1, integer.first == "0" { throw Fault(code: .invalidNumber) }
        if take(".") { _ = try digits() }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            _ = try digits()
        }
    }

    private mutating func digits() throws(Fault) -> String {
        var text = ""
        while let byte = rest.first, (0x30...0x39).contains(byte) {
            text.append(Character(UnicodeScalar(byte)))
            rest.removeFirst()
        }
        guard text.isEmpty else { return text }
        throw Fault(code: rest.isEmpty ? .unexpectedEnd : .invalidNumber)
    }

    private mutating func array(depth: Int) throws(Fault) {
        guard depth < maxDepth else { throw Fault(code: .depthExceeded) }
        _ = take("[")
        skipBlanks()
        if take("]") { return }
        while true {
            try value(depth: depth + 1)
            skipBlanks()
            if take("]") { return }
            guard take(",") else { throw syntax() }
        }
    }

    private mutating func object(depth: Int) throws(Fault) {
        guard depth < maxDepth else { throw Fault(code: .depthExceeded) }
        _ = take("{")
        var names: Set<[UInt16]> = []
        skipBlanks()
        if take("}") { return }
        while true {
            skipBlanks()
            guard rest.first == UInt8(ascii: "\"") else { throw syntax() }
            guard names.insert(try string()).inserted else { throw Fault(code: .duplicateMember) }
            skipBlanks()
            guard take(":") else { throw syntax() }
            try value(depth: depth + 1)
            skipBlanks()
            if take("}") { return }
            guard take(",") else { throw syntax() }
        }
    }

    /// The string's text in UTF-16, where a lone surrogate counts as U+FFFD.
    private mutating func string() throws(Fault) -> [UInt16] {
        _ = take("\"")
        var units: [UInt16] = []
        var raw: [UInt8] = []
        while true {
            guard let byte = rest.popFirst() else { throw Fault(code: .unexpectedEnd) }
            if byte == UInt8(ascii: "\"") { break }
            guard byte >= 0x20 else { throw Fault(code: .controlCharacter) }
            if byte == UInt8(ascii: "\\") {
                try flush(&raw, into: &units)
                units.append(try escape())
            } else {
                raw.append(byte)
            }
        }
        try flush(&raw, into: &units)
        return Array(String(decoding: units, as: UTF16.self).utf16)
    }

    private func flush(_ raw: inout [UInt8], into units: inout [UInt16]) throws(Fault) {
        guard let text = String(validating: raw, as: UTF8.self) else { throw Fault(code: .invalidUTF8) }
        units += text.utf16
        raw = []
    }

    private mutating func escape() throws(Fault) -> UInt16 {
        guard let byte = rest.popFirst() else { throw Fault(code: .unexpectedEnd) }
        let plain: [Character: UInt16] = [
            "\"": 0x22, "\\": 0x5C, "/": 0x2F, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9,
        ]
        if let unit = plain[Character(UnicodeScalar(byte))] { return unit }
        guard byte == UInt8(ascii: "u") else { throw Fault(code: .invalidEscape) }
        guard rest.count >= 4 else { throw Fault(code: .unexpectedEnd) }
        let digits = String(decoding: rest.prefix(4), as: UTF8.self)
        guard digits.allSatisfy({ $0.isASCII && $0.isHexDigit }), let unit = UInt16(digits, radix: 16) else {
            throw Fault(code: .invalidEscape)
        }
        rest.removeFirst(4)
        return unit
    }
}
