package import GRDB
package import LogStorage
package import Logging
import NIOCore
import NIOPosix
package import StateStore
package import StreamModel

/// What answers Kafka clients, behind the port: one node with id 0 that is broker and controller.
package final class KafkaBroker: Sendable {
    /// The one node's.
    static let nodeID: Int32 = 0
    /// Of every partition, always: nobody else can lead it.
    static let leaderEpoch: Int32 = 0

    let settings: BrokerSettings
    let dispatcher: RequestDispatcher
    /// Whether the log has so much to write that connections should hold back.
    let isCongested: @Sendable () -> Bool
    /// Made once, when the data folder is new.
    let clusterID: String
    /// The same for those who do not speak Kafka's protocol.
    package let administration: any ClusterAdministration
    /// Members of its groups for those who do not speak Kafka's protocol.
    package let consumers: any ConsumerOpening
    /// Where clients are told to connect to.
    let address = ListeningAddress()
    private let threads: BrokerThreads
    private let groups: GroupServices
    private let transactions: TransactionCoordinator
    /// Where the time-outs of groups and transactions run out.
    private let timers = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    /// The tables of the parts below, for `StateDatabase.open`.
    package static var tables: [StateDatabase.Tables] {
        [
            ClusterIdentity.registerMigrations, GroupTables.registerMigrations,
            TransactionCoordinator.registerMigrations,
        ] + BrokerSecurity.tables
    }

    /// - Parameters:
    ///   - database: `state.sqlite`, opened with `tables`; `state` writes to it.
    ///   - security: logins and rights; nil where everybody may do everything.
    package init(
        log: CommitLog, database: any DatabaseWriter, state: StateWriter, settings: BrokerSettings,
        security: BrokerSecurity? = nil, logger: Logger
    ) throws {
        let authorizer = security?.authorizer ?? OpenAuthorizer()
        self.settings = settings
        isCongested = { log.isCongested }
        threads = BrokerThreads(count: settings.ioThreads)
        clusterID = try ClusterIdentity.load(from: database)
        var handlers: [any RequestHandler] = []
        groups = try GroupServices.open(
            database, writer: state, topics: log, authorizer: authorizer, settings: settings.groups,
            loop: timers.next(), logger: logger)
        handlers += groups.handlers()
        consumers = LocalConsumers(
            log: log, groups: groups.groups, offsets: groups.offsets, threads: threads,
            timers: EventLoopTimers(loop: timers.next()), authorizer: authorizer)
        transactions = try TransactionCoordinator(
            database, writer: state, settings: settings.transactions,
            parts: .init(
                producerIDs: try ProducerIDs(
                    database, writer: state, highestUsed: { log.highestProducerID }), log: log,
                offsets: groups.offsets,
                loop: timers.next(), logger: logger))
        handlers += TransactionHandlers.handlers(coordinator: transactions, authorizer: authorizer)
        handlers += DataHandlers.handlers(
            log: log, threads: threads, authorizer: authorizer, transactions: transactions,
            clusterID: clusterID, settings: settings, logger: logger)
        let shared = AdministrationHandlers(
            log: log, threads: threads, authorizer: authorizer, clusterID: clusterID, settings: settings,
            topicDeleted: { [offsets = groups.offsets] topic, _ in offsets.topicDeleted(topic) })
        handlers += shared.handlers()
        administration = LocalAdministration(
            shared: shared, groups: groups,
            acls: security?.acls(threads: threads) ?? ACLService(threads: threads, logger: logger),
            address: { [address] in address.current })
        handlers += security?.handlers(threads: threads) ?? []
        dispatcher = RequestDispatcher(handlers)
        transactions.start()
    }

    /// Answers requests that wait for other clients; called before the connections are closed.
    func beginClosing() {
        groups.groups.close()
    }

    func samples() -> [MetricSample] { groups.metrics.samples() + transactions.samples() }

    /// Ends what goes on in the background; called when no connection is left.
    func close() async {
        transactions.stop()
        await threads.shutDown()
        try? await timers.shutdownGracefully()
    }
}
