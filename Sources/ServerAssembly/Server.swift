import Broker
package import Connect
import Dashboard
import Foundation
import Gateway
import Kinesis
import LogStorage
package import Logging
import NIOCore
import ObjectStore
import Pipelines
import ServiceLifecycle
import Sinks
import StateStore
import StreamModel
import TransportSecurity
import UnixSignals

/// The whole server: the parts, put together.
package struct Server: Sendable {
    private let settings: ServerSettings
    private let connectors: [ConnectorDefinition]
    private let logger: Logger
    private let levels: LogLevels
    private let ready: @Sendable (ServerEndpoints, DataFolder) -> Void

    /// - Parameters:
    ///   - connectors: those that shall be there, besides the ones that are.
    ///   - levels: what decides how much the logger says.
    ///   - ready: called once everything runs.
    package init(
        settings: ServerSettings, connectors: [ConnectorDefinition] = [], logger: Logger, levels: LogLevels,
        ready: @escaping @Sendable (ServerEndpoints, DataFolder) -> Void
    ) {
        self.settings = settings
        self.connectors = connectors
        self.logger = logger
        self.levels = levels
        self.ready = ready
    }

    /// Serves until a signal (INT, TERM) asks to stop; then finishes what was begun.
    ///
    /// - Throws: what keeps it from starting, in words that say what to do.
    package func run() async throws {
        OpenFileLimit.raise()
        let folder = try DataFolder(settings.data)
        let pipeline = try PipelineFolder.load(
            PipelineFolder.locate(configured: settings.pipeline, environment: nil))
        let live = try LiveParts(pipeline, settings: settings.live, events: settings.liveEvents)
        let parts = PartsBoard()
        let board = ConnectBoard()
        let routes = ConnectRoutes(
            ConnectAPI(
                board: board, levels: levels, identity: ConnectorParts.identity,
                maxRequestBytes: settings.connect.maxRequestBytes))
        let tables = TablesBoard()
        let tableRoutes = TableRoutes(tables)
        let agreement = AgreementBoard()
        let agreementRoutes = AgreementRoutes(agreement, tables: tables)
        let web = WebServer(
            host: settings.web.host, port: settings.web.port, parts: parts,
            routes: [
                { live?.routes.add(to: $0) }, { tableRoutes.add(to: $0) }, { agreementRoutes.add(to: $0) },
                { routes.add(to: $0) },
            ], logger: quiet("web"))
        let core = CoreService(
            settings: settings, connectors: connectors, board: board, folder: folder,
            pipeline: pipeline, live: live?.metrics, tables: tables, agreement: agreement, parts: parts,
            web: web,
            logger: logger, ready: ready)
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: Named("web", settings.web, web)), .init(service: core)],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet("lifecycle")))
        try await group.run()
    }

    /// A logger for parts that speak of every start and stop.
    private func quiet(_ label: String) -> Logger {
        var logger = logger
        logger[metadataKey: "part"] = "\(label)"
        if logger.logLevel == .info { logger.logLevel = .warning }
        return logger
    }
}

/// Log, sink, Kafka port and gateway: started in this order, stopped in the reverse one, so that nothing is lost on the way.
private struct CoreService: Service {
    let settings: ServerSettings
    let connectors: [ConnectorDefinition]
    let board: ConnectBoard
    let folder: DataFolder
    let pipeline: PipelineFolder
    let live: LiveMetrics?
    let tables: TablesBoard
    let agreement: AgreementBoard
    let parts: PartsBoard
    let web: WebServer
    let logger: Logger
    let ready: @Sendable (ServerEndpoints, DataFolder) -> Void

