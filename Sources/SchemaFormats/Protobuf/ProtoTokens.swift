/// The words of a `.proto` file.
enum ProtoToken: Equatable {
    case word(String)
    /// As written.
    case number(String)
    case string([UInt8])
    case symbol(Character)
    case end

    var text: String {
        switch self {
        case .word(let text), .number(let text): text
        case .string(let bytes): "\"\(String(decoding: bytes.prefix(40), as: UTF8.self))\""
        case .symbol(let symbol): String(symbol)
        case .end: "the end of the file"
        }
    }
}

struct ProtoTokens {
    private let source: [UInt8]
    private var place = 0
    private(set) var line = 1
    private(set) var next = ProtoToken.end

    init(_ text: String) throws(SchemaFormatError) {
        source = Array(text.utf8)
        try advance()
    }

    func invalid(_ why: String) -> SchemaFormatError {
        SchemaFormatError(.invalidSchema, "line \(line): \(why)")
    }

    private func unexpected(_ wanted: String) -> SchemaFormatError {
        invalid("expected \(wanted), found \(next.text.prefix(60))")
    }

    // MARK: Taking

    /// The next token, which is stepped over.
    mutating func take() throws(SchemaFormatError) -> ProtoToken {
        let token = next
        try advance()
        return token
    }

    mutating func takes(_ symbol: Character) throws(SchemaFormatError) -> Bool {
        guard next == .symbol(symbol) else { return false }
        try advance()
        return true
    }

    mutating func takes(word: String) throws(SchemaFormatError) -> Bool {
        guard next == .word(word) else { return false }
        try advance()
        return true
    }

    mutating func expect(_ symbol: Character) throws(SchemaFormatError) {
        guard try takes(symbol) else { throw unexpected("\(symbol)") }
    }

    mutating func name() throws(SchemaFormatError) -> String {
        guard case .word(let name) = next else { throw unexpected("a name") }
        try advance()
        return name
    }

    /// Names with dots between them, and maybe one in front.
    mutating func path() throws(SchemaFormatError) -> String {
        var path = try takes(".") ? "." : ""
        path += try name()
        while try takes(".") { path += try "." + name() }
        return path
    }

    mutating func integer() throws(SchemaFormatError) -> Int64 {
        let isNegative = try takes("-")
        guard case .number(let text) = next, let number = Self.integer(text) else {
            throw unexpected("a number")
        }
        try advance()
        return isNegative ? -number : number
    }

    static func integer(_ text: String) -> Int64? {
        if text.hasPrefix("0x") || text.hasPrefix("0X") { return Int64(text.dropFirst(2), radix: 16) }
        if text.hasPrefix("0"), text.count > 1 { return Int64(text.dropFirst(), radix: 8) }
        return Int64(text)
    }

    /// Strings that follow one another are one.
    mutating func string() throws(SchemaFormatError) -> [UInt8] {
        guard case .string(var bytes) = next else { throw unexpected("a string") }
        try advance()
        while case .string(let more) = next {
            bytes += more
            try advance()
        }
        return bytes
    }

    mutating func text() throws(SchemaFormatError) -> String {
        String(decoding: try string(), as: UTF8.self)
    }

    /// Steps over all up to a symbol, and over that; what stands in brackets belongs together.
    mutating func skip(past symbol: Character) throws(SchemaFormatError) {
        var depth = 0
        while next != .end {
            let token = try take()
            switch token {
            case .symbol("{"), .symbol("["), .symbol("("), .symbol("<"): depth += 1
            case .symbol("}"), .symbol("]"), .symbol(")"), .symbol(">"):
                depth -= 1
                if depth == 0, token == .symbol(symbol) { return }
            case .symbol(symbol) where depth == 0: return
            default: break
            }
        }
        throw unexpected("\(symbol)")
    }

    // MARK: Reading

