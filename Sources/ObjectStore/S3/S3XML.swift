/// An element of an XML document, as far as the answers of S3 need it: names, texts and children.
///
/// No document type, no namespaces: a document with either is read as if they were not there, and entities that it
/// declares are not known.
struct S3XML: Equatable {
    private(set) var name = ""
    /// The text right below it, without that of its children.
    private(set) var text = ""
    private(set) var children: [S3XML] = []

    /// Most elements within one another.
    static let maxDepth = 32

    /// The first child of a name.
    subscript(_ name: String) -> S3XML? { children.first { $0.name == name } }

    /// All children of a name.
    func all(_ name: String) -> [S3XML] { children.filter { $0.name == name } }

    /// Nil for what is no well-formed document of one root element.
    init?(_ text: String) {
        var reader = Reader(bytes: Array(text.utf8))
        guard let root = reader.document() else { return nil }
        self = root
    }

    fileprivate init(name: String) {
        self.name = name
    }

    private struct Reader {
        let bytes: [UInt8]
        var at = 0

        mutating func document() -> S3XML? {
            var open: [S3XML] = []
            while at < bytes.count {
                guard bytes[at] == UInt8(ascii: "<") else {
                    guard let text = characters() else { return nil }
                    if open.isEmpty, text.contains(where: { !$0.isWhitespace }) { return nil }
                    if !open.isEmpty { open[open.count - 1].text += text }
                    continue
                }
                if starts(with: "<?") || starts(with: "<!--") || starts(with: "<!D") {
                    guard skip(past: starts(with: "<?") ? "?>" : starts(with: "<!--") ? "-->" : ">") else {
                        return nil
                    }
                } else if starts(with: "<![CDATA[") {
                    let start = at + 9
                    guard !open.isEmpty, skip(past: "]]>"), start <= at - 3 else { return nil }
                    open[open.count - 1].text += String(decoding: bytes[start..<(at - 3)], as: UTF8.self)
                } else {
                    guard let tag = tag() else { return nil }
                    if !tag.closes { open.append(S3XML(name: tag.name)) }
                    guard open.count <= S3XML.maxDepth else { return nil }
                    guard tag.closes || tag.isEmpty else { continue }
                    guard let done = open.popLast(), done.name == tag.name else { return nil }
                    // What follows the root is of no interest.
                    if open.isEmpty { return done }
                    open[open.count - 1].children.append(done)
                }
            }
            return nil
        }

        private mutating func tag() -> (name: String, closes: Bool, isEmpty: Bool)? {
            at += 1
            let closes = at < bytes.count && bytes[at] == UInt8(ascii: "/")
            if closes { at += 1 }
            let start = at
            while at < bytes.count, !" \t\r\n/>".utf8.contains(bytes[at]) { at += 1 }
            let name = bytes[start..<at]
            var quote: UInt8?
            var last: UInt8 = 0
            while at < bytes.count, quote != nil || bytes[at] != UInt8(ascii: ">") {
                let byte = bytes[at]
                if quote == byte {
                    quote = nil
                } else if quote == nil, byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                    quote = byte
                }
                last = byte
                at += 1
            }
            guard at < bytes.count, !name.isEmpty else { return nil }
            at += 1
            let local = name.split(separator: UInt8(ascii: ":")).last ?? name
            return (String(decoding: local, as: UTF8.self), closes, !closes && last == UInt8(ascii: "/"))
        }

        private mutating func characters() -> String? {
            var out: [UInt8] = []
            while at < bytes.count, bytes[at] != UInt8(ascii: "<") {
                guard bytes[at] == UInt8(ascii: "&") else {
                    out.append(bytes[at])
                    at += 1
                    continue
                }
                guard let end = bytes[at...].prefix(12).firstIndex(of: UInt8(ascii: ";")),
                    let text = Self.entity(String(decoding: bytes[(at + 1)..<end], as: UTF8.self))
                else { return nil }
                out += text.utf8
                at = end + 1
            }
            return String(decoding: out, as: UTF8.self)
        }

        private static func entity(_ name: String) -> String? {
            switch name {
            case "amp": return "&"
            case "lt": return "<"
            case "gt": return ">"
            case "quot": return "\""
            case "apos": return "'"
            default:
                let isHexadecimal = name.hasPrefix("#x")
                guard name.hasPrefix("#"),
                    let number = UInt32(
                        name.dropFirst(isHexadecimal ? 2 : 1), radix: isHexadecimal ? 16 : 10),
                    let scalar = Unicode.Scalar(number)
                else { return nil }
                return String(Character(scalar))
            }
        }

        private func starts(with text: String) -> Bool { bytes[at...].starts(with: text.utf8) }

        private mutating func skip(past end: String) -> Bool {
            while at < bytes.count {
                if starts(with: end) {
                    at += end.utf8.count
                    return true
                }
                at += 1
            }
            return false
        }
    }

    /// A text as it may stand between tags.
    static func escaped(_ text: String) -> String {
        var out = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            default: out.unicodeScalars.append(character)
            }
        }
        return out
    }
}
