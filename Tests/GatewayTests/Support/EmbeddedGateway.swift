import NIOCore
import NIOEmbedded
import StreamModel
import Synchronization

@testable import Gateway

/// Takes records and keeps their answers back until the test gives them.
final class HeldAppender: RecordAppender {
    struct Request: Sendable {
        var topic: TopicName
        var values: [String]
        var partitions: [Int32?]
        var answer: @Sendable (Result<AppendReceipt, AppendError>) -> Void
    }

    private let held = Mutex<[Request]>([])
    private let taken = Mutex<[String]>([])

    /// Those that wait for an answer, in the order they came.
    var waiting: [Request] { held.withLock { $0 } }

    /// The values of all requests so far.
    var values: [String] { taken.withLock { $0 } }

    func append(
        _ records: RecordList, to topic: TopicName,
        completion: @escaping @Sendable (Result<AppendReceipt, AppendError>) -> Void
    ) {
        let values = records.entries.map { entry in
            entry.value.flatMap {
                records.bytes.getString(at: records.bytes.readerIndex + $0.start, length: $0.count)
            } ?? "null"
        }
        let partitions = records.entries.map { $0.partition?.rawValue }
        taken.withLock { $0 += values }
        held.withLock {
            $0.append(Request(topic: topic, values: values, partitions: partitions, answer: completion))
        }
    }

    /// Answers one of those that wait.
    func answer(_ place: Int = 0, with result: Result<AppendReceipt, AppendError>) {
        held.withLock { $0.remove(at: place) }.answer(result)
    }

    func answer(_ place: Int = 0, offset: Int64) {
        answer(place, with: .success(.run(PartitionIndex(0), from: Offset(offset))))
    }
}

/// A gateway's connections without sockets, all on one loop; for tests that stay on one thread.
final class EmbeddedGateway {
    let appender: HeldAppender
    let counters = GatewayCounters()
    let loop = EmbeddedEventLoop()
    private let outbox: LoopOutbox
    private let settings: GatewaySettings
    private let dialects: [any Dialect]

    init(
        appender: HeldAppender = HeldAppender(), dialects: [any Dialect] = [],
        _ change: (inout GatewaySettings) -> Void = { _ in }
    ) {
        self.appender = appender
        self.dialects = dialects
        var settings = GatewaySettings()
        settings.maxRequestBytes = 200_000
        change(&settings)
        self.settings = settings
        outbox = LoopOutbox(loop)
    }

    func connect() throws -> EmbeddedConnection {
        let handler = GatewayConnection(
            .init(
                services: GatewayServices(appender: appender), settings: settings, counters: counters,
                tasks: RequestTasks(), dialects: dialects), outbox: outbox,
            facts: ConnectionFacts(address: "127.0.0.1", loop: loop))
        return try EmbeddedConnection(handler, on: loop)
    }

    /// Lets the answers of the appender reach their connections.
    func run() { loop.run() }
}

/// One client's side of a connection.
final class EmbeddedConnection {
    let handler: GatewayConnection
    let channel: EmbeddedChannel
    private let reads = ReadCounter()

    fileprivate init(_ handler: GatewayConnection, on loop: EmbeddedEventLoop) throws {
        self.handler = handler
        channel = EmbeddedChannel(loop: loop)
        try channel.pipeline.syncOperations.addHandlers(reads, handler)
        channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
    }

    func send(_ text: String) throws { try channel.writeInbound(ByteBuffer(string: text)) }

    /// Everything that was sent to the client since the last look.
    func received() throws -> String {
        var text = ""
        while let part = try channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: part) }
        return text
    }

    /// The status lines of the answers since the last look.
    func statuses() throws -> [Int] {
        try received().split(separator: "HTTP/1.1 ").compactMap { Int($0.prefix(3)) }
    }

    /// Asks for more bytes; true if that reaches the socket.
    func asksForMore() -> Bool {
        let before = reads.count
        channel.pipeline.read()
        return reads.count > before
    }

    var readCount: Int { reads.count }

    var isOpen: Bool { channel.isActive }

    func setWritable(_ isWritable: Bool) {
        channel.isWritable = isWritable
        channel.pipeline.fireChannelWritabilityChanged()
    }
}

/// Counts the reads that would reach the socket.
private final class ReadCounter: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    var count = 0

    func read(context: ChannelHandlerContext) {
        count += 1
        context.read()
    }
}

enum Requests {
    static func post(
        _ path: String, _ body: String, type: String = "application/vnd.kafka.json.v2+json",
        headers: String = ""
    ) -> String {
        "POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\n\(headers)\r\n"
            + body
    }

    /// A produce request with one value.
    static func value(_ value: String, headers: String = "") -> String {
        post("/topics/user.pin", #"{"records":[{"value":\#(value)}]}"#, headers: headers)
    }
}
