package import JSONText

/// Configurations as they come: objects of texts.
package enum ConfigurationBody {
    /// - Throws: `invalid` if it is no object of single values.
    package static func configuration(_ tree: JSONTree) throws(ConnectError) -> [String: String] {
        var configuration: [String: String] = [:]
        for (key, value) in try changes(tree) {
            guard let value else {
                throw ConnectError(.invalid, "The value of \(key) is null: leave the key out")
            }
            configuration[key] = value
        }
        return configuration
    }

    /// As `configuration`, with null for keys that shall go.
    static func changes(_ tree: JSONTree) throws(ConnectError) -> [String: String?] {
        guard let members = tree.members else {
            throw ConnectError(.invalid, "The configuration must be an object of keys with texts")
        }
        var changes: [String: String?] = [:]
        for member in members {
            switch member.value {
            case .string(let text), .number(let text): changes.updateValue(text, forKey: member.name)
            case .bool(let value): changes.updateValue("\(value)", forKey: member.name)
            case .null: changes.updateValue(nil, forKey: member.name)
            case .array, .object:
                throw ConnectError(.invalid, "The value of \(member.name) must be a text")
            }
        }
        return changes
    }
}

/// Parts of paths.
enum PercentText {
    private static let digits = Array("0123456789ABCDEF".utf8)

    static func encode(_ text: String) -> String {
        var encoded: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                encoded.append(byte)
            default:
                encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// Nil if an escape is broken or the bytes are no UTF-8.
    static func decode(_ text: some StringProtocol) -> String? {
        var decoded: [UInt8] = []
        var bytes = Array(text.utf8)[...]
        while let byte = bytes.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                decoded.append(byte)
                continue
            }
            let escape = String(decoding: bytes.prefix(2), as: UTF8.self)
            guard escape.utf8.count == 2, escape.allSatisfy(\.isHexDigit),
                let value = UInt8(escape, radix: 16)
            else { return nil }
            decoded.append(value)
            bytes = bytes.dropFirst(2)
        }
        return String(validating: decoded, as: UTF8.self)
    }
}
