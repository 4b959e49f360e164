import JSONText
import StreamModel
import Testing

@testable import Sinks

@Suite struct OpenObjectTests {
    private var object = OpenObject(start: Offset(7))
    private var scanner = JSONScanner()

    private mutating func append(_ value: String?, key: String? = nil, at offset: Int64) {
        Array((key ?? "").utf8).withUnsafeBytes { keyBytes in
            Array((value ?? "").utf8).withUnsafeBytes { valueBytes in
                object.append(
                    RecordView(
                        offset: Offset(offset), timestamp: 0, key: key.map { _ in keyBytes },
                        value: value.map { _ in valueBytes }, headers: []),
                    of: .pins, with: &scanner)
            }
        }
    }

    private var text: String { String(decoding: object.content, as: UTF8.self) }

    @Test func aNewObjectIsEmptyAtItsStart() {
        #expect(object.isEmpty)
        #expect(object.end == Offset(7))
        #expect(object.firstOffset == nil)
        #expect(object.heldBytes == 0)
    }

    @Test mutating func eachRecordIsOneCompactLine() {
        append("{ \"a\" : 1,\n\t\"b\" : \" x  y \" }", at: 7)
        append("[ 1 , 2 ]", at: 8)
        #expect(text == "{\"a\":1,\"b\":\" x  y \"}\n[1,2]\n")
        #expect(object.recordCount == 2)
        #expect(object.firstOffset == Offset(7))
        #expect(object.end == Offset(9))
        #expect(object.heldBytes == text.utf8.count)
    }

    @Test(arguments: ["null", "1.50", "\"text\"", "true", "{}"])
    mutating func anyJSONValueIsARecord(value: String) {
        append(" \(value) ", at: 7)
        #expect(text == value + "\n")
        #expect(object.deadLetters.isEmpty)
    }

    @Test mutating func aRecordWithoutAValueIsCountedAndLeftOut() {
        append(nil, key: "k", at: 7)
        append("{}", at: 8)
        #expect(text == "{}\n")
        #expect(object.tombstones == 1)
        #expect(object.recordCount == 1)
        #expect(object.firstOffset == Offset(8))
    }

    @Test mutating func anObjectOfTombstonesAloneCoversThemWithoutALine() {
        append(nil, at: 7)
        append(nil, at: 8)
        #expect(!object.isEmpty)
        #expect(object.firstOffset == nil)
        #expect(object.content.isEmpty)
        #expect(object.end == Offset(9))
    }

    @Test mutating func aRecordThatIsNoJSONIsSetAsideWithItsReasonAndOrigin() throws {
        append("{\"a\":}", key: "k", at: 7)
        append("{\"b\":1}", at: 8)
        #expect(text == "{\"b\":1}\n")
        #expect(object.recordCount == 1)
        let letter = try #require(object.deadLetters.first)
        #expect(object.deadLetters.count == 1)
        #expect(letter.partition == .pins)
        #expect(letter.offset == Offset(7))
        #expect(letter.key == Array("k".utf8))
        #expect(letter.value == Array("{\"a\":}".utf8))
        #expect(letter.reason == "not JSON: unexpected character (at byte 5)")
    }

    @Test(arguments: ["", " ", "{", "{} {}", "{\"a\":01}", "\u{FEFF}{}", "{\"a\":\"\u{1}\"}", "nul"])
    mutating func noPartOfABrokenRecordGetsIntoTheObject(value: String) {
        append(value, at: 7)
        #expect(object.deadLetters.map(\.value) == [Array(value.utf8)])
        #expect(object.deadLetters.first?.key == nil)
        #expect(object.content.isEmpty)
        #expect(object.recordCount == 0)
        #expect(object.end == Offset(8))
    }

    @Test mutating func whatIsSetAsideCountsAsHeld() {
        append(String(repeating: "x", count: 1_000), key: "key", at: 7)
        #expect(object.heldBytes >= 1_003)
        #expect(object.content.isEmpty)
    }
}
