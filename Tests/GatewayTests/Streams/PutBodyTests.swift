import JSONText
import NIOCore
import StreamModel
import Testing

@testable import Gateway

@Suite struct PutBodyTests {
    private struct Record: Equatable {
        var key: String
        var data: String
    }

    private func decode(
        _ body: String, single: Bool = true, as form: PutBody.DataForm? = nil, storesEmptyData: Bool = false
    ) throws(StreamsError) -> [Record] {
        var scanner = JSONScanner(maxDepth: 16)
        var bytes = ByteBuffer(string: "head")
        bytes.moveReaderIndex(forwardBy: 4)
        bytes.writeString(body)
        let list =
            single
            ? try PutBody.record(bytes, as: form ?? .json, storesEmptyData: storesEmptyData, with: &scanner)
            : try PutBody.records(bytes, as: form ?? .text, storesEmptyData: storesEmptyData, with: &scanner)
        func text(_ slice: RecordList.Slice?) -> String {
            guard let slice else { return "nil" }
            let start = list.bytes.readerIndex + slice.start
            return list.bytes.getString(at: start, length: slice.count) ?? "outside"
        }
        return list.entries.map { Record(key: text($0.key), data: text($0.value)) }
    }

    private func records(_ body: String) throws(StreamsError) -> [Record] { try decode(body, single: false) }

