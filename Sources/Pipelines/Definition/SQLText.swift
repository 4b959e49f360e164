/// A look at the words of an SQL text, enough to find parameters and the columns that it may read.
///
/// It is no parser: strings, quoted names and comments are told from the rest, which both engines do alike.
package struct SQLText: Sendable {
    package let text: String
    let tokens: [Token]

    struct Token: Sendable {
        enum Kind: Sendable { case word, quotedName, string, number, parameter, symbol }
        var kind: Kind
        var range: Range<Int>
    }

    package init(_ text: String) {
        self.text = text
        tokens = Self.tokens(of: Array(text.utf8))
    }

    /// The names of the `:name` parameters.
    package var parameters: Set<String> {
        let bytes = Array(text.utf8)
        return Set(
            tokens.filter { $0.kind == .parameter }.map {
                String(decoding: bytes[$0.range].dropFirst(), as: UTF8.self)
            })
    }

    /// The text in DuckDB's dialect: `:name` becomes `$name`, and backticks round names become double quotes.
    package var forDuckDB: String {
        var bytes = Array(text.utf8)
        for token in tokens {
            let first = token.range.lowerBound
            switch token.kind {
            case .parameter: bytes[first] = UInt8(ascii: "$")
            case .quotedName where bytes[first] == UInt8(ascii: "`"):
                bytes[first] = UInt8(ascii: "\"")
                bytes[token.range.upperBound - 1] = UInt8(ascii: "\"")
            default: break
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Every name that occurs, in lower case: tables, columns, functions, key words.
    package var names: Set<String> {
        let bytes = Array(text.utf8)
        return Set(
            tokens.compactMap { token in
                switch token.kind {
                case .word: return String(decoding: bytes[token.range], as: UTF8.self).lowercased()
                case .quotedName:
                    return String(decoding: bytes[token.range].dropFirst().dropLast(), as: UTF8.self)
                        .lowercased()
                default: return nil
                }
            })
    }

    /// The names that follow FROM and JOIN, in lower case.
    package var tablesRead: Set<String> {
        let bytes = Array(text.utf8)
        var found: Set<String> = []
        var previous = ""
        for token in tokens {
            let word = String(decoding: bytes[token.range], as: UTF8.self).lowercased()
            if previous == "from" || previous == "join" {
                if token.kind == .word { found.insert(word) }
                if token.kind == .quotedName { found.insert(String(word.dropFirst().dropLast())) }
            }
            previous = token.kind == .word ? word : ""
        }
        return found
    }

    /// True if the text may read columns that it does not name: `*` (but in `count(*)`), natural joins, statements
    /// without SELECT.
    package var readsUnnamedColumns: Bool {
        let bytes = Array(text.utf8)
        let words = tokens.map { String(decoding: bytes[$0.range], as: UTF8.self).lowercased() }
        guard let first = words.first(where: { $0 != "(" }), first == "select" || first == "with" else {
            return true
        }
        return words.indices.contains { index in
            let previous = index > 0 ? words[index - 1] : ""
            switch words[index] {
            case "natural", "columns", "pivot", "unpivot": return tokens[index].kind == .word
            case "from": return previous == "("
            case "*":
                if previous == "(" { return index < 2 || words[index - 2] != "count" }
                return ["select", "distinct", "all", ",", "."].contains(previous)
            default: return false
            }
        }
    }

    // MARK: Paths

    /// The texts that name files: in a function that reads files, and after FROM and JOIN; without their quotes.
    package var paths: [String] { pathTokens.map(\.path) }

    /// The text with other paths in the place of some.
    package func replacing(paths: [String: String]) -> SQLText {
        var bytes = Array(text.utf8)
        for (index, path) in pathTokens.reversed() {
            guard let other = paths[path] else { continue }
            bytes.replaceSubrange(tokens[index].range, with: Array(other.quotedText.utf8))
        }
        return SQLText(String(decoding: bytes, as: UTF8.self))
    }

    private var pathTokens: [(index: Int, path: String)] {
        let bytes = Array(text.utf8)
        var found: [(index: Int, path: String)] = []
        // For each parenthesis that is open: whether a function that reads files opened it.
        var open: [Bool] = []
        var previous = ""
        for (index, token) in tokens.enumerated() {
            let word = String(decoding: bytes[token.range], as: UTF8.self)
            let names = open.last == true || previous == "from" || previous == "join"
            switch word {
            case "(": open.append(previous.hasPrefix("read_") || Self.fileFunctions.contains(previous))
            case ")": _ = open.popLast()
            case _ where token.kind == .string && names && word.utf8.count >= 2:
                found.append((index, String(word.dropFirst().dropLast()).replacing("''", with: "'")))
            default: break
            }
            previous = token.kind == .word ? word.lowercased() : ""
        }
        return found
    }

    private static let fileFunctions: Set<String> = [
        "glob", "parquet_file_metadata", "parquet_metadata", "parquet_scan", "parquet_schema", "sniff_csv",
    ]

    // MARK: Words

    private static func tokens(of bytes: [UInt8]) -> [Token] {
        var tokens: [Token] = []
        var index = 0
        while index < bytes.count {
            let start = index
            let byte = bytes[index]
            let next = index + 1 < bytes.count ? bytes[index + 1] : 0
            switch byte {
            case UInt8(ascii: "-") where next == byte:
                index = bytes[index...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
            case UInt8(ascii: "/") where next == UInt8(ascii: "*"):
                index = endOfComment(bytes, from: index + 2)
            case UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "`"):
                index = endOfQuotes(bytes, from: index)
                tokens.append(
                    Token(kind: byte == UInt8(ascii: "'") ? .string : .quotedName, range: start..<index))
            case UInt8(ascii: ":") where next == byte:
                index += 2
                tokens.append(Token(kind: .symbol, range: start..<index))
            case UInt8(ascii: ":") where next.isNameStart:
                index = endOfName(bytes, from: index + 1)
                tokens.append(Token(kind: .parameter, range: start..<index))
            case _ where byte.isNameStart:
                index = endOfName(bytes, from: index)
                tokens.append(Token(kind: .word, range: start..<index))
            case _ where byte.isDigit:
                index = endOfName(bytes, from: index)
                tokens.append(Token(kind: .number, range: start..<index))
            default:
                index += 1
                if byte > 0x20 { tokens.append(Token(kind: .symbol, range: start..<index)) }
            }
        }
        return tokens
    }

    private static func endOfComment(_ bytes: [UInt8], from start: Int) -> Int {
        var index = start
        while index + 1 < bytes.count {
            if bytes[index] == UInt8(ascii: "*"), bytes[index + 1] == UInt8(ascii: "/") { return index + 2 }
            index += 1
        }
        return bytes.count
    }

    /// A doubled quote stands for itself and does not end the text.
    private static func endOfQuotes(_ bytes: [UInt8], from start: Int) -> Int {
        var index = start + 1
        while index < bytes.count {
            if bytes[index] == bytes[start] {
                guard index + 1 < bytes.count, bytes[index + 1] == bytes[start] else { return index + 1 }
                index += 1
            }
            index += 1
        }
        return bytes.count
    }

    private static func endOfName(_ bytes: [UInt8], from start: Int) -> Int {
        bytes[start...].firstIndex { !$0.isNamePart } ?? bytes.count
    }
}

extension UInt8 {
    var isDigit: Bool { self &- UInt8(ascii: "0") < 10 }
    /// A letter, an underscore, or part of a character beyond ASCII.
    var isNameStart: Bool {
        (self | 0x20) &- UInt8(ascii: "a") < 26 || self == UInt8(ascii: "_") || self >= 0x80
    }
    var isNamePart: Bool { isNameStart || isDigit }
}
