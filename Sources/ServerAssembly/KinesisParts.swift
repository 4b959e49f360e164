import AWSSigning
import Foundation
import Gateway
import Kinesis
import LogStorage
import ServiceLifecycle
import StateStore
import StreamModel

/// Kinesis over the log, and who may use it.
struct KinesisParts: Service {
    let service: KinesisService
    let authentication: KinesisAuthentication?

    init(_ settings: KinesisSettings, log: CommitLog, database: StateDatabase.Connection) throws {
        service = try KinesisService(
            appender: OnceAppender(log), reader: log, topics: log, store: StreamStore(database),
            settings: settings)
        authentication = try settings.credentialsFile.map { path in
            KinesisAuthentication(keys: try Self.keys(of: path))
        }
    }

    private static func keys(of path: String) throws -> AccessKeys {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw SettingsError("kinesis.credentials.file: \(path) cannot be read")
        }
        do {
            return try AccessKeys(csv: text)
        } catch {
            throw SettingsError("kinesis.credentials.file: \(path): \(error.message)")
        }
    }

    /// Ends subscriptions when the server is asked to stop: they would keep their connections open for minutes.
    func run() async throws {
        try? await gracefulShutdown()
        service.endSubscriptions()
    }
}
