@testable import JSONText

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Another way to the compact form: validation first, then a walk through the whole text.
enum TwoPassCompact {
    /// Checks a text, then appends its compact form; nil if there is no fault.
    static func append(_ text: UnsafeRawBufferPointer, to output: inout [UInt8]) -> JSONTextError? {
        var scanner = JSONScanner(text)
        do throws(JSONTextError) {
            _ = try scanner.value()
            try scanner.finish()
        } catch {
            return error
        }
        appendCompact(text, to: &output)
        return nil
    }

    private static func appendCompact(_ value: UnsafeRawBufferPointer, to output: inout [UInt8]) {
        guard let source = value.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
        let start = output.count
        output.append(contentsOf: value)
        let written = output.withUnsafeMutableBufferPointer { buffer -> Int in
            guard let target = buffer.baseAddress else { return 0 }
            return compact(source, value.count, into: target + start)
        }
        output.removeLast(value.count - written)
    }

    private static func compact(
        _ source: UnsafePointer<UInt8>, _ count: Int, into target: UnsafeMutablePointer<UInt8>
    ) -> Int {
        var read = 0
        var write = 0
        while read < count {
            let byte = source[read]
            read += 1
            if byte <= 0x20 { continue }
            target[write] = byte
            write += 1
            if byte == UInt8(ascii: "\"") { compactString(source, count, &read, target, &write) }
        }
        return write
    }

    @inline(__always)
    private static func compactString(
        _ source: UnsafePointer<UInt8>, _ count: Int, _ read: inout Int,
        _ target: UnsafeMutablePointer<UInt8>, _ write: inout Int
    ) {
        while read < count {
            let end = endOfRun(source, count, from: read)
            if end > read {
                memmove(target + write, source + read, end - read)
                write += end - read
                read = end
            }
            guard read < count else { return }
            if source[read] == UInt8(ascii: "\"") {
                target[write] = UInt8(ascii: "\"")
                write += 1
                read += 1
                return
            }
            compactEscape(source, count, &read, target, &write)
        }
    }

    /// The position of the next quote or backslash.
    @inline(__always)
    private static func endOfRun(_ source: UnsafePointer<UInt8>, _ count: Int, from start: Int) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        var index = start
        while index + 8 <= count {
            let word = UInt64(littleEndian: UnsafeRawPointer(source + index).loadUnaligned(as: UInt64.self))
            let quote = word ^ 0x2222_2222_2222_2222
            let backslash = word ^ 0x5C5C_5C5C_5C5C_5C5C
            let marks = ((quote &- ones) & ~quote | (backslash &- ones) & ~backslash) & 0x8080_8080_8080_8080
            if marks != 0 { return index + marks.trailingZeroBitCount >> 3 }
            index += 8
        }
        while index < count, source[index] != UInt8(ascii: "\""), source[index] != UInt8(ascii: "\\") {
            index += 1
        }
        return index
    }

    private static func compactEscape(
        _ source: UnsafePointer<UInt8>, _ count: Int, _ read: inout Int,
        _ target: UnsafeMutablePointer<UInt8>, _ write: inout Int
    ) {
        var text: [UInt8] = []
        switch source[read + 1] {
        case UInt8(ascii: "u"):
            let bytes = UnsafeRawBufferPointer(start: source, count: count)
            let (scalar, length) = JSONText.unicodeEscape(bytes, at: read + 2)
            if let scalar { appendEscaped(scalar, to: &text) } else { text = Array(bytes[read..<read + 6]) }
            read += 2 + length
        case UInt8(ascii: "/"):
            text = [UInt8(ascii: "/")]
            read += 2
        default:
            text = [UInt8(ascii: "\\"), source[read + 1]]
            read += 2
        }
        for byte in text {
            target[write] = byte
            write += 1
        }
    }

    private static func appendEscaped(_ scalar: UInt32, to text: inout [UInt8]) {
        switch scalar {
        case 0x22: text = Array(#"\""#.utf8)
        case 0x5C: text = Array(#"\\"#.utf8)
        case 0x08: text = Array(#"\b"#.utf8)
        case 0x09: text = Array(#"\t"#.utf8)
        case 0x0A: text = Array(#"\n"#.utf8)
        case 0x0C: text = Array(#"\f"#.utf8)
        case 0x0D: text = Array(#"\r"#.utf8)
        case 0..<0x20:
            let digits = Array("0123456789ABCDEF".utf8)
            text = Array(#"\u00"#.utf8) + [digits[Int(scalar >> 4)], digits[Int(scalar & 15)]]
        default: JSONText.appendUTF8(scalar, to: &text)
        }
    }
}
