import Logging
import ObjectStore
import StateStore
import StreamModel
import Synchronization
import Testing

@testable import Sinks

/// A log, a store, a state database, a spool and a clock, from which tasks can be started one after the other.
final class ConnectorFixture: Sendable {
    let log = MemoryLog()
    let store = ScriptedStore()
    let clock = TestClock()
    let folder: TemporaryFolder
    let positions: ConnectorPositions
    private let crash = Mutex<(name: String, left: Int)?>(nil)

    /// What a task throws where a crash is asked for.
    struct Crash: Error {}

    init() throws {
        folder = try TemporaryFolder()
        positions = ConnectorPositions(
            database: try StateDatabase.open(
                path: folder.state, tables: [ConnectorPositions.registerMigrations]),
            spool: folder.path + "/connect")
    }

    /// The least that a configuration needs, with some values changed.
    static func configuration(_ changes: [String: String] = [:]) -> [String: String] {
        [
            "connector.class": ConnectClasses.connector, "storage.class": ConnectClasses.storage,
            "format.class": ConnectClasses.jsonFormat, "flush.size": "3", "s3.bucket.name": "b",
            "value.converter": ConnectClasses.jsonConverter, "value.converter.schemas.enable": "false",
            "retry.backoff.ms": "1",
        ].merging(changes) { $1 }
    }

    /// The next task dies when it passes a point for the n-th time.
    func crash(at name: String, pass: Int = 1) { crash.withLock { $0 = (name, pass) } }

    private func passed(_ name: String) throws {
        try crash.withLock { crash in
            guard var armed = crash, armed.name == name else { return }
            armed.left -= 1
            crash = armed.left == 0 ? nil : armed
            if armed.left == 0 { throw Crash() }
        }
    }

    func makeTask(
        _ changes: [String: String] = [:], task: Int = 0, of taskCount: Int = 1,
        parquet: (any ParquetWriting)? = nil
    ) throws -> S3SinkTask {
        let configuration = Self.configuration(changes)
        let parts = S3SinkParts(
            reader: log, appender: log, positions: positions, spool: folder.path + "/connect",
            stores: { [store] _ in SinkStore(store, location: "memory") }, parquet: parquet,
            clock: clock.wall,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            fault: { [self] in try passed($0) })
        let context = SinkTaskContext(
            connector: "pins to/S3", task: task, taskCount: taskCount, configuration: configuration,
            accepts: { $0.rawValue.hasPrefix("u.") })
        return try S3SinkTask(context, try S3SinkConfiguration(configuration), parts)
    }

    /// Runs a task through the body and stops it then, at once.
    func withTask(
        _ changes: [String: String] = [:], task: Int = 0, of taskCount: Int = 1,
        parquet: (any ParquetWriting)? = nil, _ body: @Sendable (S3SinkTask) async throws -> Void
    ) async throws {
        let task = try makeTask(changes, task: task, of: taskCount, parquet: parquet)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await task.run() }
            defer { group.cancelAll() }
            try await body(task)
        }
    }

    /// Runs a task until all that is there was read, and stored as far as it is due.
    func runTask(
        _ changes: [String: String] = [:], task: Int = 0, of taskCount: Int = 1,
        parquet: (any ParquetWriting)? = nil
    ) async throws {
        try await withTask(changes, task: task, of: taskCount, parquet: parquet) { try await self.settle($0) }
    }

    /// Returns when everything was read, and what is due was stored.
    func settle(_ task: S3SinkTask) async throws {
        await log.whenRead()
        let thread = BackgroundThread(name: "test-settle", niceness: 0)
        _ = try await thread.run { task.queue.whenEmpty() }
    }

    /// Runs a task that ends by itself; returns why.
    func failure(of changes: [String: String] = [:]) async throws -> String {
        let task = try makeTask(changes)
        do {
            try await task.run()
        } catch {
            return "\(error)"
        }
        Issue.record("the task has not failed")
        return ""
    }

    var keys: [String] {
        get async { await store.objects.map(\.key) }
    }

    func text(_ key: String) async -> String? { await store.objects.first { $0.key == key }?.text }

    /// The spool files that are there.
    var spoolFiles: [String] {
        let root = folder.path + "/connect"
        return SpoolDisk.names(in: root).flatMap { connector in
            SpoolDisk.names(in: "\(root)/\(connector)").flatMap {
                SpoolDisk.names(in: "\(root)/\(connector)/\($0)")
            }
        }
    }
}
