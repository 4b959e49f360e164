import JSONText
import Testing

@Suite struct JSONTreeTests {
    private func tree(_ text: String, maxValues: Int = 100) throws(JSONTextError) -> JSONTree {
        try JSONTree(Array(text.utf8), maxDepth: 8, maxValues: maxValues)
    }

    @Test func readsEveryKindOfValue() throws {
        let read = try tree(
            #" {"a":[1,-2.50,1e3],"b\u0062":"é\n\ud83d\ude00","t":true,"f":false,"n":null,"o":{}} "#)
        #expect(
            read
                == .object([
                    .init("a", .array([.number("1"), .number("-2.50"), .number("1e3")])),
                    .init("bb", .string("é\n😀")), .init("t", .bool(true)), .init("f", .bool(false)),
                    .init("n", .null), .init("o", .object([])),
                ]))
        #expect(read["bb"]?.text == "é\n😀")
        #expect(read["a"]?.elements?.count == 3)
        #expect(read["n"]?.isNull == true)
        #expect(read["absent"] == nil)
        #expect(read["a"]?["a"] == nil)
    }

    @Test(
        arguments: [
            ("5", 5), ("-0", 0), ("5.0", 5), ("5e3", 5000), ("9223372036854775807", Int64.max), ("5.5", nil),
            ("9223372036854775808", nil), ("1e400", nil), ("\"5\"", nil), ("true", nil),
        ] as [(String, Int64?)])
    func aWholeNumberIsAnInteger(text: String, expected: Int64?) throws {
        #expect(try tree(text).integer == expected)
    }

    @Test func aTextOfTooManyValuesIsRefused() throws {
        #expect(try tree("[1,2,3]", maxValues: 4).elements?.count == 3)
        #expect(throws: JSONTextError(.tooManyValues, at: 5)) { try tree("[1,2,3]", maxValues: 3) }
    }

    @Test(arguments: ["", "{", "[1,]", "1 2", #"{"a":1,"a":2}"#, "[[[[[[[[[1]]]]]]]]]", "\"\u{1}\""])
    func whatTheScannerRefusesIsRefused(text: String) {
        #expect(throws: JSONTextError.self) { try tree(text) }
    }

    @Test func whatWasReadIsWrittenAgain() throws {
        let text = #"{"a":[1,-2.50,1e3,[]],"b":"\"\n","c":{"d":null,"e":[true,false]}}"#
        let read = try tree(text)
        #expect(String(decoding: JSONWriter.bytes { $0.tree(read) }, as: UTF8.self) == text)
    }
}
