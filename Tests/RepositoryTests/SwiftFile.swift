/// One Swift file with its comments and the text of its literals blanked out, so that what is left is code.
struct SwiftFile: Sendable {
    let path: String
    /// As long as the file, line for line and byte for byte; code inside `\( )` is kept.
    let code: [UInt8]

    init(path: String, bytes: [UInt8]) {
        self.path = path
        var blanker = LiteralBlanker(bytes: bytes)
        code = blanker.blanked()
    }

    init(_ text: String) { self.init(path: "", bytes: Array(text.utf8)) }

    /// `Gateway` for `Sources/Gateway/HTTP/Request.swift`.
    var target: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }

    var lines: [Substring] {
        String(decoding: code, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    }

    func line(at index: Int) -> Int { 1 + code[..<index].count { $0 == UInt8(ascii: "\n") } }

    /// Where this text stands in the code, not as a part of a longer name.
    func uses(of text: String) -> [Int] {
        let needle = Array(text.utf8)
        guard let first = needle.first, let last = needle.last, code.count >= needle.count else { return [] }
        var found: [Int] = []
        var at = 0
        while at <= code.count - needle.count {
            if code[at] == first, code[at..<at + needle.count].elementsEqual(needle) {
                let end = at + needle.count
                let joinedBefore = first.isNamePart && at > 0 && code[at - 1].isNamePart
                let joinedAfter = last.isNamePart && end < code.count && code[end].isNamePart
                if !joinedBefore && !joinedAfter { found.append(at) }
            }
            at += 1
        }
        return found
    }
}

extension UInt8 {
    var isNamePart: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: self >= 0x80
        }
    }
}

/// Replaces comments and the text of string and `#/…/#` literals by blanks.
private struct LiteralBlanker {
    let bytes: [UInt8]
    private var output: [UInt8]
    private var at = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
        output = bytes
    }

    mutating func blanked() -> [UInt8] {
        scanCode(insideInterpolation: false)
        return output
    }

    private func stands(_ text: StaticString, at index: Int) -> Bool {
        let count = text.utf8CodeUnitCount
        guard index + count <= bytes.count else { return false }
        return text.withUTF8Buffer { bytes[index..<index + count].elementsEqual($0) }
    }

    private func hashes(at index: Int) -> Int {
        bytes[index...].prefix { $0 == UInt8(ascii: "#") }.count
    }

    private mutating func blank(_ count: Int) {
        for _ in 0..<count where at < bytes.count {
            if bytes[at] != UInt8(ascii: "\n") { output[at] = UInt8(ascii: " ") }
            at += 1
        }
    }

    private mutating func scanCode(insideInterpolation: Bool) {
        var depth = 0
        while at < bytes.count {
            switch bytes[at] {
            case UInt8(ascii: "("):
                depth += 1
                at += 1
            case UInt8(ascii: ")"):
                depth -= 1
                at += 1
                if insideInterpolation && depth == 0 { return }
            case UInt8(ascii: "/") where stands("//", at: at): blankLine()
            case UInt8(ascii: "/") where stands("/*", at: at): blankBlockComment()
            case UInt8(ascii: "\""): blankString(hashCount: 0)
            case UInt8(ascii: "#"):
                let count = hashes(at: at)
                if stands("\"", at: at + count) {
                    blankString(hashCount: count)
                } else if stands("/", at: at + count) {
                    blankRegex(hashCount: count)
                } else {
                    at += count
                }
            default: at += 1
            }
        }
    }

    private mutating func blankLine() {
        while at < bytes.count, bytes[at] != UInt8(ascii: "\n") { blank(1) }
    }

    private mutating func blankBlockComment() {
        var depth = 0
        repeat {
            if stands("/*", at: at) {
                depth += 1
                blank(2)
            } else if stands("*/", at: at) {
                depth -= 1
                blank(2)
            } else {
                blank(1)
            }
        } while depth > 0 && at < bytes.count
    }

    private mutating func blankString(hashCount: Int) {
        let quotes = stands("\"\"\"", at: at + hashCount) ? 3 : 1
        blank(hashCount + quotes)
        while at < bytes.count {
            let closes = quotes == 3 ? stands("\"\"\"", at: at) : bytes[at] == UInt8(ascii: "\"")
            if closes && hashes(at: at + quotes) >= hashCount {
                return blank(quotes + hashCount)
            }
            if bytes[at] == UInt8(ascii: "\\"), hashes(at: at + 1) >= hashCount {
                blank(1 + hashCount)
                if stands("(", at: at) { scanCode(insideInterpolation: true) } else { blank(1) }
            } else if quotes == 1 && bytes[at] == UInt8(ascii: "\n") {
                return
            } else {
                blank(1)
            }
        }
    }

    private mutating func blankRegex(hashCount: Int) {
        blank(hashCount + 1)
        while at < bytes.count {
            if stands("/", at: at), hashes(at: at + 1) >= hashCount { return blank(1 + hashCount) }
            blank(1)
        }
    }
}
