/// Which version of a table is meant.
package enum TableTime: Hashable, Sendable {
    case latest
    case version(Int64)
    /// The last version at or before a time, as the statement writes it.
    case time(String)
}

/// A table as of some version, as a statement names it.
package struct TableMoment: Hashable, Sendable {
    package var table: String
    package var time: TableTime

    package init(_ table: String, _ time: TableTime = .latest) {
        self.table = table
        self.time = time
    }

    /// The name of the view that stands for it.
    var viewName: String {
        switch time {
        case .latest: table
        case .version(let version): "\(table)@v\(version)"
        case .time(let text): "\(table)@\(text)"
        }
    }
}

// Time travel: `pin AT (VERSION => 3)`, `pin AT (TIMESTAMP => '2026-11-01 12:00:00')`.
extension SQLText {
    /// The text with a view's name in the place of each table of another version, and which these are.
    ///
    /// A table without a name of its own keeps its name, so that its columns can be told by it.
    func resolvingMoments() throws(PipelineError) -> (text: SQLText, moments: [TableMoment]) {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var moments: [TableMoment] = []
        var copied = 0
        var index = 1
        while index < tokens.count {
            guard let found = try moment(at: index, bytes) else {
                index += 1
                continue
            }
            let name = tokens[index - 1]
            result += bytes[copied..<name.range.lowerBound]
            result += Array(found.moment.viewName.quotedName.utf8)
            if !hasAlias(at: found.next, bytes) {
                result += Array(" AS \(found.moment.table.quotedName)".utf8)
            }
            copied = tokens[found.next - 1].range.upperBound
            moments.append(found.moment)
            index = found.next
        }
        guard !moments.isEmpty else { return (self, []) }
        result += bytes[copied...]
        return (SQLText(String(decoding: result, as: UTF8.self)), moments)
    }

    /// A moment whose AT is the token at a place; nil if that is another word.
    private func moment(
        at index: Int, _ bytes: [UInt8]
    ) throws(PipelineError) -> (moment: TableMoment, next: Int)? {
        func word(_ place: Int) -> String {
            guard tokens.indices.contains(place) else { return "" }
            return String(decoding: bytes[tokens[place].range], as: UTF8.self).lowercased()
        }
        guard tokens[index].kind == .word, word(index) == "at", word(index + 1) == "(",
            ["version", "timestamp"].contains(word(index + 2)), word(index + 3) == "=",
            word(index + 4) == ">",
            [.word, .quotedName].contains(tokens[index - 1].kind)
        else { return nil }
        let table = name(of: tokens[index - 1], bytes)
        var place = index + 5
        if word(index + 2) == "timestamp", word(place) == "timestamp" { place += 1 }
        guard tokens.indices.contains(place), word(place + 1) == ")" else { throw Self.noMoment(table) }
        let value = String(decoding: bytes[tokens[place].range], as: UTF8.self)
        let time: TableTime
        switch (word(index + 2), tokens[place].kind) {
        case ("version", .number):
            guard let version = Int64(value) else { throw Self.noMoment(table) }
            time = .version(version)
        case ("timestamp", .string):
            time = .time(String(value.dropFirst().dropLast()).replacing("''", with: "'"))
        default: throw Self.noMoment(table)
        }
        return (TableMoment(table, time), place + 2)
    }

    private static func noMoment(_ table: String) -> PipelineError {
        PipelineError(
            .invalidParameter,
            "\(table) AT (…) takes VERSION => and a number, or TIMESTAMP => and a time in quotes.")
    }

    private func name(of token: Token, _ bytes: [UInt8]) -> String {
        let text = String(decoding: bytes[token.range], as: UTF8.self)
        guard token.kind == .quotedName else { return text.lowercased() }
        let quote = String(text.prefix(1))
        return String(text.dropFirst().dropLast()).replacing(quote + quote, with: quote)
    }

    private func hasAlias(at index: Int, _ bytes: [UInt8]) -> Bool {
        guard tokens.indices.contains(index) else { return false }
        switch tokens[index].kind {
        case .quotedName: return true
        case .word:
            let word = String(decoding: bytes[tokens[index].range], as: UTF8.self).lowercased()
            return !Self.wordsAfterTables.contains(word)
        default: return false
        }
    }

    /// Words that may follow a table and are no other name for it.
    private static let wordsAfterTables: Set<String> = [
        "anti", "asof", "cross", "except", "fetch", "full", "group", "having", "inner", "intersect", "join",
        "lateral", "left", "limit", "natural", "offset", "on", "order", "pivot", "positional", "qualify",
        "right", "select", "semi", "tablesample", "union", "unpivot", "using", "where", "window",
    ]
}

// Several statements in one text.
extension SQLText {
    /// The statements that end with `;`, without it, and what comes after the last of them.
    package var statements: (whole: [String], rest: String) {
        let bytes = Array(text.utf8)
        var whole: [String] = []
        var start = 0
        var hasWords = false
        for token in tokens {
            guard token.kind == .symbol, bytes[token.range] == [UInt8(ascii: ";")] else {
                hasWords = true
                continue
            }
            if hasWords {
                whole.append(String(decoding: bytes[start..<token.range.lowerBound], as: UTF8.self))
            }
            start = token.range.upperBound
            hasWords = false
        }
        return (whole, hasWords ? String(decoding: bytes[start...], as: UTF8.self) : "")
    }
}
