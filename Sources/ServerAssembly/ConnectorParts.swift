import Connect
import Foundation
import Logging
import ObjectStore
import Sinks
import StateStore
import StreamModel

/// Puts together what runs sink connectors.
struct ConnectorParts {
    let settings: ConnectSettings
    let folder: DataFolder
    let logger: Logger

    static let tables: [StateDatabase.Tables] = [ConnectStore.registerMigrations]

    /// The interface is that of this version of Kafka Connect.
    static let identity = ConnectIdentity(version: "3.9.0", commit: "pinline-\(PinlineVersion.text)")

    init(settings: ConnectSettings, folder: DataFolder, logger: Logger) {
        self.settings = settings
        self.folder = folder
        var logger = logger
        logger[metadataKey: "part"] = "connect"
        self.logger = logger
    }
}

extension ConnectorParts {
    func makeWorker(
        reader: any TopicReader, appender: any RecordAppender, database: StateDatabase.Connection,
        workerID: String
    ) -> ConnectWorker {
        ConnectWorker(
            plugins: [], settings: settings, references: references, workerID: workerID,
            store: ConnectStore(database), offsets: NoOffsets(), logger: logger, mayPass: { _ in true })
    }

    private var references: ConfigReferences {
        ConfigReferences(
            providers: settings.configProviders,
            environment: { ProcessInfo.processInfo.environment[$0] },
            file: { try String(contentsOfFile: $0, encoding: .utf8) })
    }
}

struct NoOffsets: ConnectorOffsets {
    func offsets(of connector: String) throws -> [TopicPartition: Offset] { [:] }
    func alter(_ offsets: [TopicPartition: Offset?], of connector: String) throws {}
    func reset(_ connector: String) throws {}
}
