import GRDB
import NIOCore
import StreamModel
import Synchronization

@testable import Kinesis

/// A service over a log in memory, with a clock that stands until it is set.
final class TestKinesis: Sendable {
    let service: KinesisService
    let log: MemoryLog
    let time: TestTime

    init(_ settings: KinesisSettings = KinesisSettings()) throws {
        let time = TestTime()
        log = MemoryLog(clock: time.clock)
        let database = try DatabaseQueue()
        var migrator = DatabaseMigrator()
        StreamStore.registerMigrations(&migrator)
        try migrator.migrate(database)
        service = try KinesisService(
            appender: log, reader: log, topics: log, store: StreamStore(database), settings: settings,
            clock: time.clock)
        self.time = time
    }

    /// The answer's JSON as text, or the error.
    func ask(_ action: KinesisAction, _ json: String, region: String = "us-east-1") async throws -> String {
        try await answer(action, json, region: region).get()
    }

    func answer(
        _ action: KinesisAction, _ json: String, region: String = "us-east-1",
        allows: (@Sendable (AccessOperation, AccessResource) -> Bool)? = nil
    ) async -> Result<String, KinesisError> {
        var request = KinesisRequest(
            action: action, codec: .json, body: ByteBuffer(string: json), region: region)
        request.allows = allows
        return await withCheckedContinuation { [request] continuation in
            service.perform(request) { answer in
                switch answer {
                case .done(let body): continuation.resume(returning: .success(String(buffer: body)))
                case .failed(let error): continuation.resume(returning: .failure(error))
                case .subscription: continuation.resume(returning: .success("subscription"))
                }
            }
        }
    }
}

/// A clock that stands until it is set.
final class TestTime: Sendable {
    private let milliseconds = Mutex<Int64>(1_700_000_000_000)

    var clock: WallClock { WallClock { self.milliseconds.withLock { $0 } } }

    func advance(by milliseconds: Int64) { self.milliseconds.withLock { $0 += milliseconds } }
}

extension String {
    /// The text of a member of a JSON object, the first of its name.
    func member(_ name: String) -> String? {
        guard let start = firstRange(of: "\"\(name)\":\"")?.upperBound else { return nil }
        return String(self[start...].prefix { $0 != "\"" })
    }
}
