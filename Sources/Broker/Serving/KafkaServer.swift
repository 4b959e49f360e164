package import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
package import StreamModel
import Synchronization

/// The Kafka port.
package final class KafkaServer: Service, StatusSource, MetricSource {
    private let address: SocketAddress
    private let host: String
    private let broker: KafkaBroker
    private let settings: BrokerSettings
    private let security: any ListenerSecurity
    private let surroundings: KafkaConnection.Surroundings
    private let counters = BrokerCounters()
    private let group: MultiThreadedEventLoopGroup
    private let outboxes: [ObjectIdentifier: AnswerOutbox]
    private let state = Mutex(State())
    private let logger: Logger

    private struct State {
        var listener: (any Channel)?
        var connections: [ObjectIdentifier: KafkaConnection] = [:]
        var isClosing = false
    }

    /// - Parameter broker: what answers; it is closed when the server stops.
    package init(
        host: String, port: Int, broker: KafkaBroker, security: any ListenerSecurity = OpenListener(),
        logger: Logger
    ) throws {
        address = try SocketAddress.makeAddressResolvingHost(host, port: port)
        self.host = host
        self.broker = broker
        self.security = security
        self.logger = logger
        settings = broker.settings
        surroundings = .init(
            dispatcher: broker.dispatcher, settings: settings, security: security, counters: counters,
            isCongested: broker.isCongested, logger: logger)
        group = MultiThreadedEventLoopGroup(
            numberOfThreads: settings.threads > 0 ? settings.threads : System.coreCount)
        outboxes = Dictionary(
            uniqueKeysWithValues: group.makeIterator().map { (ObjectIdentifier($0), AnswerOutbox($0)) })
    }

    /// Begins to listen; returns the address with the port that was found.
    ///
    /// - Throws: an error of the system if the address is taken or not this machine's.
    package func bind() async throws -> (host: String, port: Int) {
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.socketOption(.so_keepalive), value: 1)
            .childChannelOption(.maxMessagesPerRead, value: 4)
            .childChannelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture { try accept(channel) }
            }
        let channel = try await bootstrap.bind(to: address).get()
        state.withLock { $0.listener = channel }
        broker.address.current = advertised(to: channel)
        return (channel.localAddress?.ipAddress ?? "", channel.localAddress?.port ?? 0)
    }

    private func accept(_ channel: any Channel) throws {
        guard let outbox = outboxes[ObjectIdentifier(channel.eventLoop)] else { return }
        let connection = KafkaConnection(
            surroundings, outbox: outbox, loop: channel.eventLoop,
            clientHost: Self.plainAddress(channel.remoteAddress), advertised: advertised(to: channel))
        let isAdmitted = state.withLock { state in
            guard !state.isClosing, state.connections.count < settings.maxConnections else { return false }
            state.connections[ObjectIdentifier(channel)] = connection
            return true
        }
        guard isAdmitted else {
            counters.refusedConnections.add(1, ordering: .relaxed)
            logger.debug("kafka connection refused: kafka.max.connections is reached")
            return channel.close(promise: nil)
        }
        counters.connections.add(1, ordering: .relaxed)
        channel.closeFuture.whenComplete { [self] _ in
            counters.connections.subtract(1, ordering: .relaxed)
            state.withLock { _ = $0.connections.removeValue(forKey: ObjectIdentifier(channel)) }
        }
        if let transport = try security.makeTransportHandler() {
            try channel.pipeline.syncOperations.addHandler(transport)
        }
        try channel.pipeline.syncOperations.addHandler(connection)
    }

    /// Where a client is told to connect to: as it is set, or where the server listens, or, if that is every address
    /// of the machine, the one the client came by.
    private func advertised(to channel: any Channel) -> BrokerAddress {
        if let advertised = settings.advertised { return advertised }
        let isEveryAddress = host == "0.0.0.0" || host == "::"
        return BrokerAddress(
            host: isEveryAddress ? Self.plainAddress(channel.localAddress) : host,
            port: Int32(clamping: channel.localAddress?.port ?? 0))
    }

    /// Without port, and as IPv4 where it is IPv4.
    private static func plainAddress(_ address: SocketAddress?) -> String {
        let text = address?.ipAddress ?? "127.0.0.1"
        return text.hasPrefix("::ffff:") ? String(text.dropFirst(7)) : text
    }

    /// Serves until it is asked to stop; then answers what is being worked on, and closes.
    package func run() async throws {
        await withGracefulShutdownHandler {
            if let listener = state.withLock({ $0.listener }) { try? await listener.closeFuture.get() }
        } onGracefulShutdown: {
            self.beginClosing()
        }
        beginClosing()
        await drain()
        await broker.close()
        try await group.shutdownGracefully()
    }

    private func beginClosing() {
        let (listener, connections) = state.withLock { state in
            state.isClosing = true
            return (state.listener, Array(state.connections.values))
        }
        listener?.close(promise: nil)
        broker.beginClosing()
        for connection in connections { connection.loop.execute { connection.closeWhenIdle() } }
    }

    /// Waits for the open connections to end, for a bounded time.
    private func drain() async {
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(5)
        while clock.now < deadline, state.withLock({ !$0.connections.isEmpty }) {
            try? await clock.sleep(for: .milliseconds(20))
        }
    }

    package func status() -> PartStatus {
        let isListening = state.withLock { $0.listener != nil && !$0.isClosing }
        return PartStatus(
            part: "kafka", isReady: isListening, detail: isListening ? "listening" : "not listening")
    }

    package func samples() -> [MetricSample] { counters.samples + broker.samples() }
}
