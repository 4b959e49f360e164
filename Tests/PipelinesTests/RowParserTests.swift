import JSONText
import Testing

@testable import Pipelines

let sampleTables = [
    TableDefinition(
        name: "pin", topics: [TopicPattern("*.pin")], key: "ind", clean: "clean/pin.sql",
        columns: [
            RawColumn(name: "index", type: .int, aliases: ["ind"], isKey: true),
            RawColumn(name: "title", type: .string, sentinels: ["None"]),
            RawColumn(name: "followers", type: .string, sentinels: ["Error"]),
            RawColumn(name: "score", type: .double),
        ]),
    TableDefinition(
        name: "geo", topics: [TopicPattern("*.geo")], key: "ind", clean: "clean/geo.sql",
        columns: [
            RawColumn(name: "ind", type: .int, aliases: ["index"], isKey: true),
            RawColumn(name: "country", type: .string), RawColumn(name: "timestamp", type: .string),
        ]),
]

@Suite struct RowParserTests {
    /// What the parser made of a line: the slots' texts by column, or nil if it gave up.
    private func parse(_ parser: RowParser, _ text: String) -> [String: String]? {
        let bytes = Array(text.utf8) + [0x0A] + [UInt8](repeating: 0, count: 64)
        let slots = RowSlots(columns: 4)
        defer { slots.deallocate() }
        return bytes.withUnsafeBufferPointer { buffer -> [String: String]? in
            guard let start = buffer.baseAddress else { return nil }
            let line = RawLine(start: start, count: text.utf8.count, locator: 0, object: 0, topicTable: 0)
            guard parser.parse(line, into: slots) else { return nil }
            var values: [String: String] = [:]
            for (index, column) in sampleTables[0].columns.enumerated() where slots.has(index) {
                values[column.name] =
                    "\(slots[index].kind) \(String(decoding: slots[index].bytes, as: UTF8.self))"
            }
            return values
        }
    }

    private func withParser(_ body: (RowParser) throws -> Void) rethrows {
        let parser = RowParser(sampleTables[0], among: sampleTables)
        defer { parser.deallocate() }
        try body(parser)
    }

    @Test func aFlatRowIsPutIntoSlots() {
        withParser { parser in
            let row = parse(parser, #"{"index": 7, "title":"a\"b", "followers":null, "score":-1.5e3}"#)
            #expect(
                row == [
                    "index": "integer 7", "title": #"escapedString a\"b"#, "followers": "null null",
                    "score": "number -1.5e3",
                ])
        }
    }

