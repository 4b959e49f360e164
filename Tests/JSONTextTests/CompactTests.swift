import Foundation
import JSONText
import Testing

@Suite struct CompactTests {
    private func compact(_ text: String) -> String {
        var output = Array("before ".utf8)
        var scanner = JSONScanner()
        #expect(throws: Never.self) {
            try Array(text.utf8).withUnsafeBytes { try scanner.appendCompact($0, to: &output) }
        }
        #expect(output.count <= 7 + text.utf8.count)
        #expect(output.starts(with: "before ".utf8))
        return String(decoding: output.dropFirst(7), as: UTF8.self)
    }

    private static let cases: [(String, String)] = [
        ("null", "null"), (" -1.50E+07 ", "-1.50E+07"), ("[ ]", "[]"), ("{ }", "{}"),
        (" [ 1 ,\t2 ,\r\n3 ] ", "[1,2,3]"),
        (#"{ "b" : 1 , "a" : [ true , null ] }"#, #"{"b":1,"a":[true,null]}"#),
        (#"" a  b ""#, #"" a  b ""#), (#"{" a " : " b "}"#, #"{" a ":" b "}"#), (#""""#, #""""#),
        // Escapes that JSON needs stay, in their short form where there is one.
        (#""\"\\\b\f\n\r\t""#, #""\"\\\b\f\n\r\t""#), (#""\u0022\u005c\u005C""#, #""\"\\\\""#),
        (#""\u0008\u000c\u000A\u000d\u0009""#, #""\b\f\n\r\t""#),
        (#""\u0000\u001f\u000b""#, #""\u0000\u001F\u000B""#),
        // The others become what they stand for.
        (#""\/""#, #""/""#), (#""\u0041\u007e""#, #""A~""#), (#""\u007f""#, "\"\u{7F}\""),
        (#""\u00e9\u00C9""#, #""éÉ""#),
        (#""\u2028\u4e2d\uffff""#, "\"\u{2028}中\u{FFFF}\""), (#""\ud83d\ude00\uD83D\uDE00""#, #""😀😀""#),
        (#""\ud800\udc00\udbff\udfff""#, "\"\u{10000}\u{10FFFF}\""),
        // Half a pair has no UTF-8.
        (#""\ud83d""#, #""\ud83d""#), (#""\ude00""#, #""\ude00""#), (#""\uD83Dx""#, #""\uD83Dx""#),
        (#""\ud83d\u0041""#, #""\ud83dA""#), (#""\ud83d\ud83d\ude00""#, #""\ud83d😀""#),
        (#""\ud83d\n""#, #""\ud83d\n""#),
        (#""\ud83d\\ude00""#, #""\ud83d\\ude00""#), (#"["\ud83d","\ude00"]"#, #"["\ud83d","\ude00"]"#),
        // Names too.
        (#"{ "\u0061\u0022" : 0 }"#, #"{"a\"":0}"#),
        ("\"raw é 中 😀 \u{7F}\"", "\"raw é 中 😀 \u{7F}\""),
    ]

    @Test(arguments: cases)
    func hasNoBlanksBetweenTokensAndNoEscapesThatAreNotNeeded(text: String, expected: String) throws {
        #expect(compact(text) == expected)
        #expect(compact(expected) == expected)
        try Array(expected.utf8).scan()
    }

    @Test func escapesAtEveryPlaceAndLengthComeOutRight() {
        for length in 0...20 {
            for place in 0...length {
                let before = String(repeating: "x", count: place)
                let after = String(repeating: " ", count: length - place)
                for (escape, plain) in [
                    (#"\u00e9"#, "é"), (#"\""#, #"\""#), (#"\\"#, #"\\"#), (#"\ud83d\ude00"#, "😀"),
                ] {
                    #expect(
                        compact("[ \"\(before)\(escape)\(after)\" ]") == "[\"\(before)\(plain)\(after)\"]")
                }
            }
        }
    }

    @Test func whatFoundationReadsIsTheSameBeforeAndAfter() throws {
        for text in [
            #"{"a" : [1.5, -2e3, "\u00e9\n\ud83d\ude00", {"\u0062": null}], "c" : "\/\\\"" , "d": true}"#,
            #"[ "\u0001\u001f" , "\t" , "  " , {} , [] , 0 ]"#,
        ] {
            let before = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? NSObject
            let after = try JSONSerialization.jsonObject(with: Data(compact(text).utf8)) as? NSObject
            #expect(before == after)
        }
    }
}

@Suite struct RefusedCompactTests {
    @Test(arguments: ["", " ", "{", "[1, 2", "{} {}", #"{"a": "\u00e9", "a": 1}"#, #"[ "\/\x" ]"#])
    func nothingIsAppendedOfATextThatIsRefused(text: String) {
        var output = Array("before".utf8)
        var scanner = JSONScanner()
        #expect(throws: JSONTextError.self) {
            try Array(text.utf8).withUnsafeBytes { try scanner.appendCompact($0, to: &output) }
        }
        #expect(output == Array("before".utf8))
    }

    @Test func aScannerCanBeUsedAgainAfterwards() throws {
        var output: [UInt8] = []
        var scanner = JSONScanner()
        for text in ["[ 1 ]", "[ 1", "[2]", #"[ "\u0041" ]"#] {
            Array(text.utf8).withUnsafeBytes { try? scanner.appendCompact($0, to: &output) }
        }
        #expect(String(decoding: output, as: UTF8.self) == #"[1][2]["A"]"#)
    }
}

@Suite struct UnescapeTests {
    @Test(arguments: [
        ("", ""), ("abc", "abc"), (#"\"\\\/\b\f\n\r\t"#, "\"\\/\u{8}\u{C}\n\r\t"),
        (#"\u0041\u00e9\u4E2D"#, "Aé中"),
        (#"x\ud83d\ude00y"#, "x😀y"), (#"\ud83d"#, "\u{FFFD}"), (#"\ude00\ud83d"#, "\u{FFFD}\u{FFFD}"),
        (#"\ud83dx"#, "\u{FFFD}x"), (#"\ud83d\u0041"#, "\u{FFFD}A"), (#"\u0000"#, "\0"),
        (#"\\u0041"#, #"\u0041"#),
    ])
    func givesTheTextOfAString(content: String, text: String) {
        var output: [UInt8] = [1]
        Array(content.utf8).withUnsafeBytes { JSONText.unescape($0, into: &output) }
        #expect(output == [1] + Array(text.utf8))
    }
}

@Suite struct HashTests {
    private func hash(_ bytes: [UInt8], seed: UInt64 = 1) -> UInt64 {
        // Not at the start of its memory, so that the words are not aligned.
        ([0] + bytes).withUnsafeBytes {
            JSONText.hash(UnsafeRawBufferPointer(rebasing: $0[1...]), seed: seed)
        }
    }

    @Test func equalBytesHaveEqualHashesWhereverTheyLie() {
        for length in 0..<100 {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37) }
            #expect(hash(bytes) == bytes.withUnsafeBytes { JSONText.hash($0, seed: 1) })
        }
    }

    @Test func aChangedByteAnotherLengthAndAnotherSeedChangeTheHash() {
        for length in 0..<70 {
            let bytes = [UInt8](repeating: 7, count: length)
            var hashes: Set<UInt64> = [
                hash(bytes), hash(bytes, seed: 2), hash(bytes + [7]), hash(bytes + [0]),
            ]
            for place in 0..<length {
                var changed = bytes
                changed[place] ^= 1
                hashes.insert(hash(changed))
            }
            #expect(hashes.count == 4 + length, "\(length) bytes")
        }
    }

    @Test func bytesOfZerosDifferByTheirLength() {
        #expect(Set((0..<200).map { hash([UInt8](repeating: 0, count: $0)) }).count == 200)
    }

    @Test func manyShortTextsGiveAsManyHashes() {
        let hashes = Set((0..<200_000).map { hash(Array("\($0)".utf8)) })
        #expect(hashes.count == 200_000)
        // Every bit takes part.
        let lowBits = Set(hashes.map { $0 & 0xFFFF }).count
        let highBits = Set(hashes.map { $0 >> 48 }).count
        #expect(lowBits > 60_000)
        #expect(highBits > 60_000)
    }
}
