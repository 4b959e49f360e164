import Connect
import Foundation
import Logging
import Sinks
import StateStore
import StreamModel

/// Puts together what runs sink connectors.
struct ConnectorParts {
    let settings: ConnectSettings
    let folder: DataFolder
    let logger: Logger

    static var tables: [StateDatabase.Tables] {
        [ConnectStore.registerMigrations, ConnectorPositions.registerMigrations]
    }

    /// The interface is that of this version of Kafka Connect.
    static let identity = ConnectIdentity(version: "3.9.0", commit: "pinline-\(PinlineVersion.text)")

    init(settings: ConnectSettings, folder: DataFolder, logger: Logger) {
        self.settings = settings
        self.folder = folder
        var logger = logger
        logger[metadataKey: "part"] = "connect"
        self.logger = logger
    }

    /// - Parameter workerID: where the worker is reached, as `host:port`.
    func makeWorker(
        reader: any TopicReader, appender: any RecordAppender, database: StateDatabase.Connection,
        workerID: String
    ) -> ConnectWorker {
        let positions = ConnectorPositions(database: database, spool: folder.spool)
        let stores = ConnectorStores(
            buckets: folder.buckets, defaultStore: settings.defaultStore,
            timeoutMilliseconds: Int(settings.storeTimeoutMilliseconds),
            environment: ProcessInfo.processInfo.environment, logger: logger)
        let sink = S3SinkConnector(
            reader: reader, appender: appender, positions: positions, spool: folder.spool,
            stores: { try stores.open($0.given) }, parquet: ParquetFiles(), logger: logger)
        return ConnectWorker(
            plugins: [sink], settings: settings, references: references, workerID: workerID,
            store: ConnectStore(database), offsets: Offsets(positions: positions), logger: logger,
            // What is not known to last, such as an error of the disk or the log, is tried again.
            mayPass: { ($0 as? any SinkFailure)?.mayPass ?? true })
    }

    private var references: ConfigReferences {
        ConfigReferences(
            providers: settings.configProviders,
            environment: { ProcessInfo.processInfo.environment[$0] },
            file: { try String(contentsOfFile: $0, encoding: .utf8) })
    }

    /// The positions of the sinks, as the worker's users see and change them.
    private struct Offsets: ConnectorOffsets {
        let positions: ConnectorPositions

        func offsets(of connector: String) throws -> [TopicPartition: Offset] {
            try positions.offsets(of: connector)
        }

        func alter(_ offsets: [TopicPartition: Offset?], of connector: String) throws {
            try positions.change(offsets, of: connector)
        }

        func reset(_ connector: String) throws { try positions.forget(connector) }
    }
}