    @Test(arguments: [
        (#"{"index": 1, "t":"\u00e9"}"#, #"{"index": 1, "t":"\u00e9"}"#), (#""text""#, #""text""#),
        (#"[{"value": {}}]"#, #"[{"value": {}}]"#), ("-1.50", "-1.50"), ("true", "true"), (#""""#, #""""#),
    ])
    func dataOfOneRecordIsItsJSONAsSent(data: String, stored: String) throws {
        let body = #"{"StreamName": "other", "Data": \#(data) , "PartitionKey": "k"}"#
        #expect(try decode(body) == [Record(key: "k", data: stored)])
    }

    @Test(arguments: [
        (#""k 1""#, "k 1"), ("7528", "7528"), ("1.0", "1.0"), ("true", "true"), (#""a\"\u00e9""#, "a\"é"),
    ])
    func partitionKeyMayBeAStringOrANumber(key: String, stored: String) throws {
        #expect(try decode(#"{"PartitionKey":\#(key),"Data":1}"#) == [Record(key: stored, data: "1")])
    }

    @Test func eitherSpellingIsTakenAndTheFormsOwnWins() throws {
        #expect(try decode(#"{"data":1,"partition-key":"a"}"#) == [Record(key: "a", data: "1")])
        #expect(try decode(#"{"data":1,"partitionKey":"a"}"#) == [Record(key: "a", data: "1")])
        #expect(
            try decode(#"{"data":1,"Data":2,"partition-key":"a","PartitionKey":"b"}"#)
                == [Record(key: "b", data: "2")])
        #expect(
            try records(#"{"Records":[{"Data":1,"PartitionKey":"a"},{"Data":1,"data":2,"partition-key":3}]}"#)
                == [Record(key: "a", data: "1"), Record(key: "3", data: "2")])
    }

    @Test func aStringAmongRecordsLosesItsQuotesAndAllElseStaysJSON() throws {
        let body = #"""
            {"StreamName":"s","records":[{"data":"plain","partition-key":"1"},
             {"data":"a\n\u00e9","partition-key":"2"},{"data":{"a":[1, 2]},"partition-key":"3"},
             {"data":5,"partition-key":"4"}]}
            """#
        #expect(
            try records(body) == [
                Record(key: "1", data: "plain"), Record(key: "2", data: "a\né"),
                Record(key: "3", data: #"{"a":[1, 2]}"#), Record(key: "4", data: "5"),
            ])
    }

    @Test func nativeFormIsBase64() throws {
        #expect(
            try decode(
                #"{"records":[{"data":"eyJhIjoxfQ==","partition-key":"k\u0031"}]}"#, single: false,
                as: .base64)
                == [Record(key: "k1", data: #"{"a":1}"#)])
        #expect(
            try decode(#"{"Data":"eyJhIjoxfQ\u003d=","PartitionKey":"k"}"#, as: .base64)
                == [Record(key: "k", data: #"{"a":1}"#)])
        for data in [#""no base64!""#, "{}", "1"] {
            #expect { try decode(#"{"Data":\#(data),"PartitionKey":"k"}"#, as: .base64) } throws: {
                ($0 as? StreamsError)?.code == .service(type: "SerializationException", status: 400)
            }
        }
    }

    @Test(arguments: [
        #"{"StreamName":"s","PartitionKey":"k"}"#, #"{"Data":null,"PartitionKey":"k"}"#, "{}", "[]", "5",
        #"{"records":[{"value":{"a":1}}]}"#, #"[{"value":{"a":1}}]"#,
    ])
    func absentDataIsRefusedWithWhatWasExpected(body: String) {
        #expect { try decode(body) } throws: {
            let error = $0 as? StreamsError
            return error?.code == .service(type: "ValidationException", status: 400)
                && error?.message.contains(#"expected {"Data": any JSON, "PartitionKey": "text"}"#) == true
        }
    }

    @Test func aBodyForATopicIsToldWhereItBelongs() {
        for single in [true, false] {
            #expect { try decode(#"{"records":[{"value":{"a":1}}]}"#, single: single) } throws: {
                ($0 as? StreamsError)?.message.contains("POST …/topics/{topic}") == true
            }
        }
    }

    @Test func absentDataIsStoredAsAnEmptyStringWhereThatIsAskedFor() throws {
        #expect(
            try decode(#"{"records":[{"value":1}],"PartitionKey":"k"}"#, storesEmptyData: true)
                == [Record(key: "k", data: #""""#)])
    }

    @Test(arguments: [
        #"{"Data":1}"#, #"{"Data":1,"PartitionKey":""}"#, #"{"Data":1,"PartitionKey":null}"#,
    ])
    func anAbsentPartitionKeyIsRefused(body: String) {
        #expect(
            throws: StreamsError.validation(
                "1 validation error detected: Value '' at 'partitionKey' failed to satisfy constraint: "
                    + "Member must have length greater than or equal to 1")
        ) { try decode(body) }
    }

    @Test func aPartitionKeyHasAtMost256Characters() throws {
        let longest = String(repeating: "é", count: 256)
        #expect(try decode(#"{"Data":1,"PartitionKey":"\#(longest)"}"#).first?.key == longest)
        #expect(throws: StreamsError.self) { try decode(#"{"Data":1,"PartitionKey":"\#(longest)x"}"#) }
        #expect(throws: StreamsError.self) { try decode(#"{"Data":1,"PartitionKey":"\#(longest)\u0041"}"#) }
        #expect(throws: StreamsError.self) { try decode(#"{"Data":1,"PartitionKey":{}}"#) }
    }

    @Test(arguments: ["", "{", #"{"Data":}"#, #"{"Data":1}}"#, #"{"Data":1,"Data":2}"#, "{'Data':1}"])
    func aBodyThatIsNoJSONCouldNotBeParsed(body: String) {
        for single in [true, false] {
            #expect { try decode(body, single: single) } throws: {
                let error = $0 as? StreamsError
                return error?.code == .unreadableBody
                    && error?.message.hasPrefix("Could not parse request body into json: ") == true
            }
        }
    }

    @Test func recordsAreOneTo500() throws {
        func body(_ count: Int) -> String {
            let record = #"{"data":1,"partition-key":"k"}"#
            return "{\"records\":[\(Array(repeating: record, count: count).joined(separator: ","))]}"
        }
        #expect(try records(body(500)).count == 500)
        for wrong in [body(501), body(0), "{}", #"{"records":{}}"#, #"{"records":[1]}"#, "[]"] {
            #expect { try records(wrong) } throws: { ($0 as? StreamsError)?.code.status == 400 }
        }
    }
}
