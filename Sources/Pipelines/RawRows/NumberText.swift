/// Numbers out of bytes, without a copy on the common path.
enum NumberText {
    private static let powersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
        1e18,
        1e19, 1e20, 1e21, 1e22,
    ]

    /// An optional sign and digits that fit 64 bits; nil for anything else.
    @inline(__always)
    static func integer(_ bytes: UnsafeRawBufferPointer) -> Int64? {
        var index = 0
        guard bytes.count > 0 else { return nil }
        let isNegative = bytes[0] == UInt8(ascii: "-")
        if isNegative || bytes[0] == UInt8(ascii: "+") { index = 1 }
        guard index < bytes.count else { return nil }
        var value: Int64 = 0
        let canOverflow = bytes.count - index > 18
        while index < bytes.count {
            let digit = bytes[index] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            if canOverflow {
                let (product, isTooLarge) = value.multipliedReportingOverflow(by: 10)
                let (sum, overflows) = product.subtractingReportingOverflow(Int64(digit))
                if isTooLarge || overflows { return nil }
                value = sum
            } else {
                value = value &* 10 &- Int64(digit)
            }
            index += 1
        }
        // Counted downwards, since the least number has no positive twin.
        if isNegative { return value }
        return value == Int64.min ? nil : -value
    }

    /// A whole number however it is written (`7528`, `7528.0`, `7.5e3`), blanks around it included.
    static func lenientInteger(_ bytes: UnsafeRawBufferPointer) -> Int64? {
        let text = trimmed(bytes)
        if let value = integer(text) { return value }
        guard let value = double(text), value == value.rounded(), value.magnitude < 9_007_199_254_740_992
        else {
            return nil
        }
        return Int64(value)
    }

    /// A finite number as JSON writes it, blanks around it and a plus sign included.
    static func double(_ bytes: UnsafeRawBufferPointer) -> Double? {
        let text = trimmed(bytes)
        guard let first = text.first else { return nil }
        if let value = shortDouble(text) { return value }
        // Swift reads more than JSON writes: hexadecimal numbers, `inf`, `nan`.
        guard first.isDigit || first == UInt8(ascii: "-") || first == UInt8(ascii: "+"),
            text.allSatisfy({ $0.isDigit || "+-.eE".utf8.contains($0) })
        else { return nil }
        guard let value = Double(String(decoding: text, as: UTF8.self)), value.isFinite else { return nil }
        return value
    }

    /// Up to 15 digits and a small power of ten: both are exact, so that one rounding gives the nearest double.
    @inline(__always)
    static func shortDouble(_ text: UnsafeRawBufferPointer) -> Double? {
        var index = 0
        var mantissa: UInt64 = 0
        var digits = 0
        var fraction = 0
        var hasPoint = false
        let isNegative = text[0] == UInt8(ascii: "-")
        if isNegative { index = 1 }
        while index < text.count {
            let byte = text[index]
            if byte.isDigit {
                mantissa = mantissa &* 10 &+ UInt64(byte &- UInt8(ascii: "0"))
                digits += 1
                if hasPoint { fraction += 1 }
            } else if byte == UInt8(ascii: "."), !hasPoint {
                hasPoint = true
            } else {
                return nil
            }
            index += 1
        }
        guard digits > 0, digits <= 15 else { return nil }
        let value = Double(mantissa) / powersOfTen[fraction]
        return isNegative ? -value : value
    }

    private static func trimmed(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        var range = 0..<bytes.count
        while let first = range.first, bytes[first].isBlank { range = range.dropFirst().indices }
        while let last = range.last, bytes[last].isBlank { range = range.dropLast().indices }
        return UnsafeRawBufferPointer(rebasing: bytes[range])
    }
}

extension UInt8 {
    /// A space, or one of the control characters from tab to carriage return.
    @inline(__always)
    var isBlank: Bool { self == 0x20 || self &- 0x09 < 5 }
}
