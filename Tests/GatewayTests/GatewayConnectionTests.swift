import NIOCore
import NIOEmbedded
import StreamModel
import Testing

@testable import Gateway

@Suite struct GatewayConnectionTests {
    @Test func aRequestIsAnsweredWhenItsRecordsAreStoredAndTheConnectionStays() throws {
        let gateway = EmbeddedGateway()
        let client = try gateway.connect()
        try client.send(
            Requests.post(
                "/test/topics/user.pin", #"{"records":[{"value":{"a":1}},{"value":"x","partition":2}]}"#))
        #expect(try client.received() == "")
        let request = try #require(gateway.appender.waiting.first)
        #expect(request.topic.rawValue == "user.pin")
        #expect(request.values == [#"{"a":1}"#, #""x""#])
        #expect(request.partitions == [nil, 2])
        gateway.appender.answer(offset: 41)
        gateway.run()
        let answer = try client.received()
        let body =
            #"{"offsets":[{"partition":0,"offset":41,"error_code":null,"error":null},"#
            + #"{"partition":0,"offset":42,"error_code":null,"error":null}],"key_schema_id":null,"value_schema_id":null}"#
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(answer.contains("\r\nContent-Type: application/vnd.kafka.v2+json\r\n"))
        #expect(answer.contains("\r\nContent-Length: \(body.utf8.count)\r\n"))
        #expect(!answer.contains("Connection:"))
        #expect(answer.hasSuffix("\r\n\r\n" + body))
        try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try client.received().hasSuffix("\r\n\r\n{}"))
        #expect(client.isOpen)
    }

    @Test func requestsInOneStreamAreWorkedOnOneAfterTheOther() throws {
        let gateway = EmbeddedGateway()
        let client = try gateway.connect()
        try client.send(
            (1...3).map { Requests.value("\($0)") }.joined() + "GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n")
        for number in 1...3 {
            #expect(gateway.appender.waiting.map(\.values) == [["\(number)"]])
            #expect(try client.received() == "")
            gateway.appender.answer(offset: Int64(number))
            gateway.run()
            #expect(try client.received().contains(#""offset":\#(number),"#) || number == 3)
        }
        #expect(gateway.appender.values == ["1", "2", "3"])
    }

    @Test func theLastAnswerOfAStreamFollowsTheOthers() throws {
        let gateway = EmbeddedGateway()
        let client = try gateway.connect()
        try client.send(
            Requests.value("1") + "GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n" + Requests.value("2"))
        gateway.appender.answer(offset: 1)
        gateway.run()
        gateway.appender.answer(with: .failure(AppendError(.unknownTopic, "")))
        gateway.run()
        #expect(try client.statuses() == [200, 404, 404])
    }

    @Test func connectionsGetTheirOwnAnswersInWhateverOrderTheseCome() throws {
        let gateway = EmbeddedGateway()
        let clients = try (0..<4).map { _ in try gateway.connect() }
        for (number, client) in clients.enumerated() { try client.send(Requests.value("\(number)")) }
        for (place, offset) in [(2, 2), (0, 0), (1, 3), (0, 1)] as [(Int, Int64)] {
            gateway.appender.answer(place, offset: offset)
        }
        gateway.run()
        for (number, client) in clients.enumerated() {
            #expect(try client.received().contains(#""offset":\#(number),"#))
        }
    }

    @Test func bytesMayComeOneByOne() throws {
        let gateway = EmbeddedGateway()
        let client = try gateway.connect()
        for character in Requests.value(#""é😀""#).utf8 {
            try client.channel.writeInbound(ByteBuffer(bytes: [character]))
        }
        #expect(gateway.appender.values == [#""é😀""#])
        gateway.appender.answer(offset: 0)
        gateway.run()
        #expect(try client.statuses() == [200])
    }

    @Test(
        arguments: [
            (.overloaded, 429, "\r\nRetry-After: 1\r\n"), (.closed, 503, "\r\nRetry-After: 1\r\n"),
            (.diskFull, 500, "50003"),
            (.failed, 500, "50002"), (.unknownPartition, 404, "40402"), (.recordTooLarge, 413, "413"),
        ] as [(AppendError.Code, Int, String)])
    func whatTheLogRefusesIsAnsweredAndTheConnectionStays(code: AppendError.Code, status: Int, part: String)
        throws
    {
        let gateway = EmbeddedGateway()
        let client = try gateway.connect()
        try client.send(Requests.value("1"))
        gateway.appender.answer(with: .failure(AppendError(code, "why \"quoted\"")))
        gateway.run()
        let answer = try client.received()
        #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
        #expect(answer.contains(part))
        try client.send(Requests.value("2"))
        #expect(gateway.appender.values == ["1", "2"])
    }

    private static let refused: [(String, Int)] = [
        ("GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n", 404), ("GET /topics/a HTTP/1.1\r\nHost: a\r\n\r\n", 405),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", 405),
        (Requests.post("/topics/a", "{}", type: "application/json"), 415),
        (Requests.post("/topics/a", #"{"records":[{"value":1}]}"#, headers: "Accept: text/html\r\n"), 406),
        (Requests.post("/topics/a", "{"), 400), (Requests.post("/topics/a", "{}"), 422),
        (Requests.post("/topics/a", #"{"records":[{"value":1,"value":2}]}"#), 422),
        (Requests.post("/topics/..%2F..%2Fx", #"{"records":[{"value":1}]}"#), 400),
        (Requests.post("/topics/a%20b", #"{"records":[{"value":1}]}"#), 400),
        (Requests.post("/topics/a/partitions/x", #"{"records":[{"value":1}]}"#), 404),
        (Requests.post("/topics/a", String(repeating: "x", count: 200_001)), 413),
    ]

    @Test(arguments: refused)
    func aBadRequestStoresNothingAndTheNextIsServed(request: String, status: Int) throws {
        let gateway = EmbeddedGateway()
        let client = try gateway.connect()
        try client.send(request + Requests.value("1"))
        #expect(try client.statuses() == [status])
        #expect(gateway.appender.values == ["1"])
    }

    @Test func afterAFaultOfTheProtocolTheConnectionEndsAndNothingMoreIsRead() throws {
        let gateway = EmbeddedGateway()
        let client = try gateway.connect()
        try client.send("POST / HTTP/1.1\r\n\r\n" + Requests.value("1"))
        let answer = try client.received()
        #expect(answer.hasPrefix("HTTP/1.1 400 "))
        #expect(answer.contains("\r\nConnection: close\r\n"))
        try? client.send(Requests.value("2"))
        #expect(gateway.appender.values == [])
        gateway.loop.advanceTime(by: .seconds(2))
        #expect(!client.isOpen)
    }

    @Test func aRequestThatAsksForTheEndGetsItsAnswerAndNoFurtherOneIsStored() throws {
        let gateway = EmbeddedGateway()
        let client = try gateway.connect()
        try client.send(Requests.value("1", headers: "Connection: close\r\n") + Requests.value("2"))
        gateway.appender.answer(offset: 0)
        gateway.run()
        let answer = try client.received()
        #expect(answer.contains("\r\nConnection: close\r\n"))
        #expect(answer.contains(#""offset":0,"#))
        try? client.send(Requests.value("3"))
        #expect(gateway.appender.values == ["1"])
        gateway.loop.advanceTime(by: .seconds(2))
        #expect(!client.isOpen)
    }

    @Test func aClientThatSendsNoMoreStillGetsItsAnswer() throws {
        let gateway = EmbeddedGateway()
        let client = try gateway.connect()
        try client.send(Requests.value("1"))
        client.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(client.isOpen)
        gateway.appender.answer(offset: 7)
        gateway.run()
        #expect(try client.received().contains(#""offset":7,"#))
        gateway.loop.advanceTime(by: .seconds(2))
        #expect(!client.isOpen)
        let silent = try gateway.connect()
        silent.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(!silent.isOpen)
    }

    @Test func whatAClientHasSentBeforeItsEndIsAllAnswered() throws {
        let gateway = EmbeddedGateway()
        let client = try gateway.connect()
        try client.send((1...3).map { Requests.value("\($0)") }.joined() + "POST /topics/half")
        client.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        for number in 1...3 {
            gateway.appender.answer(offset: Int64(number))
            gateway.run()
        }
        #expect(gateway.appender.values == ["1", "2", "3"])
        #expect(try client.statuses() == [200, 200, 200])
        gateway.run()
        #expect(!client.isOpen)
    }

    @Test(arguments: [
        ("GET /topics/a HTTP/1.1\r\nHost: a\r\n\r\n", "POST"),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", "GET"),
    ])
    func aMethodThatATargetDoesNotTakeIsAnsweredWithTheOneItTakes(request: String, allowed: String) throws {
        let client = try EmbeddedGateway().connect()
        try client.send(request)
        #expect(try client.received().contains("\r\nAllow: \(allowed)\r\n"))
    }

    @Test func anAnswerForAConnectionThatIsGoneIsDropped() throws {
        let gateway = EmbeddedGateway()
        let gone = try gateway.connect()
        let other = try gateway.connect()
        try gone.send(Requests.value("1"))
        try other.send(Requests.value("2"))
        _ = try gone.channel.finish(acceptAlreadyClosed: true)
        gateway.appender.answer(offset: 1)
        gateway.appender.answer(offset: 2)
        gateway.run()
        #expect(try gone.received() == "")
        #expect(try other.received().contains(#""offset":2,"#))
    }

    // MARK: 100-continue

    @Test func aClientThatAsksBeforeItsBodyIsToldToGoOn() throws {
        let gateway = EmbeddedGateway()
        let client = try gateway.connect()
        let body = #"{"records":[{"value":1}]}"#
        let request = Requests.post("/topics/a", body, headers: "Expect: 100-continue\r\n")
        try client.send(String(request.dropLast(body.count)))
        #expect(try client.received() == "HTTP/1.1 100 Continue\r\n\r\n")
        try client.send(String(body.prefix(3)))
        try client.send(String(body.dropFirst(3)))
        gateway.appender.answer(offset: 0)
        gateway.run()
        #expect(try client.statuses() == [200])
    }

    @Test func aClientThatDidNotWaitIsNotToldToGoOn() throws {
        let gateway = EmbeddedGateway()
        let client = try gateway.connect()
        try client.send(Requests.value("1", headers: "Expect: 100-continue\r\n"))
        #expect(try client.received() == "")
        gateway.appender.answer(offset: 0)
        gateway.run()
        #expect(try client.statuses() == [200])
    }

    @Test func aClientThatAsksForTooMuchIsRefusedBeforeItSends() throws {
        let gateway = EmbeddedGateway()
        let client = try gateway.connect()
        try client.send(
            "POST /topics/a HTTP/1.1\r\nHost: a\r\nContent-Length: 999999\r\nExpect: 100-continue\r\n\r\n")
        let answer = try client.received()
        #expect(answer.hasPrefix("HTTP/1.1 413 "))
        #expect(answer.contains("\r\nConnection: close\r\n"))
    }

    // MARK: Back-pressure, idleness, closing

    @Test func aClientThatSendsAheadIsNotReadPastALimitUntilItIsAnswered() throws {
        let gateway = EmbeddedGateway()
        let client = try gateway.connect()
        try client.send(Requests.value("1"))
        #expect(client.asksForMore())
        try client.send(String(repeating: "\r\n", count: 40_000))
        #expect(!client.asksForMore())
        let before = client.readCount
        gateway.appender.answer(offset: 0)
        gateway.run()
        #expect(client.readCount == before + 1)
        #expect(client.asksForMore())
    }

    @Test func aClientThatDoesNotTakeItsAnswersIsNotServedUntilItDoes() throws {
        let gateway = EmbeddedGateway()
        let client = try gateway.connect()
        client.setWritable(false)
        try client.send(Requests.value("1") + Requests.value("2"))
        #expect(gateway.appender.values == [])
        try client.send(String(repeating: "\r\n", count: 40_000))
        #expect(!client.asksForMore())
        let before = client.readCount
        client.setWritable(true)
        #expect(gateway.appender.values == ["1"])
        gateway.appender.answer(offset: 0)
        gateway.run()
        gateway.appender.answer(offset: 1)
        gateway.run()
        #expect(try client.statuses() == [200, 200])
        #expect(client.readCount == before + 1)
    }

    @Test func aServerThatStopsLetsTheWorkEndAndClosesTheOthersAtOnce() throws {
        let gateway = EmbeddedGateway()
        let busy = try gateway.connect()
        let idle = try gateway.connect()
        try busy.send(Requests.value("1"))
        try idle.send("POST /topics/a HTTP/1.1\r\n")
        busy.handler.closeWhenIdle()
        idle.handler.closeWhenIdle()
        #expect(!idle.isOpen)
        #expect(busy.isOpen)
        gateway.appender.answer(offset: 5)
        gateway.run()
        let answer = try busy.received()
        #expect(answer.contains(#""offset":5,"#))
        #expect(answer.contains("\r\nConnection: close\r\n"))
    }

    @Test func aConnectionOnWhichNothingArrivesIsClosedUnlessItIsBeingServed() throws {
        let gateway = EmbeddedGateway { $0.idleTimeoutMilliseconds = 1 }
        let idle = try gateway.connect()
        let busy = try gateway.connect()
        try busy.send(Requests.value("1"))
        let deadline = NIODeadline.now() + .milliseconds(2)
        while NIODeadline.now() < deadline {}
        gateway.loop.advanceTime(by: .milliseconds(1))
        #expect(!idle.isOpen)
        #expect(busy.isOpen)
        gateway.appender.answer(offset: 0)
        gateway.loop.advanceTime(by: .milliseconds(200))
        #expect(!busy.isOpen)
    }

    @Test func moreRecordsThanTheLimitAreRefused() throws {
        let gateway = EmbeddedGateway { $0.maxRequestRecords = 2 }
        let client = try gateway.connect()
        try client.send(Requests.post("/topics/a", #"{"records":[{},{},{}]}"#))
        #expect(try client.received().contains("gateway.max.request.records"))
        #expect(gateway.appender.values == [])
    }

    // MARK: Counting

    @Test func answersAndRecordsAreCounted() throws {
        let gateway = EmbeddedGateway()
        let client = try gateway.connect()
        let body = #"{"records":[{"value":1},{"value":2}]}"#
        try client.send(
            Requests.post("/topics/a", body) + "GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n"
                + Requests.value("3"))
        gateway.appender.answer(offset: 0)
        gateway.run()
        gateway.appender.answer(with: .failure(AppendError(.failed, "")))
        gateway.run()
        let samples = Dictionary(
            uniqueKeysWithValues: gateway.counters.samples.map {
                ("\($0.name) \($0.labels.first?.value ?? "")", $0.value)
            })
        #expect(samples["pinline_gateway_requests_total 2xx"] == 1)
        #expect(samples["pinline_gateway_requests_total 4xx"] == 1)
        #expect(samples["pinline_gateway_requests_total 5xx"] == 1)
        #expect(samples["pinline_gateway_records_total "] == 2)
        #expect(samples["pinline_gateway_request_bytes_total "] == Double(body.utf8.count))
    }
}
