import NIOCore

/// Base64 of RFC 4648, canonical only, straight from one buffer into another.
enum BufferBase64 {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// The value of each byte; 64 and more for one that is no digit.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 0xFF, count: 256)
        for (value, digit) in alphabet.enumerated() { values[Int(digit)] = UInt8(value) }
        return values
    }()

    /// What each byte adds to a group of 24 bits as its first, second, third and fourth digit, 256 each.
    ///
    /// The group's first byte is the lowest, so that one store writes three bytes; `fault` for what is no digit.
    private static let groups: [UInt32] = (0..<4).flatMap { place in
        values.map { value in
            value < 64 ? (UInt32(value) << UInt32(18 - 6 * place)).byteSwapped >> 8 : fault
        }
    }
    /// A bit that no digit adds.
    private static let fault: UInt32 = 1 << 24

    /// How many bytes a text of so many digits may stand for at most.
    static func maxDecodedCount(_ count: Int) -> Int { count / 4 * 3 }

    /// Appends what the text stands for.
    ///
    /// - Returns: how many bytes; nil, with nothing appended, if the text is no canonical base64.
    static func decode(_ text: UnsafeRawBufferPointer, into output: inout ByteBuffer) -> Int? {
        guard text.count % 4 == 0 else { return nil }
        guard text.count > 0 else { return 0 }
        var written: Int?
        output.writeWithUnsafeMutableBytes(minimumWritableBytes: maxDecodedCount(text.count)) { target in
            written = decode(text, into: target)
            return written ?? 0
        }
        return written
    }

    private static func decode(
        _ text: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) -> Int? {
        values.withUnsafeBufferPointer { values -> Int? in
            let padding =
                text[text.count - 1] != UInt8(ascii: "=")
                ? 0 : text[text.count - 2] != UInt8(ascii: "=") ? 1 : 2
            let wholeEnd = padding == 0 ? text.count : text.count - 4
            let isWhole = groups.withUnsafeBufferPointer { decodeGroups(text, wholeEnd, into: target, $0) }
            guard isWhole else { return nil }
            let read = wholeEnd
            var write = wholeEnd / 4 * 3
            if padding > 0 {
                let first = values[Int(text[read])]
                let second = values[Int(text[read + 1])]
                let third = padding == 1 ? values[Int(text[read + 2])] : 0
                guard (first | second | third) & 0xC0 == 0 else { return nil }
                // Bits that no byte takes must be zero, or two texts would stand for the same bytes.
                guard (padding == 1 ? third & 0x03 : second & 0x0F) == 0 else { return nil }
                target[write] = first << 2 | second >> 4
                if padding == 1 { target[write + 1] = second << 4 | third >> 2 }
                write += 3 - padding
            }
            return write
        }
    }

    /// Decodes four digits at a time, up to `end`; false if one is no digit.
    private static func decodeGroups(
        _ text: UnsafeRawBufferPointer, _ end: Int, into target: UnsafeMutableRawBufferPointer,
        _ groups: UnsafeBufferPointer<UInt32>
    ) -> Bool {
        var write = 0
        var faults: UInt32 = 0
        for read in stride(from: 0, to: end, by: 4) {
            let group =
                groups[Int(text[read])] | groups[256 + Int(text[read + 1])]
                | groups[512 + Int(text[read + 2])] | groups[768 + Int(text[read + 3])]
            faults |= group
            if write + 4 <= target.count {
                target.storeBytes(of: group.littleEndian, toByteOffset: write, as: UInt32.self)
            } else {
                withUnsafeBytes(of: group.littleEndian) { bytes in
                    for place in 0..<3 { target[write + place] = bytes[place] }
                }
            }
            write += 3
        }
        return faults & fault == 0
    }

    static func decode(_ text: String) -> [UInt8]? {
        var output = ByteBuffer()
        let text = Array(text.utf8)
        guard text.withUnsafeBytes({ decode($0, into: &output) }) != nil else { return nil }
        return Array(output.readableBytesView)
    }

    /// Appends the digits of some bytes, with padding.
    static func encode(_ bytes: UnsafeRawBufferPointer, into output: inout ByteBuffer) {
        let count = (bytes.count + 2) / 3 * 4
        guard count > 0 else { return }
        output.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { target in
            alphabet.withUnsafeBufferPointer { encode(bytes, into: target, $0) }
            return count
        }
    }

    private static func encode(
        _ bytes: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer,
        _ alphabet: UnsafeBufferPointer<UInt8>
    ) {
        var read = 0
        var write = 0
        while read + 3 <= bytes.count {
            let group = UInt32(bytes[read]) << 16 | UInt32(bytes[read + 1]) << 8 | UInt32(bytes[read + 2])
            target[write] = alphabet[Int(group >> 18)]
            target[write + 1] = alphabet[Int(group >> 12 & 63)]
            target[write + 2] = alphabet[Int(group >> 6 & 63)]
            target[write + 3] = alphabet[Int(group & 63)]
            read += 3
            write += 4
        }
        let rest = bytes.count - read
        guard rest > 0 else { return }
        let group = UInt32(bytes[read]) << 16 | (rest == 2 ? UInt32(bytes[read + 1]) << 8 : 0)
        target[write] = alphabet[Int(group >> 18)]
        target[write + 1] = alphabet[Int(group >> 12 & 63)]
        target[write + 2] = rest == 2 ? alphabet[Int(group >> 6 & 63)] : UInt8(ascii: "=")
        target[write + 3] = UInt8(ascii: "=")
    }

    static func encode(_ bytes: [UInt8]) -> String {
        var output = ByteBuffer()
        bytes.withUnsafeBytes { encode($0, into: &output) }
        return String(buffer: output)
    }
}
