package import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
package import StreamModel
import Synchronization

/// The ingest port.
package final class GatewayServer: Service, StatusSource, MetricSource {
    private let address: SocketAddress
    private let settings: GatewaySettings
    private let surroundings: GatewayConnection.Surroundings
    private let counters = GatewayCounters()
    private let group: MultiThreadedEventLoopGroup
    private let outboxes: [ObjectIdentifier: LoopOutbox]
    private let tasks = RequestTasks()
    private let state = Mutex(State())
    private let logger: Logger

    private struct State {
        var listener: (any Channel)?
        var connections: [ObjectIdentifier: GatewayConnection] = [:]
        var isClosing = false
    }

    /// - Parameter services: what it works with.
    package init(
        host: String, port: Int, settings: GatewaySettings = GatewaySettings(), services: GatewayServices,
        logger: Logger
    ) throws {
        address = try SocketAddress.makeAddressResolvingHost(host, port: port)
        self.settings = settings
        self.logger = logger
        surroundings = .init(
            services: services, settings: settings, counters: counters, tasks: tasks, gate: OpenGate(),
            dialects: services.dialects(settings, counters))
        group = MultiThreadedEventLoopGroup(
            numberOfThreads: settings.threads > 0 ? settings.threads : System.coreCount)
        outboxes = Dictionary(
            uniqueKeysWithValues: group.makeIterator().map { (ObjectIdentifier($0), LoopOutbox($0)) })
    }

    /// Begins to listen; returns the address with the port that was found.
    ///
    /// - Throws: an error of the system if the address is taken or not this machine's.
    package func bind() async throws -> (host: String, port: Int) {
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.maxMessagesPerRead, value: 4)
            .childChannelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture { try accept(channel) }
            }
        let channel = try await bootstrap.bind(to: address).get()
        state.withLock { $0.listener = channel }
        return (channel.localAddress?.ipAddress ?? "", channel.localAddress?.port ?? 0)
    }

    private func accept(_ channel: any Channel) throws {
        guard let outbox = outboxes[ObjectIdentifier(channel.eventLoop)] else { return }
        let facts = ConnectionFacts(
            address: Self.plainAddress(channel.remoteAddress), loop: channel.eventLoop)
        let connection = GatewayConnection(surroundings, outbox: outbox, facts: facts)
        let isAdmitted = state.withLock { state in
            guard !state.isClosing, state.connections.count < settings.maxConnections else { return false }
            state.connections[ObjectIdentifier(channel)] = connection
            return true
        }
        guard isAdmitted else {
            logger.warning("connection refused: gateway.max.connections is reached")
            return channel.close(promise: nil)
        }
        counters.connections.add(1, ordering: .relaxed)
        channel.closeFuture.whenComplete { [self] _ in
            counters.connections.subtract(1, ordering: .relaxed)
            state.withLock { _ = $0.connections.removeValue(forKey: ObjectIdentifier(channel)) }
        }
        try channel.pipeline.syncOperations.addHandler(connection)
    }

    /// Serves until it is asked to stop; then answers what is being worked on, and closes.
    package func run() async throws {
        await withTaskGroup { group in
            group.addTask { [tasks] in await tasks.run() }
            await serve()
            beginClosing()
            await drain()
            // Those that still work do so for connections that did not end in time.
            tasks.finish()
            group.cancelAll()
        }
        try await group.shutdownGracefully()
    }

    private func serve() async {
        await withGracefulShutdownHandler {
            if let listener = state.withLock({ $0.listener }) { try? await listener.closeFuture.get() }
        } onGracefulShutdown: {
            self.beginClosing()
        }
    }

    /// Without port, and as IPv4 where it is IPv4.
    private static func plainAddress(_ address: SocketAddress?) -> String {
        let text = address?.ipAddress ?? ""
        return text.hasPrefix("::ffff:") ? String(text.dropFirst(7)) : text
    }

    private func beginClosing() {
        let (listener, connections) = state.withLock { state in
            state.isClosing = true
            return (state.listener, Array(state.connections.values))
        }
        listener?.close(promise: nil)
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
            part: "gateway", isReady: isListening, detail: isListening ? "listening" : "not listening")
    }

    package func samples() -> [MetricSample] { counters.samples }
}
