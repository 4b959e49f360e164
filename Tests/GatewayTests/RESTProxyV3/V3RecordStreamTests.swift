import NIOCore
import StreamModel
import Testing

@testable import Gateway

@Suite struct V3RecordStreamTests {
    private let gateway: EmbeddedGateway

    init() {
        let appender = HeldAppender()
        gateway = EmbeddedGateway(appender: appender, dialects: [V3Dialect(appender)])
    }

    private static let head =
        "POST /s/v3/clusters/c/topics/t/records HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"

    private func chunk(_ text: String) -> String {
        "\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n"
    }

    private func value(_ text: String) -> String { #"{"value":{"type":"STRING","data":"\#(text)"}}"# }

    private func open() throws -> EmbeddedConnection {
        let connection = try gateway.connect()
        try connection.send(Self.head + "Transfer-Encoding: chunked\r\n\r\n")
        return connection
    }

    /// The offsets and error codes of the answer objects, without their chunks.
    private func outcomes(_ text: String) -> [String] {
        text.split(separator: "\r\n").filter { $0.hasPrefix("{") }.map { line in
            if let offset = line.split(separator: #""offset":"#).dropFirst().first {
                return String(offset.prefix { $0.isNumber })
            }
            return "error " + line.dropFirst(#"{"error_code":"#.count).prefix { $0.isNumber }
        }
    }

    @Test func answersComeInTheOrderOfTheRecordsWhateverTheOrderOfTheLog() throws {
        let connection = try open()
        try connection.send(chunk(value("a") + value("b") + value("c")))
        #expect(gateway.appender.values == ["a", "b", "c"])
        #expect(try connection.received().isEmpty)
        gateway.appender.answer(2, offset: 12)
        gateway.appender.answer(1, with: .failure(AppendError(.recordTooLarge, "large")))
        gateway.run()
        #expect(try connection.received().isEmpty)
        gateway.appender.answer(0, offset: 10)
        gateway.run()
        #expect(outcomes(try connection.received()) == ["10", "error 413", "12"])
        try connection.send(chunk(value("d")) + "0\r\n\r\n")
        gateway.appender.answer(offset: 13)
        gateway.run()
        let last = try connection.received()
        #expect(outcomes(last) == ["13"])
        #expect(last.hasSuffix("\r\n0\r\n\r\n"))
        #expect(connection.isOpen)
    }

    @Test func anAnswerTellsAllOfItsRecord() throws {
        let connection = try open()
        try connection.send(chunk(#"{"key":{"type":"JSON","data":7},"value":null}"#))
        gateway.appender.answer(offset: 5)
        gateway.run()
        let text = try connection.received()
        #expect(
            text.contains(
                #"{"error_code":200,"cluster_id":"c","topic_name":"t","partition_id":0,"offset":5,"#
                    + #""timestamp":"1970-01-01T00:16:40Z","key":{"type":"JSON","size":1}}"#))
        #expect(text.hasPrefix("HTTP/1.1 200 OK"))
        #expect(text.contains("Content-Type: application/json\r\n"))
    }

    @Test func aFaultIsAnsweredInItsTurn() throws {
        let connection = try open()
        try connection.send(chunk(value("a") + #"{"value":1}"# + value("c")))
        #expect(gateway.appender.values == ["a", "c"])
        gateway.appender.answer(1, offset: 1)
        gateway.appender.answer(0, offset: 0)
        gateway.run()
        #expect(outcomes(try connection.received()) == ["0", "error 400", "1"])
    }

    @Test(arguments: [#"{"value":}"#, "nonsense", #"{"value":{"type":"JSON","data":01}}"#])
    func brokenJSONEndsTheStreamAfterItsError(broken: String) throws {
        let connection = try open()
        try connection.send(chunk(value("a") + broken + value("c")))
        #expect(gateway.appender.values == ["a"])
        gateway.appender.answer(offset: 0)
        gateway.run()
        let text = try connection.received()
        #expect(outcomes(text) == ["0", "error 400"])
        #expect(text.hasSuffix("\r\n0\r\n\r\n"))
    }

    @Test func aBodyWithoutRecordsIsRefused() throws {
        let connection = try gateway.connect()
        try connection.send(Self.head + "Content-Length: 0\r\n\r\n")
        try connection.send(Self.head + "Content-Length: 2\r\n\r\n \n")
        gateway.run()
        #expect(try connection.statuses() == [422, 422])
        try connection.send(Self.head + "Content-Length: 2\r\n\r\n{}")
        gateway.appender.answer(offset: 0)
        gateway.run()
        #expect(try connection.statuses() == [200])
    }

    @Test func aClientThatSendsFasterThanTheLogTakesIsHeldBack() throws {
        let connection = try open()
        let many = String(repeating: value("x"), count: 100)
        var taken = 0
        while gateway.appender.waiting.count < V3AnswerQueue.maxWaiting {
            try connection.send(chunk(many))
            #expect(gateway.appender.waiting.count > taken)
            taken = gateway.appender.waiting.count
        }
        try connection.send(chunk(many))
        #expect(gateway.appender.waiting.count == taken)
        for offset in 0..<V3AnswerQueue.maxWaiting * 3 / 4 { gateway.appender.answer(offset: Int64(offset)) }
        gateway.run()
        #expect(gateway.appender.waiting.count == taken - V3AnswerQueue.maxWaiting * 3 / 4 + 100)
        for offset in 0..<gateway.appender.waiting.count {
            gateway.appender.answer(offset: Int64(offset))
        }
        try connection.send("0\r\n\r\n")
        gateway.run()
        let text = try connection.received()
        #expect(outcomes(text).count == taken + 100)
        #expect(text.hasSuffix("\r\n0\r\n\r\n"))
    }

    @Test func answersThatComeAfterTheClientHasLeftAreDropped() throws {
        let connection = try open()
        try connection.send(chunk(value("a") + #"{"va"#))
        connection.channel.close(promise: nil)
        gateway.run()
        gateway.appender.answer(offset: 0)
        gateway.run()
        #expect(!connection.isOpen)
    }
}