    func run() async throws {
        let log = CommitLog(directory: folder.log, settings: settings.log, logger: logger)
        parts.add(log)
        try log.open()
        defer { log.close() }
        // Otherwise made on first use; a record that is no JSON must not wait for someone to make it.
        if !settings.log.autoCreateTopics, let letters = settings.sink.deadLetterTopic {
            try log.ensureTopic(letters)
        }
        let state = try StateDatabase.open(
            path: folder.state,
            tables: [SinkPositions.registerMigrations, StreamStore.registerMigrations] + KafkaBroker.tables
                + GatewayState.tables + ConnectorParts.tables)
        let writer = StateWriter(state)
        let security = try BrokerSecurity(settings: settings.security, database: state, logger: logger)
        let sink = makeSink(log, state)
        parts.add(sink)
        log.addHold { sink.heldOffset(of: $0) }
        agreement.set(AgreementParts(sink: sink, pipeline: pipeline, folder: folder, logger: logger))
        let stream = makeStream(log)
        parts.add(stream)
        tables.set(stream)
        log.addHold { stream.heldOffset(of: $0) }
        let (broker, kafka) = try makeKafka(log, state, writer, security)
        let kinesis = try KinesisParts(settings.kinesis, log: log, database: state)
        var services = try makeGatewayServices(log, GatewayState(state, writer: writer), security)
        services.cluster = broker.administration
        let consumers = ConsumerInstances(broker.consumers, settings: settings.consumers)
        services.consumers = consumers
        services.schemas = SchemaRegistry(settings.schemas)
        parts.add(consumers)
        services.kinesis = kinesis.service
        services.kinesisAuthentication = kinesis.authentication
        let gateway = try GatewayServer(
            host: settings.ingest.host, port: settings.ingest.port, settings: settings.gateway,
            services: services, logger: logger)
        parts.add(gateway)
        parts.add(kafka)
        let bound = try await named("ingest", settings.ingest) { try await gateway.bind() }
        let kafkaPort = try await named("kafka", settings.kafka) { try await kafka.bind() }.port
        guard let webPort = await web.boundPort() else { return }
        let endpoints = ServerEndpoints(
            pid: ProcessInfo.processInfo.processIdentifier,
            ingest: ServerAddress(host: settings.ingest.host, port: bound.port).description,
            kafka: ServerAddress(host: settings.kafka.host, port: kafkaPort).description,
            web: ServerAddress(host: settings.web.host, port: webPort).description)
        let worker = ConnectorParts(settings: settings.connect, folder: folder, logger: logger)
            .makeWorker(reader: log, appender: PassingAppender(log), database: state, workerID: endpoints.web)
        try await worker.open(applying: connectors)
        parts.add(worker)
        board.set(worker, clusterID: broker.administration.clusterID)
        try folder.announce(endpoints)
        defer { folder.withdraw() }
        parts.complete()
        ready(endpoints, folder)
        var quiet = logger
        if quiet.logLevel == .info { quiet.logLevel = .warning }
        try await ServiceGroup(
            services: [
                LogUpkeep(log: log), Together(services: [sink, stream]), worker, kafka, consumers, gateway,
                kinesis,
                Reloading(
                    gateway: gateway, security: security,
                    intervalMilliseconds: settings.reloadIntervalMilliseconds, logger: logger),
            ], logger: quiet
        ).run()
    }

    private func makeGatewayServices(
        _ log: CommitLog, _ state: GatewayState, _ security: BrokerSecurity
    ) throws -> GatewayServices {
        var services = GatewayServices(appender: log)
        services.reader = log
        services.state = state
        // Without ACLs every caller may do everything, and nobody needs to be asked.
        services.access = settings.security.aclEnabled ? PortRights(authorizer: security.authorizer) : nil
        services.passwords = UserPasswords(credentials: security.credentials)
        services.accessKeys = security.accessKeys
        services.tls = settings.ingestTLS.isOn ? try TLSListener(settings.ingestTLS) : nil
        return services
    }

    private func makeKafka(
        _ log: CommitLog, _ database: StateDatabase.Connection, _ writer: StateWriter,
        _ security: BrokerSecurity
    ) throws -> (KafkaBroker, KafkaServer) {
        let broker = try KafkaBroker(
            log: log, database: database, state: writer, settings: settings.broker,
            security: security,
            logger: logger)
        let server = try KafkaServer(
            host: settings.kafka.host, port: settings.kafka.port, broker: broker, security: security,
            logger: logger)
        return (broker, server)
    }

    private func makeSink(_ log: CommitLog, _ database: StateDatabase.Connection) -> ObjectSink {
        let pipeline = pipeline.definition
        return ObjectSink(
            settings: settings.sink, reader: log, appender: PassingAppender(log),
            store: DirectoryStore(root: folder.bucket),
            positions: SinkPositions(sink: "built-in", database: database), logger: logger,
            accepts: { pipeline.tableIndex(ofTopic: $0.rawValue) != nil })
    }

    private func makeStream(_ log: CommitLog) -> StreamJob {
        StreamParts(settings: settings, pipeline: pipeline, folder: folder, observer: live, logger: logger)
            .makeJob(reader: log, appender: PassingAppender(log))
    }
}

/// Retention, compaction and the closing of old segments, now and then.
private struct LogUpkeep: Service {
    let log: CommitLog

    func run() async throws {
        await cancelWhenGracefulShutdown {
            let pause = Duration.milliseconds(log.settings.upkeepIntervalMilliseconds)
            while (try? await ContinuousClock().sleep(for: pause)) != nil { log.performUpkeep() }
        }
    }
}

/// Says in an error which address could not be had.
private struct Named<Wrapped: Service>: Service {
    let setting: String
    let address: ServerAddress
    let wrapped: Wrapped

    init(_ setting: String, _ address: ServerAddress, _ wrapped: Wrapped) {
        self.setting = setting
        self.address = address
        self.wrapped = wrapped
    }

    func run() async throws {
        try await named(setting, address) { try await wrapped.run() }
    }
}

private func named<Value>(
    _ setting: String, _ address: ServerAddress, _ body: () async throws -> Value
) async throws -> Value {
    do {
        return try await body()
    } catch let error as IOError {
        let reason =
            error.errnoCode == EADDRINUSE
            ? "is in use: stop the program that has it, or" : "cannot be listened on (\(error)):"
        throw SettingsError("\(setting): the address \(address) \(reason) choose another by --\(setting)")
    } catch is SocketAddressError {
        throw SettingsError("\(setting): the host of \(address) is not known: choose another by --\(setting)")
    }
}
