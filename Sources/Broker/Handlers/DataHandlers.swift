import LogStorage
import Logging

/// The requests that move records, and those that say where records lie.
enum DataHandlers {
    static func handlers(
        log: CommitLog, threads: BrokerThreads, authorizer: any Authorizer,
        transactions: TransactionCoordinator, clusterID: String, settings: BrokerSettings, logger: Logger
    ) -> [any RequestHandler] {
        [
            ProduceHandler(log: log, authorizer: authorizer, transactions: transactions),
            FetchHandler(log: log, threads: threads, authorizer: authorizer),
            ListOffsetsHandler(log: log, threads: threads, authorizer: authorizer),
            OffsetForLeaderEpochHandler(log: log, authorizer: authorizer),
            MetadataHandler(
                log: log, authorizer: authorizer, clusterID: clusterID,
                autoCreates: settings.autoCreateTopics,
                logger: logger),
        ]
    }
}
