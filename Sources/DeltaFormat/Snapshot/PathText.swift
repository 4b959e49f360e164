/// Paths of files as the log writes them: relative to the table, percent-encoded.
enum PathText {
    /// Bytes that a path has as they are (RFC 3986 without what some readers take for more).
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-._~/=,+@!$&'()*;".utf8.contains(byte)
        }
    }

    static func encoded(_ path: String) -> String {
        var text: [UInt8] = []
        for byte in path.utf8 {
            if isPlain(byte) { text.append(byte) } else { append(byte, to: &text) }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The path; what is no escape is left as it stands.
    static func decoded(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return text }
        let bytes = Array(text.utf8)
        var path: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count,
                let high = digit(bytes[index + 1]), let low = digit(bytes[index + 2])
            {
                path.append(high << 4 | low)
                index += 3
            } else {
                path.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: path, as: UTF8.self)
    }

    /// Whether a path says where it lies by itself, as those of cloned tables do.
    static func isAbsolute(_ path: String) -> Bool {
        path.hasPrefix("/") || path.prefix { $0 != "/" }.contains(":")
    }

    /// The name of a partition's folder, as Hive escapes it.
    static func folder(_ column: String, _ value: String?) -> String {
        hive(column) + "=" + (value.map(hive) ?? "__HIVE_DEFAULT_PARTITION__")
    }

    private static func hive(_ text: String) -> String {
        var name: [UInt8] = []
        for byte in text.utf8 {
            let isEscaped = byte <= 0x20 || byte == 0x7F || "\"#%'*/:=?\\{[]^".utf8.contains(byte)
            if isEscaped { append(byte, to: &name) } else { name.append(byte) }
        }
        return String(decoding: name, as: UTF8.self)
    }

    private static func append(_ byte: UInt8, to text: inout [UInt8]) {
        let digits = Array("0123456789ABCDEF".utf8)
        text += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
