import Foundation
import JSONText
import NIOCore
import StreamModel
import Testing

@testable import Gateway

@Suite struct ProduceRequestTests {
    private func decode(
        _ body: String, as format: EmbeddedFormat = .json, partition: Int32? = nil
    ) -> Result<RecordList, RESTProxyError> {
        var scanner = JSONScanner(maxDepth: 8)
        // The body stands behind another one in its buffer, as in a stream of requests.
        var buffer = ByteBuffer(string: "before" + body + "after")
        buffer.moveReaderIndex(forwardBy: 6)
        guard let slice = buffer.readSlice(length: body.utf8.count) else {
            preconditionFailure("no such slice")
        }
        do throws(RESTProxyError) {
            return .success(
                try ProduceRequest.decode(slice, as: format, partition: partition, with: &scanner))
        } catch {
            return .failure(error)
        }
    }

    /// Keys, values and partitions in words.
    private func records(_ body: String, as format: EmbeddedFormat = .json, partition: Int32? = nil) throws
        -> [String]
    {
        let list = try decode(body, as: format, partition: partition).get()
        func text(_ slice: RecordList.Slice?) -> String {
            guard let slice else { return "null" }
            let start = list.bytes.readerIndex + slice.start
            return list.bytes.getString(at: start, length: slice.count) ?? "out of range"
        }
        return list.entries.map { entry in
            "\(text(entry.key)) \(text(entry.value)) \(entry.partition.map(\.description) ?? "-")"
        }
    }

