#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Operations on JSON texts that were validated before.
package enum JSONText {
    /// True if the bytes are well-formed UTF-8.
    package static func isUTF8(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let span = Span<UInt8>(_unsafeElements: bytes.assumingMemoryBound(to: UInt8.self))
        return (try? UTF8Span(validating: span)) != nil
    }

    /// A 64-bit hash of bytes: fast, keyed by `seed`, the same for the same seed on every machine of one byte order.
    @inline(__always)
    package static func hash(_ bytes: UnsafeRawBufferPointer, seed: UInt64) -> UInt64 {
        var state = seed ^ UInt64(truncatingIfNeeded: bytes.count) &* 0x9E37_79B9_7F4A_7C15
        guard var next = bytes.baseAddress else { return fold(state, 0xE703_7ED1_A0B4_28DB) }
        var left = bytes.count
        while left >= 16 {
            let low = next.loadUnaligned(as: UInt64.self)
            let high = (next + 8).loadUnaligned(as: UInt64.self)
            state = fold(low ^ 0xA076_1D64_78BD_642F ^ state, high ^ 0xE703_7ED1_A0B4_28DB)
            next += 16
            left -= 16
        }
        var low: UInt64 = 0
        var high: UInt64 = 0
        if left >= 8 {
            low = next.loadUnaligned(as: UInt64.self)
            high = (next + (left - 8)).loadUnaligned(as: UInt64.self)
        } else if left >= 4 {
            low = UInt64(next.loadUnaligned(as: UInt32.self))
            high = UInt64((next + (left - 4)).loadUnaligned(as: UInt32.self))
        } else {
            for index in 0..<left {
                low = low << 8 | UInt64(next.load(fromByteOffset: index, as: UInt8.self))
            }
        }
        state = fold(low ^ 0x8EBC_6AF0_9C88_C6E3 ^ state, high ^ 0x5899_65CC_7537_4CC3)
        return fold(
            state ^ 0x1D8E_4E27_C47D_124F, UInt64(truncatingIfNeeded: bytes.count) ^ 0xA076_1D64_78BD_642F)
    }

    @inline(__always)
    private static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return product.high ^ product.low
    }

    /// Appends the text of a string, given the valid bytes between its quotes; a lone surrogate becomes U+FFFD.
    package static func unescape(_ content: UnsafeRawBufferPointer, into output: inout [UInt8]) {
        var index = 0
        while index < content.count {
            guard content[index] == UInt8(ascii: "\\") else {
                let run = plainRun(content, from: index)
                output.append(contentsOf: content[index..<run])
                index = run
                continue
            }
            let escape = content[index + 1]
            index += 2
            switch escape {
            case UInt8(ascii: "b"): output.append(0x08)
            case UInt8(ascii: "f"): output.append(0x0C)
            case UInt8(ascii: "n"): output.append(0x0A)
            case UInt8(ascii: "r"): output.append(0x0D)
            case UInt8(ascii: "t"): output.append(0x09)
            case UInt8(ascii: "u"):
                let (scalar, length) = unicodeEscape(content, at: index)
                index += length
                appendUTF8(scalar ?? 0xFFFD, to: &output)
            default: output.append(escape)
            }
        }
    }

    /// Appends a text as it stands between the quotes of a string: quotes, backslashes and control characters escaped.
    package static func escape(_ text: UnsafeRawBufferPointer, into output: inout [UInt8]) {
        var start = 0
        for index in 0..<text.count {
            let byte = text[index]
            guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { continue }
            output.append(contentsOf: text[start..<index])
            appendEscaped(UInt32(byte), to: &output)
            start = index + 1
        }
        output.append(contentsOf: text[start...])
    }

    private static func plainRun(_ content: UnsafeRawBufferPointer, from start: Int) -> Int {
        var index = start
        while index < content.count, content[index] != UInt8(ascii: "\\") { index += 1 }
        return index
    }

    /// The scalar of the four digits at `index` (a pair's second half included) and how many bytes to step.
    static func unicodeEscape(_ bytes: UnsafeRawBufferPointer, at index: Int) -> (UInt32?, Int) {
        let unit = hexUnit(bytes, at: index)
        guard unit & 0xF800 == 0xD800 else { return (unit, 4) }
        guard unit < 0xDC00, index + 10 <= bytes.count, bytes[index + 4] == UInt8(ascii: "\\"),
            bytes[index + 5] == UInt8(ascii: "u")
        else { return (nil, 4) }
        let second = hexUnit(bytes, at: index + 6)
        guard second & 0xFC00 == 0xDC00 else { return (nil, 4) }
        return (0x10000 + (unit & 0x3FF) << 10 + (second & 0x3FF), 10)
    }

    private static func hexUnit(_ bytes: UnsafeRawBufferPointer, at index: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 << 4 | (hexDigit(bytes[index + $1]) ?? 0) }
    }

    static func appendUTF8(_ scalar: UInt32, to output: inout [UInt8]) {
        forEachUTF8(scalar) { output.append($0) }
    }

    /// Appends a scalar as it stands between the quotes of a string.
    static func appendEscaped(_ scalar: UInt32, to output: inout [UInt8]) {
        forEachEscaped(scalar) { output.append($0) }
    }

    /// The bytes of a scalar between the quotes of a string: escaped only where JSON asks for it.
    @inline(__always)
    static func forEachEscaped(_ scalar: UInt32, _ body: (UInt8) -> Void) {
        let letter: UInt8
        switch scalar {
        case 0x22, 0x5C: letter = UInt8(scalar)
        case 0x08: letter = UInt8(ascii: "b")
        case 0x09: letter = UInt8(ascii: "t")
        case 0x0A: letter = UInt8(ascii: "n")
        case 0x0C: letter = UInt8(ascii: "f")
        case 0x0D: letter = UInt8(ascii: "r")
        case 0..<0x20: letter = UInt8(ascii: "u")
        default: return forEachUTF8(scalar, body)
        }
        body(UInt8(ascii: "\\"))
        body(letter)
        guard letter == UInt8(ascii: "u") else { return }
        for digit in [0, 0, UInt8(scalar >> 4), UInt8(scalar & 15)] {
            body(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "A") + digit - 10)
        }
    }

    @inline(__always)
    static func forEachUTF8(_ scalar: UInt32, _ body: (UInt8) -> Void) {
        switch scalar {
        case 0..<0x80: return body(UInt8(scalar))
        case 0x80..<0x800: body(0xC0 | UInt8(scalar >> 6))
        case 0x800..<0x10000:
            body(0xE0 | UInt8(scalar >> 12))
            body(0x80 | UInt8(scalar >> 6 & 0x3F))
        default:
            body(0xF0 | UInt8(scalar >> 18 & 7))
            body(0x80 | UInt8(scalar >> 12 & 0x3F))
            body(0x80 | UInt8(scalar >> 6 & 0x3F))
        }
        body(0x80 | UInt8(scalar & 0x3F))
    }
}

@inline(__always)
func hexDigit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
}

@inline(__always)
func equalBytes(_ left: UnsafePointer<UInt8>, _ right: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    memcmp(left, right, count) == 0
}
