import CDuckDB

/// Turns DuckDB's messages into errors of ours.
enum DuckDBFailure {
    /// DuckDB's numbers for kinds of errors, as far as callers act on them.
    private static func code(of type: Int32) -> QueryEngineError.Code {
        switch type {
        // Catalog, parser, planner, syntax, binder; sizes, types, what is not implemented.
        case 13, 14, 15, 22, 24, 7, 3, 11: .invalidStatement
        case 35, 36: .invalidParameter
        // Out of range, conversion, decimal, mismatch, division, input.
        case 1, 2, 4, 5, 6, 12, 32: .invalidValue
        case 23, 42: .invalidSetting
        case 28, 30, 34, 43: .inputOutput
        case 29: .cancelled
        case 33: .outOfMemory
        default: .failed
        }
    }

    static func error(of result: inout dk_result) -> QueryEngineError {
        let text = dk_result_error(&result).map { String(cString: $0) } ?? "DuckDB gives no reason"
        return error(code(of: dk_result_error_type(&result)), text)
    }

    static func error(preparing text: String) -> QueryEngineError {
        error(.invalidStatement, text)
    }

    private static func error(_ code: QueryEngineError.Code, _ text: String) -> QueryEngineError {
        switch code {
        case .cancelled: return .cancelled
        case .outOfMemory:
            // DuckDB's advice behind the first line speaks of its own settings.
            let what = oneLine(String(text.prefix { $0 != "\n" }))
            return QueryEngineError(
                code, "The memory limit is reached (\(what)). Raise it with --memory, or use fewer --threads."
            )
        default: return QueryEngineError(code, oneLine(text))
        }
    }

    /// Folds a message of several lines into one; the marker under an excerpt becomes line and column.
    static func oneLine(_ text: String) -> String {
        var parts: [String] = []
        var excerpt: (line: Substring, prefix: Int, text: Substring)?
        for line in text.split(separator: "\n") {
            if let open = excerpt, line.allSatisfy({ $0 == " " || $0 == "^" }),
                let caret = line.firstIndex(of: "^")
            {
                let column = line.distance(from: line.startIndex, to: caret) - open.prefix + 1
                let isCut = open.text.hasPrefix("...")
                let near = open.text.dropFirst(max(0, column - 1)).prefix(30)
                parts.append(
                    "at line \(open.line)\(isCut ? "" : ", column \(column)")\(near.isEmpty ? "" : ", near “\(near)”")"
                )
                excerpt = nil
            } else if line.hasPrefix("LINE "), let colon = line.firstIndex(of: ":") {
                let prefix = line.distance(from: line.startIndex, to: colon) + 2
                excerpt = (line[..<colon].dropFirst(5), prefix, line.dropFirst(prefix))
            } else {
                let words = line.split(whereSeparator: \.isWhitespace).joined(separator: " ")
                if !words.isEmpty { parts.append(words) }
            }
        }
        return parts.dropFirst().reduce(parts.first ?? "") { text, part in
            text + (text.last.map { ".!?:".contains($0) } ?? false ? " " : "; ") + part
        }
    }
}
