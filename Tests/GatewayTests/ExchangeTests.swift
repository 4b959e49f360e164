import NIOCore
import NIOEmbedded
import Synchronization
import Testing

@testable import Gateway

/// Answers as the path says, or keeps the exchange for the test.
private final class TestDialect: Dialect {
    let anchors: Set<String> = ["test"]
    let exchanges = Mutex<[Exchange]>([])
    let bodies = Mutex<[String]>([])

    func endpoint(_ path: ArraySlice<String>, _ query: QueryItems) -> Endpoint? {
        switch path.last {
        case "now":
            Endpoint(
                "/test/now",
                [
                    .get: ClosureHandler {
                        $1.answer(GatewayResponse(status: 200, body: ByteBuffer(string: $0.baseURL)))
                    }
                ])
        case "later":
            Endpoint(
                "/test/later",
                [.get: ClosureHandler { [self] _, exchange in exchanges.withLock { $0.append(exchange) } }])
        case "records": Endpoint("/test/records", [.post: Recorder(dialect: self)])
        default: nil
        }
    }

    func response(to fault: GatewayFault) -> GatewayResponse {
        GatewayResponse(
            status: fault.status, contentType: "text/test", headers: fault.responseHeaders,
            body: ByteBuffer(string: fault.message))
    }
}

private struct Recorder: StreamingHandler {
    let dialect: TestDialect

    func open(_ request: GatewayRequest, _ exchange: Exchange) -> any BodyReceiver {
        exchange.begin(status: 200, contentType: "application/json")
        return Receiver(dialect, exchange)
    }

    /// Echoes each part as soon as it comes.
    final class Receiver: BodyReceiver {
        let dialect: TestDialect
        let exchange: Exchange
        var wantsMore = true

        init(_ dialect: TestDialect, _ exchange: Exchange) {
            self.dialect = dialect
            self.exchange = exchange
        }

        func receive(_ part: ByteBuffer) {
            dialect.bodies.withLock { $0.append(String(buffer: part)) }
            exchange.write(part)
            if part.readableBytesView.contains(UInt8(ascii: "!")) { wantsMore = false }
        }

        func end() { exchange.end() }
        func aborted() { dialect.bodies.withLock { $0.append("aborted") } }
    }
}

@Suite struct ExchangeTests {
    private let dialect = TestDialect()
    private let gateway: EmbeddedGateway

    init() {
        gateway = EmbeddedGateway(dialects: [dialect])
    }

    private func get(_ path: String) -> String { "GET \(path) HTTP/1.1\r\nHost: h:1\r\n\r\n" }

    @Test func manyPipelinedRequestsAreAnsweredInOrderWithoutRecursion() throws {
        let connection = try gateway.connect()
        try connection.send(String(repeating: get("/s/test/now"), count: 5_000))
        let text = try connection.received()
        #expect(text.split(separator: "http://h:1/s", omittingEmptySubsequences: false).count == 5_001)
    }

    @Test func anAnswerFromElsewhereIsWaitedForAndASecondOneIsDropped() throws {
        let connection = try gateway.connect()
        try connection.send(get("/test/later") + get("/test/now"))
        #expect(try connection.received().isEmpty)
        let exchange = try #require(dialect.exchanges.withLock { $0.first })
        let isClosed = Mutex(false)
        exchange.whenClosed { isClosed.withLock { $0 = true } }
        exchange.answer(GatewayResponse(status: 204))
        exchange.answer(GatewayResponse(status: 500))
        gateway.run()
        #expect(try connection.statuses() == [204, 200])
        #expect(isClosed.withLock { $0 })
        #expect(!exchange.isOpen)
    }

    @Test func aClientThatLeavesClosesItsExchange() throws {
        let connection = try gateway.connect()
        try connection.send(get("/test/later"))
        let exchange = try #require(dialect.exchanges.withLock { $0.first })
        connection.channel.close(promise: nil)
        gateway.run()
        #expect(!exchange.isOpen)
        exchange.answer(GatewayResponse(status: 200))
        gateway.run()
    }

    @Test func aStreamedBodyIsAnsweredWhileItComes() throws {
        let connection = try gateway.connect()
        try connection.send(
            "POST /test/records HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
        #expect(try connection.received().hasSuffix("\r\n\r\n3\r\nabc\r\n"))
        try connection.send("2\r\nde\r\n0\r\n\r\n" + get("/test/now"))
        #expect(try connection.received().hasPrefix("2\r\nde\r\n0\r\n\r\nHTTP/1.1 200 OK"))
    }

    @Test func aStreamedBodyOfKnownLengthIsHandedOutInParts() throws {
        let connection = try gateway.connect()
        try connection.send("POST /test/records HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab")
        try connection.send("cde" + get("/test/now"))
        #expect(dialect.bodies.withLock { $0 } == ["ab", "cde"])
        #expect(try connection.statuses() == [200, 200])
    }

    @Test func aReceiverThatHasEnoughHoldsTheRestBack() throws {
        let connection = try gateway.connect()
        try connection.send(
            "POST /test/records HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n!\r\n1\r\nb\r\n"
        )
        #expect(dialect.bodies.withLock { $0 } == ["!"])
        connection.channel.close(promise: nil)
        gateway.run()
        #expect(dialect.bodies.withLock { $0 } == ["!", "aborted"])
    }

    @Test func refusalsHaveTheShapeOfTheirDialect() throws {
        let connection = try gateway.connect()
        try connection.send("DELETE /x/test/now HTTP/1.1\r\nHost: h\r\n\r\n")
        let answer = try connection.received()
        #expect(answer.hasPrefix("HTTP/1.1 405"))
        #expect(answer.contains("Content-Type: text/test"))
        #expect(answer.contains("Allow: GET"))
        try connection.send(get("/test/none"))
        #expect(try connection.received().contains("text/test"))
    }
}
