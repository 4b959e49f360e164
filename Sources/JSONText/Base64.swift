/// Base64 (RFC 4648, section 4): the standard alphabet, with padding.
package enum Base64 {
    private static let alphabet: StaticString =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

    /// Six bits for each character of the alphabet, 0xFF for every other byte.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 0xFF, count: 256)
        for value in 0..<64 { values[Int(alphabet.utf8Start[value])] = UInt8(value) }
        return values
    }()

    /// How many characters so many bytes become.
    package static func encodedCount(of byteCount: Int) -> Int { (byteCount + 2) / 3 * 4 }

    package static func encode(_ data: UnsafeRawBufferPointer, into output: inout [UInt8]) {
        let letters = alphabet.utf8Start
        output.reserveCapacity(output.count + encodedCount(of: data.count))
        var index = 0
        while index + 3 <= data.count {
            let bits = UInt32(data[index]) << 16 | UInt32(data[index + 1]) << 8 | UInt32(data[index + 2])
            output.append(letters[Int(bits >> 18)])
            output.append(letters[Int(bits >> 12 & 63)])
            output.append(letters[Int(bits >> 6 & 63)])
            output.append(letters[Int(bits & 63)])
            index += 3
        }
        let rest = data.count - index
        guard rest > 0 else { return }
        let bits = UInt32(data[index]) << 16 | (rest == 2 ? UInt32(data[index + 1]) << 8 : 0)
        output.append(letters[Int(bits >> 18)])
        output.append(letters[Int(bits >> 12 & 63)])
        output.append(rest == 2 ? letters[Int(bits >> 6 & 63)] : UInt8(ascii: "="))
        output.append(UInt8(ascii: "="))
    }

    /// Appends the bytes that a text stands for.
    ///
    /// - Returns: false if the text is no base64: a foreign character, wrong padding, or a length that is no multiple
    ///   of four. What was appended then is left for the caller to drop.
    package static func decode(_ text: UnsafeRawBufferPointer, into output: inout [UInt8]) -> Bool {
        guard text.count % 4 == 0 else { return false }
        guard !text.isEmpty else { return true }
        let padding =
            text[text.count - 1] != UInt8(ascii: "=") ? 0 : text[text.count - 2] != UInt8(ascii: "=") ? 1 : 2
        output.reserveCapacity(output.count + text.count / 4 * 3 - padding)
        return values.withUnsafeBufferPointer { values in
            var bad: UInt8 = 0
            var index = 0
            while index < text.count {
                let isLast = index + 4 == text.count
                let used = isLast ? 4 - padding : 4
                var bits: UInt32 = 0
                for place in 0..<4 {
                    let value = place < used ? values[Int(text[index + place])] : 0
                    bad |= value & 0xC0
                    bits = bits << 6 | UInt32(value & 63)
                }
                output.append(UInt8(truncatingIfNeeded: bits >> 16))
                if used > 2 { output.append(UInt8(truncatingIfNeeded: bits >> 8)) }
                if used > 3 { output.append(UInt8(truncatingIfNeeded: bits)) }
                index += 4
            }
            return bad == 0
        }
    }
}
