import Synchronization
import Testing

@testable import Emulation

/// A clock whose sleepers wake at once, with the time moved on to when they wanted to wake.
private final class ManualClock: Clock {
    struct Instant: InstantProtocol {
        var offset: Duration
        func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        func duration(to other: Instant) -> Duration { other.offset - offset }
        static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    private let time = Mutex(Instant(offset: .zero))

    var now: Instant { time.withLock { $0 } }
    var minimumResolution: Duration { .zero }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try Task.checkCancellation()
        time.withLock { $0 = max($0, deadline) }
    }
}

/// A network that answers by a script and remembers what was sent.
private final class ScriptedNetwork: RecordPoster {
    struct Request: Equatable {
        /// Method and path.
        var line: String
        var body: String
        var at: Duration
    }

    typealias Script = @Sendable (_ attempt: Int, _ records: Int) -> Result<PostedAnswer, PostingFailure>

    private let requests = Mutex<[Request]>([])
    private let clock: ManualClock
    private let script: Script

    var sent: [Request] { requests.withLock { $0 } }

    init(_ clock: ManualClock, _ script: @escaping Script = { .success(ScriptedNetwork.taken($1)) }) {
        self.clock = clock
        self.script = script
    }

    func post(_ request: PostingRequest) async throws(PostingFailure) -> PostedAnswer {
        let text = String(decoding: request.body, as: UTF8.self)
        let line = "\(request.method.rawValue) \(request.path)"
        let attempt = requests.withLock { requests in
            requests.append(Request(line: line, body: text, at: clock.now.offset))
            return requests.count - 1
        }
        return try script(attempt, request.recordCount).get()
    }

    static func taken(_ records: Int) -> PostedAnswer {
        let offset = #"{"partition":0,"offset":0,"error_code":null,"error":null}"#
        let offsets = Array(repeating: offset, count: records).joined(separator: ",")
        return PostedAnswer(status: 200, body: Array("{\"offsets\":[\(offsets)]}".utf8))
    }
}

/// Posts whose rows are their numbers; posts that three divides have no user.
private struct NumberSource: PostSource {
    var postCount: Int? { nil }
    var notes: [String] { [] }

    func append(_ table: EmulatedTable, ofPost number: Int, to bytes: inout [UInt8]) -> Bool {
        guard table != .user || number % 3 != 0 else { return false }
        bytes.appendDecimal(number)
        return true
    }
}

@Suite struct EmulatorTests {
    private let clock = ManualClock()

    private func run(
        _ network: ScriptedNetwork, through interfaces: [PostingInterface] = [.kafka], posts: Int,
        rate: Double? = nil, concurrency: Int = 1, batch: Int = 1, maxRetries: Int = 10
    ) async throws -> EmulationReport {
        let settings = EmulationSettings(
            id: "id", interfaces: interfaces, posts: posts, rate: rate, concurrency: concurrency,
            batch: batch,
            retry: RetryPolicy(maxRetries: maxRetries))
        let emulator = Emulator(source: NumberSource(), settings: settings, network: network, clock: clock)
        return try await emulator.run()
    }

