/// A function, initialiser, deinitialiser or subscript that has a body.
struct FunctionSpan: Equatable {
    let firstLine: Int
    /// From the line of its keyword to the line of its closing brace.
    let lineCount: Int
}

extension SwiftFile {
    /// Every function in this file, nested ones too, found by counting braces.
    func functions() -> [FunctionSpan] {
        var spans: [FunctionSpan] = []
        for keyword in ["func", "init", "deinit", "subscript"] {
            for start in uses(of: keyword) where !isCall(at: start) {
                let end = start + keyword.utf8.count
                guard let open = bodyStart(after: end), let close = closingBrace(of: open) else { continue }
                let first = line(at: start)
                spans.append(FunctionSpan(firstLine: first, lineCount: line(at: close) - first + 1))
            }
        }
        return spans.sorted { $0.firstLine < $1.firstLine }
    }

    /// `self.init(…)` and `.init(…)` are calls.
    private func isCall(at index: Int) -> Bool { index > 0 && code[index - 1] == UInt8(ascii: ".") }

    private static let declarationWords: Set<String> = [
        "func", "init", "deinit", "subscript", "var", "let", "case", "struct", "class", "enum", "extension",
        "protocol", "actor", "typealias", "associatedtype", "import", "static", "private", "package",
        "public",
        "mutating",
    ]

    /// The brace that opens the body, or nil for a requirement of a protocol, which has none.
    private func bodyStart(after index: Int) -> Int? {
        var depth = 0
        var at = index
        while at < code.count {
            switch code[at] {
            case UInt8(ascii: "("), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: ")"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: "{") where depth == 0: return at
            case UInt8(ascii: "}") where depth == 0: return nil
            case let byte where depth == 0 && byte.isNamePart:
                let word = code[at...].prefix { $0.isNamePart }
                if Self.declarationWords.contains(String(decoding: word, as: UTF8.self)) { return nil }
                at += word.count
                continue
            default: break
            }
            if depth < 0 { return nil }
            at += 1
        }
        return nil
    }

    private func closingBrace(of open: Int) -> Int? {
        var depth = 0
        for at in open..<code.count {
            if code[at] == UInt8(ascii: "{") { depth += 1 }
            if code[at] == UInt8(ascii: "}") { depth -= 1 }
            if depth == 0 { return at }
        }
        return nil
    }
}