    @Test func membersInAnotherOrderAreFoundAndLearned() {
        withParser { parser in
            for number in 0..<3 {
                let row = parse(parser, #"{"score":1,"title":"t","ind":\#(number)}"#)
                #expect(row == ["score": "integer 1", "title": "string t", "index": "integer \(number)"])
            }
        }
    }

    @Test func membersThatNoTableKnowsArePassedOver() {
        withParser { parser in
            #expect(parse(parser, #"{"index":1,"new":"x","title":"t","newer":2}"#)?.count == 2)
            #expect(parse(parser, #"{"index":1,"new":true,"title":"t","newer":2}"#)?.count == 2)
        }
    }

    @Test(arguments: [
        #"{"index":1,"country":"x"}"#, #"{"index":1,"title":{"a":1}}"#, #"{"index":1,"title":[1]}"#,
        #"{"index":1,"index":2}"#, #"{"index":1,"ind":2}"#, #"{"ind\u0065x":1}"#, #"[1]"#, #""x""#, "{}", "",
        #"{"index":1} x"#, #"{"index":1"#, #"{"index":01}"#, #"{"index":1.}"#, #"{"index":-}"#,
        #"{"title":"\x"}"#,
        #"{"title":"\u12g4"}"#, #"{"title":tru}"#, #"{"index":1,}"#, #"{"index" 1}"#, "{\"title\":\"a\tb\"}",
    ]) func whatNeedsACloserLookIsLeftToTheScanner(_ text: String) {
        withParser { parser in #expect(parse(parser, text) == nil) }
    }

    @Test func whateverItTakesTheScannerTakesToo() {
        var generator = SeededGenerator(state: 7)
        let seeds = [
            #"{"index":12,"title":"plain text, long enough","followers":"12k","score":1.25e-3}"#,
            #"{"title":"café \"x\" \u00e9 \\","index":-0,"followers":"","score":null,"other":true}"#,
        ]
        let pieces = [
            "\"", "\\", "{", "}", ",", ":", "0", "-", ".", "e", "\u{1}", " ", "é", "\\u12", "null", "[", "]",
        ]
        withParser { parser in
            for _ in 0..<20_000 {
                var text = Array(seeds[Int(generator.next() % 2)].unicodeScalars)
                for _ in 0..<Int(generator.next() % 3) + 1 {
                    let place = Int(generator.next() % UInt64(text.count))
                    let piece = Array(pieces[Int(generator.next() % UInt64(pieces.count))].unicodeScalars)
                    switch generator.next() % 3 {
                    case 0: text.insert(contentsOf: piece, at: place)
                    case 1: text.remove(at: place)
                    default: text[place] = piece[0]
                    }
                }
                let line = String(String.UnicodeScalarView(text))
                guard parse(parser, line) != nil else { continue }
                #expect(isValidJSON(line), "\(line)")
            }
        }
    }

    @Test func bytesThatAreNoUTF8AreLeftToTheScanner() {
        let parser = RowParser(sampleTables[0], among: sampleTables)
        let slots = RowSlots(columns: 4)
        defer {
            parser.deallocate()
            slots.deallocate()
        }
        let bytes = Array(#"{"title":"caf"#.utf8) + [0xE9] + Array(#" au lait"}"#.utf8)
        let padded = bytes + [0x0A] + [UInt8](repeating: 0, count: 64)
        padded.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return }
            let line = RawLine(start: start, count: bytes.count, locator: 0, object: 0, topicTable: 0)
            #expect(!parser.parse(line, into: slots))
        }
    }

    private func isValidJSON(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            var scanner = JSONScanner(UnsafeRawBufferPointer(bytes))
            return (try? scanner.value()) != nil && (try? scanner.finish()) != nil
        }
    }
}

/// A generator whose numbers are the same in every run.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}

@Suite struct NumberTextTests {
    private func bytes<Value>(_ text: String, _ body: (UnsafeRawBufferPointer) -> Value) -> Value {
        var text = text
        return text.withUTF8 { body(UnsafeRawBufferPointer($0)) }
    }

    @Test(arguments: [
        ("0", 0), ("-7", -7), ("+7", 7), ("9223372036854775807", Int64.max),
        ("-9223372036854775808", Int64.min),
        ("000000000000000000000012", 12),
    ]) func integersOf64BitsAreRead(_ text: String, _ value: Int64) {
        #expect(bytes(text, NumberText.integer) == value)
    }

    @Test(arguments: [
        "", "-", "1.0", "9223372036854775808", "-9223372036854775809", "12a", " 1", "99999999999999999999",
    ])
    func otherTextIsNoInteger(_ text: String) {
        #expect(bytes(text, NumberText.integer) == nil)
    }

    @Test(arguments: [("7528", 7528), (" 7528 ", 7528), ("7528.0", 7528), ("7.5e3", 7500), ("-0.0", 0)])
    func wholeNumbersAreReadHoweverTheyAreWritten(_ text: String, _ value: Int64) {
        #expect(bytes(text, NumberText.lenientInteger) == value)
    }

    @Test(arguments: ["7528.5", "1e30", "abc", "", "0x10", "inf", "nan"]) func partsAreNoWholeNumbers(
        _ text: String
    ) {
        #expect(bytes(text, NumberText.lenientInteger) == nil)
    }

    @Test func doublesAreTheNearestOnes() {
        var generator = SeededGenerator(state: 1)
        for _ in 0..<5_000 {
            let text = "\(Double(Int64(bitPattern: generator.next()) % 1_000_000_000) / 10_000)"
            #expect(bytes(text, NumberText.double) == Double(text))
        }
        for text in ["-89.9787", "1e22", "123456789012345678", "0.1", "5e-324", "1.7976931348623157e308"] {
            #expect(bytes(text, NumberText.double) == Double(text))
        }
        #expect(bytes("1e999", NumberText.double) == nil)
    }
}
