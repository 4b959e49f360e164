import JSONText
import Testing

/// Strings are scanned eight bytes at a time: every place within a word, and every length, must do.
@Suite struct StringScanTests {
    /// Scans a string that begins at each of eight alignments.
    private func faults(in content: [UInt8]) -> [JSONTextError.Code?] {
        let text = [UInt8(ascii: "\"")] + content + [UInt8(ascii: "\"")]
        return (0..<8).map { shift in
            let padded = [UInt8](repeating: 0x20, count: shift) + text + Array("\"\\".utf8)
            return padded.withUnsafeBytes { bytes in
                let part = UnsafeRawBufferPointer(rebasing: bytes[shift..<shift + text.count])
                var scanner = JSONScanner(part)
                do throws(JSONTextError) {
                    let span = try scanner.value()
                    try scanner.finish()
                    #expect(span.content == 1..<1 + content.count)
                    #expect(span.hasEscapes == content.contains(UInt8(ascii: "\\")))
                    return nil
                } catch {
                    return error.code
                }
            }
        }
    }

    private func filled(_ length: Int, _ byte: UInt8 = UInt8(ascii: "x")) -> [UInt8] {
        [UInt8](repeating: byte, count: length)
    }

    private func expect(_ content: [UInt8], _ code: JSONTextError.Code?) {
        let found = faults(in: content)
        #expect(found == Array(repeating: code, count: 8), "\(content)")
    }

    @Test func plainStringsOfEveryLengthAreAccepted() {
        for length in 0...40 {
            for byte in [0x20, 0x21, 0x23, 0x5B, 0x5D, 0x7F] as [UInt8] { expect(filled(length, byte), nil) }
        }
    }

    @Test func aQuoteAtEveryPlaceEndsTheString() {
        for length in 1...40 {
            for place in 0..<length {
                var content = filled(length)
                content[place] = UInt8(ascii: "\"")
                expect(content, .unexpectedByte)
            }
        }
    }

    @Test func aControlCharacterAtEveryPlaceIsRefused() {
        for length in 1...24 {
            for place in 0..<length {
                for byte in [0x00, 0x01, 0x09, 0x0A, 0x1F] as [UInt8] {
                    var content = filled(length, 0x20)
                    content[place] = byte
                    expect(content, .controlCharacter)
                }
            }
        }
    }

    @Test func everyControlCharacterIsRefused() {
        for byte in 0..<0x20 as Range<UInt8> { expect(filled(9) + [byte] + filled(3), .controlCharacter) }
    }

    @Test func anEscapeAtEveryPlaceIsAcceptedOrRefused() {
        for length in 0...24 {
            for place in 0...length {
                let before = filled(place)
                let after = filled(length - place)
                for escape in [#"\n"#, #"\""#, #"\\"#, #"\u0041"#, #"\\\\"#] {
                    expect(before + escape.utf8 + after, nil)
                }
                expect(before + Array(#"\q"#.utf8) + after, .invalidEscape)
                expect(before + Array(#"\u00G0"#.utf8) + after, .invalidEscape)
            }
        }
    }

    @Test func badUTF8AtEveryPlaceIsRefused() {
        for length in 1...24 {
            for place in 0..<length {
                var content = filled(length)
                content[place] = 0xFF
                expect(content, .invalidUTF8)
            }
        }
    }

    @Test func badUTF8BeforeAndAfterAnEscapeIsRefused() {
        for gap in 0...12 {
            expect([0x80] + filled(gap) + Array(#"\n"#.utf8), .invalidUTF8)
            expect(Array(#"\n"#.utf8) + filled(gap) + [0x80], .invalidUTF8)
        }
    }

    private static let badUTF8: [[UInt8]] = [
        [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xC2, 0x20], [0xC2, 0xC2, 0x80],
        [0xE0, 0x80, 0x80],
        [0xE0, 0x9F, 0xBF], [0xE2, 0x82], [0xE2, 0x28, 0xA1], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF],
        [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x8F, 0xBF, 0xBF], [0xF0, 0x9F, 0x98], [0xF4, 0x90, 0x80, 0x80],
        [0xF5, 0x80, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80], [0xFE], [0xFF], [0xFF, 0xFE], [0xE9, 0x6C],
    ]

    @Test(arguments: badUTF8)
    func bytesThatAreNotUTF8AreRefused(bytes: [UInt8]) {
        expect(bytes, .invalidUTF8)
        expect(filled(5) + bytes + filled(9), .invalidUTF8)
        #expect(!bytes.withUnsafeBytes { JSONText.isUTF8($0) })
    }

    @Test func everyScalarIsAccepted() {
        for start in stride(from: 0x20, through: 0x10FFFF, by: 1000) as StrideThrough<UInt32> {
            let scalars = (start..<start + 1000).compactMap(UnicodeScalar.init).filter {
                $0 != "\"" && $0 != "\\"
            }
            expect(Array(String(String.UnicodeScalarView(scalars)).utf8), nil)
        }
    }
}
