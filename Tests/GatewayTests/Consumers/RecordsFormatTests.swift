import NIOCore
import SchemaFormats
import StreamModel
import Testing

@testable import Gateway

@Suite struct RecordsFormatTests {
    private static let json = "application/vnd.kafka.json.v2+json"
    private static let binary = "application/vnd.kafka.binary.v2+json"
    private static let plain = "application/vnd.kafka.v2+json"

    @Test(
        arguments: [
            (nil, binary), ("", binary), ("*/*", binary), ("application/*", binary), (plain, plain),
            (json, json), ("\(json), */*;q=0.1", json), ("*/*, \(json);q=0.2", json),
            ("\(plain);q=0.5, \(binary);q=0.4", plain), (json.uppercased(), json),
            ("text/html, \(json)", json), ("application/json", nil), ("text/*", nil), ("\(json);q=0", nil),
        ] as [(String?, String?)])
    func acceptHeaderChoosesTheAnswer(accept: String?, contentType: String?) {
        #expect(RecordsFormat.choose(accept)?.contentType == contentType)
    }

    @Test func aFormatWithSchemasIsChosenToo() throws {
        let choice = try #require(RecordsFormat.choose("application/vnd.kafka.avro.v2+json"))
        #expect(choice.format == .schema(.avro))
    }

    private func polled(_ contents: [(key: String?, value: String?)]) throws -> PolledRecords {
        let partition = TopicPartition(try #require(TopicName("a.pin")), PartitionIndex(3))
        var polled = PolledRecords()
        for (place, content) in contents.enumerated() {
            let key = content.key.map { Array($0.utf8) }
            let value = content.value.map { Array($0.utf8) }
            withBytes(key) { key in
                withBytes(value) { value in
                    polled.append(
                        RecordView(
                            offset: Offset(Int64(place) + 7), timestamp: 0, key: key, value: value,
                            headers: []),
                        of: partition)
                }
            }
        }
        return polled
    }

    private func withBytes(_ bytes: [UInt8]?, _ body: (UnsafeRawBufferPointer?) -> Void) {
        guard let bytes else { return body(nil) }
        bytes.withUnsafeBytes { body($0) }
    }

    private func written(_ polled: PolledRecords, _ format: EmbeddedFormat) -> String {
        String(buffer: RecordsFormat.write(polled, as: format, allocator: ByteBufferAllocator()))
    }

    @Test func jsonIsWrittenAsItLiesInTheLog() throws {
        let polled = try polled([(nil, #"{"a": 1}"#), ("\"k\"", nil)])
        #expect(
            written(polled, .json)
                == #"[{"topic":"a.pin","key":null,"value":{"a": 1},"partition":3,"offset":7},"#
                + #"{"topic":"a.pin","key":"k","value":null,"partition":3,"offset":8}]"#)
    }

    @Test func binaryIsWrittenInBase64() throws {
        let polled = try polled([("k", ""), (nil, "\u{0}?")])
        #expect(
            written(polled, .binary)
                == #"[{"topic":"a.pin","key":"aw==","value":"","partition":3,"offset":7},"#
                + #"{"topic":"a.pin","key":null,"value":"AD8=","partition":3,"offset":8}]"#)
    }

    @Test func noRecordsAreAnEmptyList() throws {
        #expect(written(PolledRecords(), .json) == "[]")
    }

    @Test func gatheredRecordsKeepTheirContents() throws {
        var first = try polled([("1", "a")])
        first.append(try polled([("2", "bb"), (nil, nil)]))
        #expect(first.byteCount == 5)
        #expect(written(first, .json).contains(#""key":2,"value":bb"#))
    }

    @Test(arguments: ["", "not json", "{", "1 2", #"{"a":}"#, "\u{FEFF}1"])
    func whatIsNoJSONIsObjectedTo(_ text: String) {
        #expect(Array(text.utf8).withUnsafeBytes { RecordsFormat.jsonObjection($0) } != nil)
    }

    @Test(arguments: ["1", " {\"a\": [1, null]} ", "\"ä\"", "null"])
    func jsonIsNot(_ text: String) {
        #expect(Array(text.utf8).withUnsafeBytes { RecordsFormat.jsonObjection($0) } == nil)
    }
}
