import Foundation
import JSONText
import NIOCore
import SchemaFormats
import StreamModel
import Testing

@testable import Gateway

@Suite struct RESTProxyDialectTests {
    @Test func everyCodeBeginsWithItsStatusAndTellsItsOwnMeaning() {
        let codes = RESTProxyError.Code.allCases
        #expect(Set(codes.map(\.rawValue)).count == codes.count)
        for code in codes {
            #expect((400..<600).contains(code.status))
            #expect(String(code.rawValue).hasPrefix(String(code.status)))
        }
    }

    @Test(
        arguments: [
            (.unknownTopic, 404, 40401, nil), (.unknownPartition, 404, 40402, nil),
            (.invalidTopic, 400, 40002, nil),
            (.recordTooLarge, 413, 413, nil), (.invalidRecord, 422, 422, nil), (.overloaded, 429, 429, 1),
            (.diskFull, 500, 50003, nil),
            (.failed, 500, 50002, nil), (.closed, 503, 50302, 1),
        ] as [(AppendError.Code, Int, Int, Int?)])
    func whatTheLogSaysHasOneAnswer(code: AppendError.Code, status: Int, number: Int, retryAfter: Int?) {
        let error = RESTProxyError(AppendError(code, "why"))
        #expect(error.code.status == status)
        #expect(error.code.rawValue == number)
        #expect(error.retryAfter == retryAfter)
    }

    @Test func messagesThatClientsCompareAreThePeersOwn() {
        #expect(RESTProxyError(AppendError(.unknownTopic, "x")).message == "Topic not found.")
        #expect(RESTProxyError(AppendError(.unknownPartition, "x")).message == "Partition not found.")
        #expect(RESTProxyError.notFound.message == "HTTP 404 Not Found")
        #expect(RESTProxyError.unsupportedMediaType.message == "HTTP 415 Unsupported Media Type")
        #expect(RESTProxyError(AppendError(.failed, "x")).message == "Kafka error: x")
    }

    @Test(arguments: [400, 413, 417, 431, 501, 505])
    func everyFaultOfTheParserHasACodeOfItsOwn(status: Int) {
        #expect(RESTProxyError(GatewayFault(HTTPFault(status, "why"))).code.rawValue == status)
    }

    @Test func brokenJSONIsUnreadableAndBrokenRulesAreInvalid() {
        #expect(RESTProxyError(JSONTextError(.unexpectedEnd, at: 0)).code == .unreadableRequest)
        for code in [.duplicateMember, .depthExceeded, .invalidUTF8, .invalidEscape] as [JSONTextError.Code] {
            #expect(RESTProxyError(JSONTextError(code, at: 0)).code == .invalidRequest)
        }
    }

    // MARK: Answers

    private func written(_ body: (inout ByteBuffer) -> Void) -> String {
        var buffer = ByteBuffer()
        body(&buffer)
        return String(buffer: buffer)
    }

    @Test func offsetsAreWrittenInTheOrderOfTheRequest() {
        let run = written {
            RESTProxyAnswer.write(.run(PartitionIndex(0), from: Offset(9)), recordCount: 3, to: &$0)
        }
        #expect(
            run == #"{"offsets":[{"partition":0,"offset":9,"error_code":null,"error":null},"#
                + #"{"partition":0,"offset":10,"error_code":null,"error":null},"#
                + #"{"partition":0,"offset":11,"error_code":null,"error":null}],"key_schema_id":null,"value_schema_id":null}"#
        )
        let scattered = written {
            RESTProxyAnswer.write(
                .scattered([
                    .init(partition: PartitionIndex(12), offset: Offset(1_234_567_890_123)),
                    .init(partition: PartitionIndex(3), offset: Offset(0)),
                ]), recordCount: 2, to: &$0)
        }
        #expect(scattered.contains(#"[{"partition":12,"offset":1234567890123,"#))
        #expect(scattered.contains(#"{"partition":3,"offset":0,"#))
        #expect(Array(scattered.utf8).isJSON)
    }

    @Test(arguments: [0, 1, 9, 10, 99, 100, -1, -10, .max, .min] as [Int64])
    func numbersAreWrittenInDigits(number: Int64) {
        #expect(written { $0.writeDecimal(number) } == String(number))
    }

    @Test(arguments: ["", "plain", "\"quoted\" \\ back", "\n\t\r\0\u{1F}", "é😀\u{2028}", "</script>"])
    func messagesAreWrittenAsJSON(message: String) throws {
        let text = written { RESTProxyAnswer.write(RESTProxyError(.invalidRequest, message), to: &$0) }
        let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        #expect(object?["error_code"] as? Int == 422)
        #expect(object?["message"] as? String == message)
        #expect(object?.count == 2)
    }

    // MARK: Content-Type and Accept

    @Test(
        arguments: [
            ("application/vnd.kafka.json.v2+json", .json), ("application/vnd.kafka.binary.v2+json", .binary),
            ("Application/Vnd.Kafka.JSON.v2+Json", .json),
            ("application/vnd.kafka.json.v2+json; charset=utf-8", .json),
            ("application/vnd.kafka.binary.v2+json ;q=1", .binary),
            ("application/vnd.kafka.json.v2+json;", .json),
            ("application/vnd.kafka.json.v1+json", nil),
            ("application/vnd.kafka.avro.v2+json", .schema(.avro)),
            ("application/json", nil), ("application/vnd.kafka.v2+json", nil), ("text/plain", nil), ("", nil),
            (nil, nil),
            ("application/vnd.kafka.json.v2+jsonx", nil), ("x application/vnd.kafka.json.v2+json", nil),
        ] as [(String?, EmbeddedFormat?)])
    func theContentTypeChoosesTheFormat(type: String?, format: EmbeddedFormat?) {
        #expect(EmbeddedFormat(contentType: type) == format)
    }

    @Test(
        arguments: [
            (nil, true), ("", true), ("*/*", true), ("application/*", true), ("application/json", true),
            ("application/vnd.kafka.v2+json", true), ("application/vnd.kafka.json.v2+json", true),
            ("APPLICATION/JSON", true), ("text/html, application/json;q=0.9", true),
            ("text/html,*/*;q=0.1", true),
            ("application/vnd.kafka.v2+json; q=0.5, application/json", true), (" application/json ", true),
            ("text/html", false), ("text/*", false), ("application/xml", false),
            ("application/json;q=0", false),
            ("*/*;q=0", false), ("application/json; q=0.0", false), ("application/vnd.kafka.v3+json", false),
            (",", false),
            ("application/jsonx", false),
        ] as [(String?, Bool)])
    func acceptAllowsTheAnswerOrNot(accept: String?, isAllowed: Bool) {
        #expect(AcceptHeader.allowsJSON(accept) == isAllowed)
    }
}

extension [UInt8] {
    fileprivate var isJSON: Bool { (try? JSONSerialization.jsonObject(with: Data(self))) != nil }
}
