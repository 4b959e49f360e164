package import GRDB
package import LogStorage
package import Logging
package import StateStore

/// What answers Kafka clients, behind the port: one node with id 0 that is broker and controller.
package final class KafkaBroker: Sendable {
    /// The one node's.
    static let nodeID: Int32 = 0
    /// Of every partition, always: nobody else can lead it.
    static let leaderEpoch: Int32 = 0

    let settings: BrokerSettings
    let dispatcher: RequestDispatcher
    /// Made once, when the data folder is new.
    let clusterID: String
    private let threads: BrokerThreads

    /// The tables of the parts below, for `StateDatabase.open`.
    package static var tables: [StateDatabase.Tables] { [ClusterIdentity.registerMigrations] }

    /// - Parameters:
    ///   - database: `state.sqlite`, opened with `tables`; `state` writes to it.
    ///   - authorizer: who may do what.
    package init(
        log: CommitLog, database: any DatabaseWriter, state: StateWriter, settings: BrokerSettings,
        authorizer: any Authorizer = OpenAuthorizer(), logger: Logger
    ) throws {
        self.settings = settings
        threads = BrokerThreads(count: settings.ioThreads)
        clusterID = try ClusterIdentity.load(from: database)
        var handlers: [any RequestHandler] = []
        handlers += DataHandlers.handlers(
            log: log, threads: threads, authorizer: authorizer, clusterID: clusterID, settings: settings,
            logger: logger)
        handlers += AdministrationHandlers.handlers(
            log: log, threads: threads, authorizer: authorizer, clusterID: clusterID, settings: settings,
            topicDeleted: { _, _ in })
        dispatcher = RequestDispatcher(handlers)
    }

    /// Ends what goes on in the background; called when no connection is left.
    func close() async {
        await threads.shutDown()
    }
}
