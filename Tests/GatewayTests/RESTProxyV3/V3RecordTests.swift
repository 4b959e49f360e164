import JSONText
import NIOCore
import StreamModel
import Testing

@testable import Gateway

@Suite struct V3RecordTests {
    private func read(_ text: String) throws -> V3Record {
        try Array(text.utf8).withUnsafeBytes { bytes in
            var scanner = JSONScanner(bytes)
            let spans = try V3RecordSpans(&scanner, hasID: false)
            try scanner.finish()
            return try V3RecordReader.record(spans, in: bytes, now: 42)
        }
    }

    private func text(_ slice: RecordList.Slice?, of record: V3Record) -> String? {
        slice.flatMap { record.list.bytes.getString(at: $0.start, length: $0.count) }
    }

    @Test func everythingARecordCanHaveIsRead() throws {
        let record = try read(
            #"""
            {"partition_id": 3, "timestamp": "1970-01-01T00:00:01Z",
             "headers": [{"name": "\u0061", "value": "AQI="}, {"name": "b", "value": null}],
             "key": {"data": "QQ\u003d=", "type": "BINARY"}, "value": {"type": "JSON", "data": {"x": [1.0, "é"]}}}
            """#)
        let entry = try #require(record.list.entries.first)
        #expect(entry.partition == PartitionIndex(3))
        #expect(entry.timestamp == 1000)
        #expect(record.timestamp == 1000)
        #expect(entry.headers == [.init(name: "a", value: [1, 2]), .init(name: "b", value: nil)])
        #expect(text(entry.key, of: record) == "A")
        #expect(text(entry.value, of: record) == #"{"x": [1.0, "é"]}"#)
        #expect(record.key == .init(format: .binary, size: 1))
        #expect(record.value == .init(format: .json, size: 18))
    }

    @Test(arguments: [
        "{}", #"{"key":null,"value":null,"headers":null,"partition_id":null,"timestamp":null}"#,
    ])
    func nothingIsNeeded(text: String) throws {
        let record = try read(text)
        #expect(record.list.entries == [.init(value: nil, timestamp: 42)])
        #expect(record.key == nil)
        #expect(record.value == nil)
    }

    @Test(arguments: [#"{"type":"STRING"}"#, #"{"type":"STRING","data":null}"#])
    func dataThatIsNullOrAbsentIsNullAndNotEmpty(content: String) throws {
        let record = try read(#"{"key":\#(content),"value":{"type":"STRING","data":""}}"#)
        let entry = try #require(record.list.entries.first)
        #expect(entry.key == nil)
        #expect(record.key?.size == -1)
        #expect(entry.value == .init(start: 0, count: 0))
        #expect(record.value?.size == 0)
    }

    private static let faults: [(text: String, code: V3Error.Code)] = [
        (#"{"value":{"type":"AVRO","data":1,"schema":"{}"}}"#, .invalidPayload),
        (#"{"value":{"data":1}}"#, .invalidPayload), (#"{"value":{"type":"avro","data":1}}"#, .badRequest),
        (#"{"value":{"type":"JSON","subject":"s"}}"#, .badRequest),
        (#"{"value":{"type":"AVRO","schema_id":1}}"#, .badRequest), (#"{"value":1}"#, .badRequest),
        (#"{"value":{"type":"BINARY","data":"A"}}"#, .badRequest),
        (#"{"value":{"type":"BINARY","data":[]}}"#, .badRequest),
        (#"{"value":{"type":"STRING","data":1}}"#, .badRequest),
        (#"{"partition_id":-1}"#, .partitionNotFound), (#"{"partition_id":2147483648}"#, .badRequest),
        (#"{"partition_id":1.5}"#, .badRequest), (#"{"headers":[1]}"#, .badRequest),
        (#"{"headers":[{}]}"#, .badRequest), (#"{"headers":[{"name":"a","value":1}]}"#, .badRequest),
        (#"{"headers":[{"name":"a","more":1}]}"#, .badRequest), (#"{"timestamp":true}"#, .badRequest),
        (#"{"timestamp":1e300}"#, .badRequest), (#"{"more":1}"#, .badRequest),
        (#"{"value":{"type":"JSON","more":1}}"#, .badRequest),
    ]

    @Test(arguments: faults)
    func aFaultHasItsCode(text: String, code: V3Error.Code) {
        #expect { _ = try read(text) } throws: { ($0 as? V3Error)?.code == code }
    }

    @Test func eachNumberStandsOnce() {
        #expect(Set(V3Error.Code.allCases.map(\.rawValue)).count == V3Error.Code.allCases.count)
        #expect(V3Error.Code.allCases.allSatisfy { (400..<600).contains($0.status) })
    }

    @Test(arguments: [
        ("{}", "Empty batch."),
        (#"{"entries":[{"id":"a"},{"id":"a"}]}"#, "Batch entry IDs are not distinct."),
        (#"{"entries":[{"id":"ä"}]}"#, "Batch entry identifier is not a valid string."),
    ])
    func aBatchThatBreaksARuleIsRefused(text: String, message: String) {
        #expect(throws: V3Error(.invalidBatch, message)) {
            try V3BatchProduce.records(in: ByteBuffer(string: text), maxDepth: 10)
        }
    }

    @Test func aFaultInOneEntryLeavesTheBatchReadable() throws {
        let body = ByteBuffer(string: #"{"entries":[{"id":"a"},{"id":"b","partition_id":-1}]}"#)
        #expect(try V3BatchProduce.records(in: body, maxDepth: 10).map(\.id) == ["a", "b"])
    }
}