    private mutating func advance() throws(SchemaFormatError) {
        try skipBlanks()
        guard place < source.count else {
            next = .end
            return
        }
        let byte = source[place]
        if Self.isLetter(byte) {
            next = .word(run { Self.isLetter($0) || Self.isDigit($0) })
        } else if Self.isDigit(byte) || (byte == UInt8(ascii: ".") && Self.isDigit(peek(1))) {
            next = .number(number())
        } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
            next = .string(try quoted(byte))
        } else {
            place += 1
            guard byte < 0x80 else { throw invalid("a character that is none of a name") }
            next = .symbol(Character(Unicode.Scalar(byte)))
        }
    }

    private func peek(_ distance: Int) -> UInt8 {
        place + distance < source.count ? source[place + distance] : 0
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private mutating func run(_ belongs: (UInt8) -> Bool) -> String {
        let start = place
        while place < source.count, belongs(source[place]) { place += 1 }
        return String(decoding: source[start..<place], as: UTF8.self)
    }

    private mutating func number() -> String {
        var found = run { Self.isLetter($0) || Self.isDigit($0) || $0 == UInt8(ascii: ".") }
        let isExponent = found.hasSuffix("e") || found.hasSuffix("E")
        if isExponent, !found.hasPrefix("0x"), peek(0) == UInt8(ascii: "-") || peek(0) == UInt8(ascii: "+") {
            found.unicodeScalars.append(Unicode.Scalar(source[place]))
            place += 1
            found += run(Self.isDigit)
        }
        return found
    }

    private mutating func skipBlanks() throws(SchemaFormatError) {
        while place < source.count {
            switch (source[place], peek(1)) {
            case (UInt8(ascii: "\n"), _):
                line += 1
                place += 1
            case (UInt8(ascii: " "), _), (UInt8(ascii: "\t"), _), (UInt8(ascii: "\r"), _), (0x0B, _),
                (0x0C, _):
                place += 1
            case (UInt8(ascii: "/"), UInt8(ascii: "/")):
                while place < source.count, source[place] != UInt8(ascii: "\n") { place += 1 }
            case (UInt8(ascii: "/"), UInt8(ascii: "*")):
                place += 2
                while place < source.count, source[place] != UInt8(ascii: "*") || peek(1) != UInt8(ascii: "/")
                {
                    if source[place] == UInt8(ascii: "\n") { line += 1 }
                    place += 1
                }
                guard place < source.count else { throw invalid("a comment has no end") }
                place += 2
            default: return
            }
        }
    }

    private mutating func quoted(_ quote: UInt8) throws(SchemaFormatError) -> [UInt8] {
        var bytes: [UInt8] = []
        place += 1
        while place < source.count, source[place] != quote {
            guard source[place] != UInt8(ascii: "\n") else { throw invalid("a string has no end") }
            if source[place] == UInt8(ascii: "\\") {
                place += 1
                try unescape(into: &bytes)
            } else {
                bytes.append(source[place])
                place += 1
            }
        }
        guard place < source.count else { throw invalid("a string has no end") }
        place += 1
        return bytes
    }

    private mutating func unescape(into bytes: inout [UInt8]) throws(SchemaFormatError) {
        let plain: [UInt8: UInt8] = [
            UInt8(ascii: "a"): 7, UInt8(ascii: "b"): 8, UInt8(ascii: "f"): 12, UInt8(ascii: "n"): 10,
            UInt8(ascii: "r"): 13, UInt8(ascii: "t"): 9, UInt8(ascii: "v"): 11,
        ]
        let letter = peek(0)
        switch letter {
        case UInt8(ascii: "x"), UInt8(ascii: "X"):
            place += 1
            try digits(radix: 16, atMost: 2, into: &bytes)
        case UInt8(ascii: "0")...UInt8(ascii: "7"): try digits(radix: 8, atMost: 3, into: &bytes)
        default:
            place += 1
            bytes.append(plain[letter] ?? letter)
        }
    }

    private mutating func digits(
        radix: Int, atMost count: Int, into bytes: inout [UInt8]
    ) throws(SchemaFormatError) {
        var found = ""
        while found.utf8.count < count, let digit = Character(Unicode.Scalar(peek(0))).hexDigitValue,
            digit < radix
        {
            found.unicodeScalars.append(Unicode.Scalar(peek(0)))
            place += 1
        }
        guard let value = Int(found, radix: radix) else { throw invalid("an escape has no digits") }
        bytes.append(UInt8(truncatingIfNeeded: value))
    }
}
