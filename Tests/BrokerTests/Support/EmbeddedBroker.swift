import KafkaWire
import Logging
import NIOCore
import NIOEmbedded

@testable import Broker

/// A connection without a socket.
final class EmbeddedBroker {
    let channel = EmbeddedChannel()
    let produce = HeldHandler<ProduceRequest>()
    let metadata = HeldHandler<MetadataRequest>()
    let counters = BrokerCounters()
    let connection: KafkaConnection

    init(
        settings: BrokerSettings = BrokerSettings(), security: any ListenerSecurity = OpenListener()
    ) throws {
        let surroundings = KafkaConnection.Surroundings(
            dispatcher: RequestDispatcher([produce, metadata]), settings: settings, security: security,
            counters: counters, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        connection = KafkaConnection(
            surroundings, outbox: AnswerOutbox(channel.eventLoop), loop: channel.eventLoop,
            clientHost: "127.0.0.1", advertised: BrokerAddress(host: "127.0.0.1", port: 9092))
        try channel.pipeline.syncOperations.addHandler(connection)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    func send(_ bytes: ByteBuffer) throws { try channel.writeInbound(bytes) }

    /// What was sent so far, with the lengths.
    func sent() throws -> ByteBuffer {
        var bytes = ByteBuffer()
        while var part = try channel.readOutbound(as: ByteBuffer.self) { bytes.writeBuffer(&part) }
        return bytes
    }

    /// The correlation ids of the answers that were sent.
    func answered() throws -> [Int32] {
        var bytes = try sent()
        var ids: [Int32] = []
        while let length: Int32 = bytes.readInteger(), var frame = bytes.readSlice(length: Int(length)) {
            if let id: Int32 = frame.readInteger() { ids.append(id) }
        }
        return ids
    }
}
