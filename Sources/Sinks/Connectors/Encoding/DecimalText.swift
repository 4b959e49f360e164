import JSONText

/// Connect's decimals: an unscaled integer of any size, as bytes in two's complement, most significant first.
enum DecimalText {
    /// The digits of a decimal in base64; `0` for what is no base64.
    static func digits(ofBase64 text: String, scale: Int) -> String {
        var bytes: [UInt8] = []
        guard Array(text.utf8).withUnsafeBytes({ Base64.decode($0, into: &bytes) }) else { return "0" }
        let isNegative = bytes.first.map { $0 >= 0x80 } ?? false
        if isNegative { negate(&bytes) }
        var digits: [UInt8] = []
        while bytes.contains(where: { $0 != 0 }) {
            var rest = 0
            for index in bytes.indices {
                let value = rest << 8 | Int(bytes[index])
                bytes[index] = UInt8(value / 10)
                rest = value % 10
            }
            digits.append(UInt8(ascii: "0") + UInt8(rest))
        }
        return (isNegative ? "-" : "") + pointed(String(decoding: digits.reversed(), as: UTF8.self), scale)
    }

    private static func pointed(_ digits: String, _ scale: Int) -> String {
        let digits = digits.isEmpty ? "0" : digits
        guard scale > 0, scale <= maxScale else {
            return scale < 0 && scale >= -maxScale && digits != "0"
                ? digits + String(repeating: "0", count: -scale) : digits
        }
        let padded = String(repeating: "0", count: max(0, scale + 1 - digits.count)) + digits
        return "\(padded.dropLast(scale)).\(padded.suffix(scale))"
    }

    private static let maxScale = 1000

    /// The base64 of a decimal's digits; nil if it has more digits behind the point than the scale, or an exponent.
    static func base64(ofDigits text: String, scale: Int) -> String? {
        let isNegative = text.hasPrefix("-")
        let parts = text.drop { $0 == "-" }.split(
            separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let fraction = parts.count > 1 ? String(parts[1]) : ""
        guard let whole = parts.first, scale >= 0, scale <= maxScale, fraction.count <= scale,
            (whole + fraction).utf8.allSatisfy({ (48...57).contains($0) })
        else { return nil }
        var bytes: [UInt8] = [0]
        for digit in (whole + fraction + String(repeating: "0", count: scale - fraction.count)).utf8 {
            var carry = Int(digit - 48)
            for index in bytes.indices.reversed() {
                let value = Int(bytes[index]) * 10 + carry
                bytes[index] = UInt8(truncatingIfNeeded: value)
                carry = value >> 8
            }
            if carry > 0 { bytes.insert(UInt8(carry), at: 0) }
        }
        if bytes[0] >= 0x80 { bytes.insert(0, at: 0) }
        if isNegative { negate(&bytes) }
        // As few bytes as tell the sign.
        while bytes.count > 1,
            (bytes[0] == 0 && bytes[1] < 0x80) || (bytes[0] == 0xFF && bytes[1] >= 0x80)
        {
            bytes.removeFirst()
        }
        var output: [UInt8] = []
        bytes.withUnsafeBytes { Base64.encode($0, into: &output) }
        return String(decoding: output, as: UTF8.self)
    }

    private static func negate(_ bytes: inout [UInt8]) {
        var carry = 1
        for index in bytes.indices.reversed() {
            let value = Int(~bytes[index]) + carry
            bytes[index] = UInt8(truncatingIfNeeded: value)
            carry = value >> 8
        }
    }
}
