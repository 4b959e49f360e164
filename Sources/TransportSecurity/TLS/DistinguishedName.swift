/// The name of a certificate's owner, as Apache Kafka prints it: RFC 2253, the last part first.
package enum DistinguishedName {
    private static let sequence: UInt8 = 0x30
    private static let set: UInt8 = 0x31
    private static let identifier: UInt8 = 0x06

    /// The attributes that Java names in this form; others are written as numbers and hexadecimal.
    private static let keywords: [String: String] = [
        "2.5.4.3": "CN", "2.5.4.6": "C", "2.5.4.7": "L", "2.5.4.8": "ST", "2.5.4.9": "STREET",
        "2.5.4.10": "O", "2.5.4.11": "OU", "0.9.2342.19200300.100.1.1": "UID",
        "0.9.2342.19200300.100.1.25": "DC",
    ]

    /// The subject of a certificate; nil if the bytes are no certificate.
    package static func subject(ofCertificate bytes: [UInt8]) -> String? {
        var outer = DERReader(bytes[...])
        guard let certificate = outer.next(sequence) else { return nil }
        var parts = DERReader(certificate.content)
        guard let signed = parts.next(sequence) else { return nil }
        var fields = DERReader(signed.content)
        // Version (may be left out), serial number, algorithm, issuer, validity, subject.
        _ = fields.next(0xA0)
        for _ in 0..<4 { guard fields.next() != nil else { return nil } }
        return fields.next(sequence).flatMap { text(ofName: $0.content) }
    }

    /// The text of a name, given the content of its sequence.
    static func text(ofName bytes: ArraySlice<UInt8>) -> String? {
        var reader = DERReader(bytes)
        var names: [String] = []
        while !reader.isAtEnd {
            guard let relative = reader.next(set) else { return nil }
            var attributes = DERReader(relative.content)
            var texts: [String] = []
            while !attributes.isAtEnd {
                guard let attribute = attributes.next(sequence),
                    let text = text(ofAttribute: attribute.content)
                else { return nil }
                texts.append(text)
            }
            names.append(texts.joined(separator: "+"))
        }
        return names.reversed().joined(separator: ",")
    }

    private static func text(ofAttribute bytes: ArraySlice<UInt8>) -> String? {
        var reader = DERReader(bytes)
        guard let type = reader.next(identifier).flatMap({ dotted($0.content) }), let value = reader.next()
        else { return nil }
        if let keyword = keywords[type], let text = string(value) { return "\(keyword)=\(escaped(text))" }
        let digits = value.bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return "\(type)=#\(digits)"
    }

    /// The text of the string types that names use; nil for others.
    private static func string(_ value: DERReader.Element) -> String? {
        switch value.tag {
        case 0x0C: return String(validating: value.content, as: UTF8.self)
        case 0x12, 0x13, 0x16, 0x1A: return String(validating: value.content, as: Unicode.ASCII.self)
        case 0x14: return String(String.UnicodeScalarView(value.content.map { Unicode.Scalar($0) }))
        case 0x1E:
            guard value.content.count.isMultiple(of: 2) else { return nil }
            let bytes = Array(value.content)
            let units = stride(from: 0, to: bytes.count, by: 2).map {
                UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1])
            }
            return String(validating: units, as: UTF16.self)
        default: return nil
        }
    }

    private static func escaped(_ text: String) -> String {
        var out = ""
        let scalars = Array(text.unicodeScalars)
        for (place, scalar) in scalars.enumerated() {
            let isBlankAtEnd = scalar == " " && (place == 0 || place == scalars.count - 1)
            let isLeadingHash = scalar == "#" && place == 0
            if ",+\"\\<>;".unicodeScalars.contains(scalar) || isBlankAtEnd || isLeadingHash { out += "\\" }
            out.unicodeScalars.append(scalar)
        }
        return out
    }

    /// An object identifier as numbers with dots.
    private static func dotted(_ bytes: ArraySlice<UInt8>) -> String? {
        var numbers: [UInt64] = []
        var number: UInt64 = 0
        for byte in bytes {
            guard number < 1 << 56 else { return nil }
            number = number << 7 | UInt64(byte & 0x7F)
            if byte < 0x80 {
                numbers.append(number)
                number = 0
            }
        }
        guard let first = numbers.first, bytes.last.map({ $0 < 0x80 }) == true else { return nil }
        let root = min(first / 40, 2)
        return ([root, first - root * 40] + numbers.dropFirst()).map(String.init).joined(separator: ".")
    }
}
