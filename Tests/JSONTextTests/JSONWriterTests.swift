import JSONText
import Testing

@Suite struct JSONWriterTests {
    private func text(_ body: (inout JSONWriter) -> Void) -> String {
        String(decoding: JSONWriter.bytes(body), as: UTF8.self)
    }

    @Test func putsCommasBetweenMembersAndElementsOnly() {
        let written = text { writer in
            writer.object {
                $0.member("a", 1)
                $0.member(
                    "b",
                    array: {
                        $0.string("x")
                        $0.object { _ in }
                        $0.array { _ in }
                        $0.null()
                    })
                $0.member("c", object: { $0.member("d", true) })
                $0.member("e", orNull: nil)
                $0.member("f", strings: ["g", "h"])
                $0.key("i")
                $0.json(Array("[1,2]".utf8))
            }
        }
        #expect(
            written
                == #"{"a":1,"b":["x",{},[],null],"c":{"d":true},"e":null,"f":["g","h"],"i":[1,2]}"#)
    }

    @Test(arguments: [
        (Int64.min, "-9223372036854775808"), (-1, "-1"), (0, "0"), (9, "9"), (10, "10"),
        (Int64.max, "9223372036854775807"),
    ])
    func writesWholeNumbersInFull(number: Int64, expected: String) {
        #expect(text { $0.integer(number) } == expected)
    }

    @Test func aNumberPast64BitsKeepsItsDigits() {
        #expect(text { $0.integer(UInt64.max) } == "18446744073709551615")
        #expect(text { $0.integer(UInt128.max) } == "340282366920938463463374607431768211455")
    }

    @Test func aNumberThatIsNotFiniteIsNull() {
        #expect(
            text { $0.array { for number in [0.5, .infinity, .nan] { $0.double(number) } } }
                == "[0.5,null,null]")
    }

    @Test func escapesWhatAStringMayNotHold() {
        #expect(text { $0.string("a\"\\\n\u{1}é😀/") } == #""a\"\\\n\u0001é😀/""#)
        #expect(text { $0.object { $0.member("\"", "") } } == #"{"\"":""}"#)
    }

    @Test func startsOverWithoutACommaAfterRemoveAll() {
        var writer = JSONWriter()
        writer.integer(1)
        writer.removeAll()
        writer.integer(2)
        #expect(writer.bytes == [UInt8(ascii: "2")])
    }

    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
        ("foobar", "Zm9vYmFy"),
    ])
    func base64IsThatOfTheStandard(plain: String, encoded: String) {
        #expect(
            text { writer in Array(plain.utf8).withUnsafeBytes { writer.base64($0) } } == "\"\(encoded)\"")
        var decoded: [UInt8] = []
        #expect(Array(encoded.utf8).withUnsafeBytes { Base64.decode($0, into: &decoded) })
        #expect(decoded == Array(plain.utf8))
    }

    @Test(arguments: [
        "Zg", "Zg=", "Zg===", "Z===", "====", "Zm9v\n", "Zm-v", "Zm=v", "=m9v", "Zé==", "Zg==Zg==",
    ])
    func refusesWhatIsNoBase64(text: String) {
        var decoded: [UInt8] = []
        #expect(!Array(text.utf8).withUnsafeBytes { Base64.decode($0, into: &decoded) })
    }

    @Test func everyByteSurvivesBase64() {
        for count in 0..<70 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ count) }
            var encoded: [UInt8] = []
            var decoded: [UInt8] = []
            bytes.withUnsafeBytes { Base64.encode($0, into: &encoded) }
            #expect(encoded.count == Base64.encodedCount(of: count))
            #expect(encoded.withUnsafeBytes { Base64.decode($0, into: &decoded) })
            #expect(decoded == bytes)
        }
    }
}