    private static let bodies: [(String, [String])] = [
        (#"{"records":[{"value":{"a":1}}]}"#, [#"null {"a":1} -"#]),
        (#"{"records":[{"key":"k","value":"v","partition":3}]}"#, [#""k" "v" 3"#]),
        (
            #"{"records":[{"value":1},{"value":null},{},{"key":null,"value":true,"partition":null}]}"#,
            ["null 1 -", "null null -", "null null -", "null true -"]
        ),
        // Bytes as sent, blanks within included.
        (#" { "records" : [ { "value" : { "a" : [ 1 , 2 ] } } ] } "#, [#"null { "a" : [ 1 , 2 ] } -"#]),
        (#"{"records":[{"value":"\u00e9\/ é😀"}]}"#, [#"null "\u00e9\/ é😀" -"#]),
        (#"{"records":[{"key":{"id":7},"value":[]}]}"#, [#"{"id":7} [] -"#]),
        (
            #"{"records":[{"value":-0.5e3},{"value":12345678901234567890}]}"#,
            ["null -0.5e3 -", "null 12345678901234567890 -"]
        ),
        // Other members that have no meaning here, in any order.
        (
            #"{"key_schema":"x","value_schema_id":1,"records":[{"value":1}],"value_schema":null,"key_schema_id":2}"#,
            ["null 1 -"]
        ),
        // Names may be written with escapes.
        (#"{"\u0072ecords":[{"valu\u0065":1,"\u006bey":2,"p\u0061rtition":0}]}"#, ["2 1 0"]),
        (#"{"records":[{"partition":2147483647,"value":1}]}"#, ["null 1 2147483647"]),
    ]

    @Test(arguments: bodies)
    func valuesAreTakenAsTheirBytes(body: String, expected: [String]) throws {
        #expect(try records(body) == expected)
    }

    @Test func thePartitionOfThePathHoldsForEveryRecord() throws {
        #expect(
            try records(#"{"records":[{"value":1},{"value":2,"partition":null}]}"#, partition: 4) == [
                "null 1 4", "null 2 4",
            ])
        #expect(decode(#"{"records":[{"value":1,"partition":4}]}"#, partition: 4).fault == .invalidRequest)
    }

    @Test func binaryValuesAreDecoded() throws {
        let body =
            #"{"records":[{"key":"a2V5","value":"dmFsdWU="},{"value":""},{"value":null},{"value":"\u0064mFsdWU="}]}"#
        #expect(try records(body, as: .binary) == ["key value -", "null  -", "null null -", "null value -"])
        let list = try decode(#"{"records":[{"value":""},{"value":null}]}"#, as: .binary).get()
        #expect(list.entries.map(\.value?.count) == [0, nil])
        let all = Data((0...255).map { UInt8($0) }).base64EncodedString()
        let bytes = try decode(#"{"records":[{"value":"\#(all)"}]}"#, as: .binary).get().bytes
        #expect(Array(bytes.readableBytesView) == Array(0...255))
    }

    @Test(arguments: [
        #""a""#, #""abc""#, #""YQ=""#, #""YQ""#, #""Y Q==""#, #""YQ==YQ==""#, #""Y*==""#, #""-_-_""#, "1",
        "true", "{}",
        "[]", #"{"a":"\n"}"#, #""YQ==\n""#, #""é""#,
    ])
    func aBinaryValueThatIsNoBase64StringIsRefused(value: String) {
        #expect(decode(#"{"records":[{"value":\#(value)}]}"#, as: .binary).fault == .conversionFailed)
        #expect(decode(#"{"records":[{"key":\#(value)}]}"#, as: .binary).fault == .conversionFailed)
    }

    private static let refused: [(String, RESTProxyError.Code)] = [
        // No JSON
        ("", .unreadableRequest), (" ", .unreadableRequest), ("{", .unreadableRequest),
        ("x", .unreadableRequest),
        (#"{"records":[{"value":1}]"#, .unreadableRequest),
        (#"{"records":[{"value":1}]}}"#, .unreadableRequest),
        (#"{"records":[{"value":1}]} x"#, .unreadableRequest),
        (#"{"records":[{"value":1},]}"#, .unreadableRequest),
        (#"{"records":[{"value":01}]}"#, .unreadableRequest),
        (#"{"records":[{"value":}]}"#, .unreadableRequest),
        ("{'records':[]}", .unreadableRequest), ("[1,", .unreadableRequest),
        // JSON of another form
        ("[]", .invalidRequest), ("null", .invalidRequest), (#""records""#, .invalidRequest),
        ("{}", .invalidRequest),
        (#"{"records":[]}"#, .invalidRequest), (#"{"records":null}"#, .invalidRequest),
        (#"{"records":{}}"#, .invalidRequest),
        (#"{"records":[1]}"#, .invalidRequest), (#"{"records":[[]]}"#, .invalidRequest),
        (#"{"records":[null]}"#, .invalidRequest),
        (#"{"records":[{"value":1,"timestamp":2}]}"#, .invalidRequest),
        (#"{"records":[{"Value":1}]}"#, .invalidRequest),
        (#"{"record":[{"value":1}]}"#, .invalidRequest),
        (#"{"records":[{"value":1}],"x":1}"#, .invalidRequest),
        // Partitions
        (#"{"records":[{"value":1,"partition":-1}]}"#, .invalidRequest),
        (#"{"records":[{"value":1,"partition":"0"}]}"#, .invalidRequest),
        (#"{"records":[{"value":1,"partition":1.0}]}"#, .invalidRequest),
        (#"{"records":[{"value":1,"partition":1e0}]}"#, .invalidRequest),
        (#"{"records":[{"value":1,"partition":2147483648}]}"#, .invalidRequest),
        // JSON that breaks a rule of ours
        (#"{"records":[{"value":1,"value":2}]}"#, .invalidRequest),
        (#"{"records":[{"value":1}],"records":[]}"#, .invalidRequest),
        (#"{"records":[{"value":{"a":1,"\u0061":2}}]}"#, .invalidRequest),
        (#"{"records":[{"value":[[[[[[]]]]]]}]}"#, .invalidRequest),
        (#"{"records":[{"value":"\x"}]}"#, .invalidRequest),
        ("{\"records\":[{\"value\":\"a\tb\"}]}", .invalidRequest),
    ]

    @Test(arguments: refused)
    func isRefusedWhole(body: String, code: RESTProxyError.Code) {
        #expect(decode(body).fault == code)
    }

    @Test func bytesThatAreNotUTF8AreRefused() {
        var scanner = JSONScanner()
        let body = ByteBuffer(
            bytes: Array(#"{"records":[{"value":"caf"#.utf8) + [0xE9] + Array(#""}]}"#.utf8))
        #expect(throws: RESTProxyError.self) {
            try ProduceRequest.decode(body, as: .json, partition: nil, with: &scanner)
        }
    }

    @Test func theFaultNamesTheRecordAndTheMember() {
        #expect(decode(#"{"records":[{"value":1},{"value":1,"colour":2}]}"#).message.contains("colour"))
        #expect(decode(#"{"records":[{"value":1},2]}"#).message.contains("records[1]"))
        #expect(
            decode(#"{"records":[{"value":""},{"key":1}]}"#, as: .binary).message.contains("records[1].key"))
        #expect(decode(#"{"records":[{"value":1,}]}"#).message.contains("byte 23"))
        // A member of any length cannot make an answer of any length.
        let long = String(repeating: "x", count: 100_000)
        #expect(decode(#"{"\#(long)":1}"#).message.utf8.count < 1000)
    }

    @Test func recordsUpToTheLimitAreTakenAndNoMore() throws {
        var scanner = JSONScanner()
        for (count, isTaken) in [(3, true), (4, false)] {
            let body = #"{"records":["# + Array(repeating: "{}", count: count).joined(separator: ",") + "]}"
            var fault: RESTProxyError.Code?
            do throws(RESTProxyError) {
                _ = try ProduceRequest.decode(
                    ByteBuffer(string: body), as: .json, partition: nil, maxRecords: 3, with: &scanner)
            } catch {
                fault = error.code
            }
            #expect(fault == (isTaken ? nil : .tooLarge))
        }
    }

    @Test func aScannerThatRefusedABodyReadsTheNext() throws {
        var scanner = JSONScanner()
        for body in [#"{"records":[{"value":{"a":1"#, #"{"records":[{"value":1,"value":2}]}"#, "[[[["] {
            #expect(throws: RESTProxyError.self) {
                try ProduceRequest.decode(ByteBuffer(string: body), as: .json, partition: nil, with: &scanner)
            }
            let list = try ProduceRequest.decode(
                ByteBuffer(string: #"{"records":[{"value":{"a":1}}]}"#), as: .json, partition: nil,
                with: &scanner)
            #expect(list.entries.count == 1)
        }
    }
}

extension Result where Failure == RESTProxyError {
    var fault: RESTProxyError.Code? {
        if case .failure(let error) = self { error.code } else { nil }
    }

    var message: String {
        if case .failure(let error) = self { error.message } else { "" }
    }
}
