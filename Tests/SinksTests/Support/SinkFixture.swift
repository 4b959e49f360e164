import Foundation
import Logging
import StateStore
import StreamModel
import Synchronization
import Testing

@testable import Sinks

/// A log, a store, a state database and a clock, from which sinks can be started one after the other.
final class SinkFixture: Sendable {
    let log = MemoryLog()
    let store = ScriptedStore()
    let clock = TestClock()
    let folder: TemporaryFolder
    let positions: SinkPositions
    private let database: StateDatabase.Connection
    let settings: SinkSettings

    /// Objects of three records, closed every ten seconds, unless told otherwise.
    init(_ change: (inout SinkSettings) -> Void = { _ in }) throws {
        folder = try TemporaryFolder()
        var settings = SinkSettings()
        settings.flushSize = 3
        settings.rotateScheduleMilliseconds = 10_000
        settings.retryBackoffMilliseconds = 1
        change(&settings)
        self.settings = settings
        database = try StateDatabase.open(path: folder.state, tables: [SinkPositions.registerMigrations])
        positions = SinkPositions(sink: "test", database: database)
    }

    /// - Parameter state: another name, and the sink knows nothing of what those before it did.
    func makeSink(state: String = "test") -> ObjectSink {
        ObjectSink(
            settings: settings, reader: log, appender: log, store: store,
            positions: SinkPositions(sink: state, database: database),
            clock: clock.wall, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            accepts: { $0.rawValue.hasSuffix(".pin") })
    }

    /// Runs a sink through the body and stops it then, as a kill would: at once, whatever it is about.
    func withSink<Result: Sendable>(
        state: String = "test", _ body: @Sendable (ObjectSink) async throws -> Result
    ) async throws -> Result {
        let sink = makeSink(state: state)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await sink.run() }
            defer { group.cancelAll() }
            return try await body(sink)
        }
    }

    /// Runs a sink until all that is there has been read, and stored as far as it is due.
    func runSink(state: String = "test") async throws {
        try await withSink(state: state) { _ in await self.log.whenRead() }
    }

    /// Closes every object that is open.
    func passSchedule() { clock.advance(milliseconds: settings.rotateScheduleMilliseconds) }
}

/// The time of day, as the test sets it.
final class TestClock: Sendable {
    private let now = Atomic<Int64>(1_700_000_000_000)

    var wall: WallClock { WallClock { [self] in now.load(ordering: .relaxed) } }

    func set(_ milliseconds: Int64) { now.store(milliseconds, ordering: .relaxed) }

    func advance(milliseconds: Int64) { now.add(milliseconds, ordering: .relaxed) }
}

/// A folder that is removed at the end of its test.
final class TemporaryFolder: Sendable {
    let path = FileManager.default.temporaryDirectory.path + "/sinks-" + UUID().uuidString

    var state: String { path + "/state.sqlite" }

    init() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// Waits until a condition holds that other threads bring about; records an issue if it does not come to hold.
func eventually(_ condition: () -> Bool, sourceLocation: SourceLocation = #_sourceLocation) async {
    let deadline = ContinuousClock.now + .seconds(20)
    while !condition() {
        guard ContinuousClock.now < deadline else {
            Issue.record("the condition does not come to hold", sourceLocation: sourceLocation)
            return
        }
        await Task.yield()
    }
}
