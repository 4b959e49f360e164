import GRDB
import Logging
import Sinks
import StateStore
import StreamModel
import Synchronization

@testable import Connect

/// A kind of connector whose tasks do what a test tells them.
final class FakeSink: SinkConnector {
    struct Failure: Error, CustomStringConvertible {
        var description: String
        var mayPass: Bool
    }

    let className = "org.example.FakeSinkConnector"
    let version = "1.2.3"
    let definition = ConfigDefinition([
        ConfigKey(
            "flush.size", .int, isRequired: true, importance: .high, documentation: "Records.", group: "Fake",
            displayName: "Flush size", complaint: { Int($0) == 0 ? "Value must be at least 1" : nil }),
        ConfigKey("secret", .password, documentation: "A secret.", group: "Fake", displayName: "Secret"),
    ])

    private struct State {
        var failures: [Failure] = []
        var contexts: [SinkTaskContext] = []
        var flushes = 0
        var running: Set<String> = []
        var overlaps = 0
    }

    private let state = Mutex(State())

    /// Attempts fail with these, first one first, before one works.
    func fail(_ failures: Failure...) { state.withLock { $0.failures = failures } }

    var contexts: [SinkTaskContext] { state.withLock { $0.contexts } }
    var flushes: Int { state.withLock { $0.flushes } }
    var running: Int { state.withLock { $0.running.count } }
    /// How often a task began while one of its number was still at work.
    var overlaps: Int { state.withLock { $0.overlaps } }

    func findings(in configuration: [String: String]) -> [String: [String]] {
        configuration["flush.size"] == "13" ? ["flush.size": ["thirteen goes with nothing"]] : [:]
    }

    func makeTask(_ context: SinkTaskContext) throws -> any SinkTask {
        state.withLock { $0.contexts.append(context) }
        return Task(sink: self, name: "\(context.connector)-\(context.task)")
    }

    private struct Task: SinkTask {
        let sink: FakeSink
        let name: String

        func run() async throws {
            let failure = sink.state.withLock { state -> Failure? in
                if !state.running.insert(name).inserted { state.overlaps += 1 }
                return state.failures.isEmpty ? nil : state.failures.removeFirst()
            }
            defer { sink.state.withLock { _ = $0.running.remove(name) } }
            if let failure { throw failure }
            await Gate().wait()
        }

        func flush() async throws { sink.state.withLock { $0.flushes += 1 } }

        func progress() -> [SinkProgress] { [FakeSink.progress] }
    }

    static let partition = FakePartition.partition
    static let progress = SinkProgress(
        partition: partition, committed: Offset(3), position: Offset(5), end: Offset(9), openFiles: 1,
        openRecords: 2, openBytes: 20, nextFlush: 1_700_000_000_000)
}

/// Offsets of connectors, in memory.
final class FakeOffsets: ConnectorOffsets {
    private let offsets = Mutex<[String: [TopicPartition: Offset]]>([:])

    func offsets(of connector: String) -> [TopicPartition: Offset] {
        offsets.withLock { $0[connector] ?? [FakeSink.partition: Offset(3)] }
    }

    func alter(_ changes: [TopicPartition: Offset?], of connector: String) {
        offsets.withLock { offsets in
            for (partition, offset) in changes { offsets[connector, default: [:]][partition] = offset }
        }
    }

    func reset(_ connector: String) { offsets.withLock { $0[connector] = [:] } }
}

/// A worker over a database in memory, and requests to it.
struct Bench {
    let sink = FakeSink()
    let database: DatabaseQueue
    let worker: ConnectWorker
    let api: ConnectAPI

    static let configuration = [
        "connector.class": "FakeSink", "topics": "me.pin", "flush.size": "1", "tasks.max": "2",
    ]

    init(_ change: (inout ConnectSettings) -> Void = { _ in }, database: DatabaseQueue? = nil) throws {
        var settings = ConnectSettings()
        settings.retryBackoffMilliseconds = 1
        settings.maxRetryBackoffMilliseconds = 2
        change(&settings)
        let queue = try database ?? DatabaseQueue()
        if database == nil {
            var migrator = DatabaseMigrator()
            ConnectStore.registerMigrations(&migrator)
            try migrator.migrate(queue)
        }
        self.database = queue
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        worker = ConnectWorker(
            plugins: [sink], settings: settings, references: Self.references(settings),
            workerID: "127.0.0.1:8080", store: ConnectStore(queue), offsets: FakeOffsets(), logger: logger,
            mayPass: { ($0 as? FakeSink.Failure)?.mayPass ?? false })
        let board = ConnectBoard()
        board.set(worker, clusterID: "cluster")
        api = ConnectAPI(
            board: board, levels: LogLevels(.info), identity: ConnectIdentity(version: "3.9.0", commit: "x"),
            maxRequestBytes: 1 << 20)
    }

    private static func references(_ settings: ConnectSettings) -> ConfigReferences {
        ConfigReferences(
            providers: settings.configProviders, environment: { $0 == "FLUSH" ? "7" : nil },
            file: { $0 == "secrets.properties" ? "key = value" : "" })
    }

    /// Runs the worker while a test goes on.
    func running(_ body: () async throws -> Void) async throws {
        try await worker.open()
        try await withThrowingTaskGroup { group in
            group.addTask { [worker] in try await worker.run() }
            try await body()
            group.cancelAll()
        }
    }

    /// Sends a request and returns the status and the body's text.
    func send(_ method: String, _ path: String, _ body: String = "") async -> (status: Int, text: String) {
        let answer = await answer(method, path, body)
        return (answer.status, String(decoding: answer.body ?? [], as: UTF8.self))
    }

    func answer(_ method: String, _ path: String, _ body: String = "") async -> ConnectResponse {
        let parts = path.split(separator: "?", maxSplits: 1)
        let query = parts.dropFirst().first?.split(separator: "&").map { pair in
            let sides = pair.split(separator: "=")
            return (name: String(sides[0]), value: sides.count > 1 ? String(sides[1]) : "")
        }
        return await api.answer(
            ConnectRequest(
                method: method, path: (parts.first ?? "").split(separator: "/").map(String.init),
                query: query ?? [], contentType: body.isEmpty ? nil : "application/json",
                body: Array(body.utf8)))
    }

    /// Waits until something holds; the test's time limit ends it otherwise.
    func eventually(_ condition: () -> Bool) async {
        while !condition() { await _Concurrency.Task.yield() }
    }

    static let body = """
        {"name":"s","config":{"connector.class":"FakeSink","topics":"me.pin","flush.size":1,"tasks.max":"2"}}
        """
}

/// The partition that fake tasks read.
private enum FakePartition {
    static let partition: TopicPartition = {
        guard let topic = TopicName("me.pin") else { preconditionFailure("a name") }
        return TopicPartition(topic, PartitionIndex(0))
    }()
}
