package import QueryEngine

/// One question of a pipeline: a file of the folder `queries`.
package struct QueryFile: Sendable {
    /// What results are called by: the leading number, or the stem where that says more (`6-per-user`).
    package var id: String
    /// The file's name without its ending.
    package var stem: String
    /// The question in words: the first comment line.
    package var title: String
    /// Only run when it is asked for by name.
    package var isOnRequest: Bool
    package var sql: SQLText

    /// - Parameter stem: the file's name without `.sql`.
    package init(stem: String, text: String) {
        self.stem = stem
        id = stem
        sql = SQLText(text)
        let comments = text.split(whereSeparator: \.isNewline)
            .prefix { $0.hasPrefix("--") }
            .map { $0.drop { $0 == "-" || $0 == " " } }
        title = comments.first.map(String.init) ?? stem
        isOnRequest = comments.contains { $0.split(separator: " ") == ["run:", "on", "request"] }
    }

    /// The number at the start of the stem, and the name behind it.
    fileprivate var numberAndName: (number: Substring, name: Substring)? {
        let number = stem.prefix { $0.isASCII && $0.isNumber }
        let rest = stem.dropFirst(number.count)
        guard !number.isEmpty, rest.first == "-" || rest.isEmpty else { return nil }
        return (number, rest.dropFirst())
    }

    /// Gives each file its id and puts them in order: by number, then by stem.
    ///
    /// The number is the id of the one file that runs unasked; others with the same number keep their stem.
    static func identified(_ files: [QueryFile]) -> [QueryFile] {
        var files = files
        for index in files.indices {
            guard let number = files[index].numberAndName?.number, !files[index].isOnRequest else { continue }
            let rivals = files.filter { $0.numberAndName?.number == number && !$0.isOnRequest }
            if rivals.count == 1 { files[index].id = String(number) }
        }
        return files.sorted { left, right in
            let numbers = [left, right].map { $0.numberAndName.flatMap { Int($0.number) } ?? Int.max }
            return numbers[0] != numbers[1] ? numbers[0] < numbers[1] : left.stem < right.stem
        }
    }

    /// True if the query may be called by this name: its id, its stem, or its name without the number.
    package func isCalled(_ name: String) -> Bool {
        name == id || name == stem || numberAndName.map { !$0.name.isEmpty && $0.name == name } ?? false
    }
}

/// The values of `:name` parameters.
package enum QueryParameters {
    /// A value from the command line or the settings: a number or truth value if it looks like one, else text.
    package static func value(of text: String) -> SQLValue {
        if let number = Int64(text) { return .integer(number) }
        if text.utf8.first?.isDigit == true || text.hasPrefix("-"), let number = Double(text), number.isFinite
        {
            return .double(number)
        }
        switch text {
        case "true": return .bool(true)
        case "false": return .bool(false)
        case "null": return .null
        default: return .text(text)
        }
    }

    /// The values that each of some statements needs.
    ///
    /// - Parameters:
    ///   - statements: with what errors call them; empty for one that was typed.
    ///   - standard: the pipeline's values, before which those that were given go.
    /// - Throws: if a value is missing, or given for none.
    static func values(
        for statements: [(title: String, sql: SQLText)], pipeline standard: [String: SQLValue],
        given: [String: SQLValue]
    ) throws(PipelineError) -> [[String: SQLValue]] {
        let known = Set(statements.flatMap(\.sql.parameters)).union(standard.keys)
        if let name = given.keys.filter({ !known.contains($0) }).min() {
            let names =
                known.isEmpty ? "there is none" : "there are \(known.sorted().joined(separator: ", "))"
            throw PipelineError(.invalidParameter, "No query has a parameter \(name); \(names).")
        }
        let all = standard.merging(given) { _, given in given }
        var values: [[String: SQLValue]] = []
        for (title, sql) in statements {
            values.append(
                try Self.values(for: sql, named: title.isEmpty ? "The statement" : title, from: all))
        }
        return values
    }

    /// The values that one statement needs; throws if one has none.
    static func values(
        for sql: SQLText, named title: String, from values: [String: SQLValue]
    ) throws(PipelineError) -> [String: SQLValue] {
        var used: [String: SQLValue] = [:]
        for name in sql.parameters.sorted() {
            guard let value = values[name] else {
                throw PipelineError(
                    .invalidParameter,
                    "\(title) needs a value for its parameter \(name): give --param \(name)=VALUE.")
            }
            used[name] = value
        }
        return used
    }
}
