package import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
package import StreamModel
import Synchronization
import TransportSecurity

/// The ingest port.
package final class GatewayServer: Service, StatusSource, MetricSource {
    private let address: SocketAddress
    private let settings: GatewaySettings
    private let surroundings: GatewayConnection.Surroundings
    private let counters = GatewayCounters()
    private let identity: GatewayIdentity
    private let group: MultiThreadedEventLoopGroup
    private let outboxes: [ObjectIdentifier: LoopOutbox]
    private let tasks = RequestTasks()
    private let state = Mutex(State())
    private let logger: Logger

    private struct State {
        var listener: (any Channel)?
        var connections: [ObjectIdentifier: GatewayConnection] = [:]
        /// How many there are from each address.
        var addresses: [String: Int] = [:]
        var isClosing = false
    }

    /// - Parameter services: what it works with.
    package init(
        host: String, port: Int, settings: GatewaySettings = GatewaySettings(), services: GatewayServices,
        logger: Logger
    ) throws {
        identity = try GatewayIdentity(settings: settings, services: services, logger: logger)
        address = try SocketAddress.makeAddressResolvingHost(host, port: port)
        self.settings = settings
        self.logger = logger
        surroundings = .init(
            services: services, settings: settings, counters: counters, tasks: tasks, gate: identity.gate,
            repeats: identity.repeats, accessLog: identity.accessLog,
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
        let address = Self.plainAddress(channel.remoteAddress)
        let tls = surroundings.services.tls
        let facts = ConnectionFacts(address: address, isSecure: tls != nil, loop: channel.eventLoop)
        let connection = GatewayConnection(surroundings, outbox: outbox, facts: facts)
        if let limit = limitReached(by: connection, of: channel, from: address) {
            logger.warning("connection refused: \(limit) is reached", metadata: ["client": "\(address)"])
            return channel.close(promise: nil)
        }
        counters.connections.add(1, ordering: .relaxed)
        channel.closeFuture.whenComplete { [self] _ in
            counters.connections.subtract(1, ordering: .relaxed)
            state.withLock { state in
                state.connections[ObjectIdentifier(channel)] = nil
                let left = (state.addresses[address] ?? 1) - 1
                state.addresses[address] = left > 0 ? left : nil
            }
        }
        if let tls { try channel.pipeline.syncOperations.addHandler(tls.makeHandler()) }
        try channel.pipeline.syncOperations.addHandler(connection)
    }

    /// Takes a connection in, or says which setting does not allow it.
    private func limitReached(
        by connection: GatewayConnection, of channel: any Channel, from address: String
    ) -> String? {
        state.withLock { state in
            guard !state.isClosing, state.connections.count < settings.maxConnections else {
                return "gateway.max.connections"
            }
            let count = state.addresses[address] ?? 0
            guard count < settings.maxConnectionsPerAddress else {
                return "gateway.max.connections.per.address"
            }
            state.addresses[address] = count + 1
            state.connections[ObjectIdentifier(channel)] = connection
            return nil
        }
    }

    /// Reads certificates and keys again where their files have changed; reads the disk.
    package func reloadFiles() { identity.reload(logger: logger) }

    /// Opens the access log anew, after it was renamed.
    package func reopenAccessLog() { identity.accessLog?.reopen() }

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
        await identity.shutDown()
        await surroundings.services.schemas?.shutDown()
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

    package func samples() -> [MetricSample] { counters.samples + identity.samples }
}