    @Test func eachPostIsPinThenPlaceThenUser() async throws {
        let network = ScriptedNetwork(clock)
        let report = try await run(network, posts: 2)
        #expect(
            network.sent.map(\.line) == [
                "POST /topics/id.pin", "POST /topics/id.geo", "POST /topics/id.pin", "POST /topics/id.geo",
                "POST /topics/id.user",
            ])
        #expect(network.sent.last?.body == #"{"records":[{"value":1}]}"#)
        #expect(report.tally.sent == 5)
        #expect(report.tally.acknowledged == 5)
        #expect(report.tally.posts == 2)
    }

    @Test func batchPutsRowsOfOneTableInOneRequest() async throws {
        let network = ScriptedNetwork(clock)
        let report = try await run(network, posts: 5, batch: 4)
        #expect(
            network.sent.map(\.body).prefix(3) == [
                #"{"records":[{"value":0},{"value":1},{"value":2},{"value":3}]}"#,
                #"{"records":[{"value":0},{"value":1},{"value":2},{"value":3}]}"#,
                #"{"records":[{"value":1},{"value":2}]}"#,
            ])
        #expect(report.tally.sent == 13)
    }

    @Test func streamsTakeOneRowARequestWithItsPartitionKey() async throws {
        let network = ScriptedNetwork(clock) { _, _ in .success(Self.sequenceNumbers(1)) }
        let report = try await run(network, through: [.kinesis], posts: 2)
        #expect(
            network.sent.map(\.line).suffix(2) == [
                "PUT /streams/streaming-id-geo/record", "PUT /streams/streaming-id-user/record",
            ])
        #expect(
            network.sent.last?.body
                == #"{"StreamName":"streaming-id-user","Data":1,"PartitionKey":"1"}"#)
        #expect(report.tally.acknowledged == 5)
    }

    @Test func batchPutsRowsOfOneStreamInOneRequest() async throws {
        let network = ScriptedNetwork(clock) { _, records in .success(Self.sequenceNumbers(records)) }
        let report = try await run(network, through: [.kinesis], posts: 3, batch: 3)
        #expect(network.sent.map(\.line).last == "PUT /streams/streaming-id-user/records")
        #expect(
            network.sent.last?.body
                == #"{"StreamName":"streaming-id-user","records":["#
                + #"{"data":1,"partition-key":"1"},{"data":2,"partition-key":"2"}]}"#)
        #expect(report.tally.acknowledged == 8)
    }

    @Test func bothInterfacesGetEachRow() async throws {
        let network = ScriptedNetwork(clock) { attempt, records in
            .success(attempt.isMultiple(of: 2) ? ScriptedNetwork.taken(records) : Self.sequenceNumbers(1))
        }
        let report = try await run(network, through: [.kafka, .kinesis], posts: 1)
        #expect(
            network.sent.map(\.line).prefix(2) == [
                "POST /topics/id.pin", "PUT /streams/streaming-id-pin/record",
            ])
        #expect(report.tally.acknowledged == 4)
    }

    private static func sequenceNumbers(_ records: Int) -> PostedAnswer {
        let answer = #"{"SequenceNumber":"49","ShardId":"shardId-000000000000"}"#
        let answers = Array(repeating: answer, count: records).joined(separator: ",")
        let text = records == 1 ? answer : "{\"FailedRecordCount\":0,\"Records\":[\(answers)]}"
        return PostedAnswer(status: 200, body: Array(text.utf8))
    }

    @Test func sendersShareThePostsWithoutRepeatingAny() async throws {
        let network = ScriptedNetwork(clock)
        let report = try await run(network, posts: 200, concurrency: 7)
        let pins = network.sent.filter { $0.line == "POST /topics/id.pin" }.map(\.body)
        #expect(Set(pins).count == 200)
        #expect(pins.count == 200)
        #expect(report.tally.failed == 0)
    }

    @Test func postsWaitUntilTheyAreDue() async throws {
        let network = ScriptedNetwork(clock)
        _ = try await run(network, posts: 3, rate: 2)
        let starts = network.sent.filter { $0.line == "POST /topics/id.pin" }.map(\.at)
        #expect(starts == [.zero, .milliseconds(500), .seconds(1)])
    }

    @Test func busyServerIsAskedAgainAfterTheTimeItNames() async throws {
        let network = ScriptedNetwork(clock) { attempt, records in
            attempt == 0
                ? .success(PostedAnswer(status: 429, retryAfter: "2", body: []))
                : .success(ScriptedNetwork.taken(records))
        }
        let report = try await run(network, posts: 1)
        #expect(network.sent.map(\.at).prefix(2) == [.zero, .seconds(2)])
        #expect(network.sent[0].body == network.sent[1].body)
        #expect(report.tally.retried == 1)
        #expect(report.tally.failed == 0)
    }

    @Test func refusedRecordsAreNotSentAgain() async throws {
        let network = ScriptedNetwork(clock) { _, _ in
            .success(PostedAnswer(status: 422, body: Array(#"{"error_code":42203,"message":"no"}"#.utf8)))
        }
        let report = try await run(network, posts: 1)
        #expect(network.sent.count == 2)
        #expect(report.tally.failed == 2)
        #expect(
            report.tally.complaints == ["pin: 422, error_code 42203: no", "geo: 422, error_code 42203: no"])
    }

    @Test func lostConnectionIsRetriedUntilTheLimit() async throws {
        let network = ScriptedNetwork(clock) { _, _ in .failure(PostingFailure(.connectionLost, "closed")) }
        let report = try await run(network, posts: 1, maxRetries: 2)
        #expect(network.sent.count == 6)
        #expect(report.tally.failed == 2)
        #expect(report.tally.complaints.first == "pin: closed; given up after 3 attempts")
    }

    @Test func serverThatIsNotThereAtTheStartEndsTheRunAtOnce() async {
        let network = ScriptedNetwork(clock) { _, _ in .failure(PostingFailure(.cannotConnect, "refused")) }
        await #expect(throws: EmulationError(.serverUnreachable, "refused")) {
            try await run(network, posts: 10, concurrency: 3)
        }
        #expect(network.sent.count <= 3)
    }

    @Test func serverThatGoesAwayLaterIsWaitedFor() async throws {
        let network = ScriptedNetwork(clock) { attempt, records in
            (1...4).contains(attempt)
                ? .failure(PostingFailure(.cannotConnect, "refused"))
                : .success(ScriptedNetwork.taken(records))
        }
        let report = try await run(network, posts: 2)
        #expect(report.tally.retried == 4)
        #expect(report.tally.acknowledged == 5)
    }

    @Test func stopLetsThePostUnderWayBeFinished() async throws {
        let holder = Mutex<Emulator<ManualClock>?>(nil)
        let network = ScriptedNetwork(clock) { attempt, records in
            if attempt == 3 { holder.withLock { $0 }?.stop() }
            return .success(ScriptedNetwork.taken(records))
        }
        let settings = EmulationSettings(id: "id", posts: nil, concurrency: 1)
        let emulator = Emulator(source: NumberSource(), settings: settings, network: network, clock: clock)
        holder.withLock { $0 = emulator }
        let report = try await emulator.run()
        #expect(report.tally.posts == 2)
        #expect(report.tally.acknowledged == 5)
    }

    @Test func stopEndsTheWaitForAServer() async throws {
        let holder = Mutex<Emulator<ManualClock>?>(nil)
        let network = ScriptedNetwork(clock) { attempt, _ in
            if attempt == 1 { holder.withLock { $0 }?.stop() }
            return .success(PostedAnswer(status: 503, body: []))
        }
        let settings = EmulationSettings(id: "id", posts: 5, concurrency: 1)
        let emulator = Emulator(source: NumberSource(), settings: settings, network: network, clock: clock)
        holder.withLock { $0 = emulator }
        let report = try await emulator.run()
        #expect(report.tally.failed > 0)
        #expect(report.tally.complaints.first == "pin: 503; stopped")
    }
}
