import Foundation
import GRDB
import Logging
import NIOCore
import NIOPosix
import StateStore
import StreamModel
import Synchronization
import Testing

@testable import Gateway

/// A log of one topic with two partitions, in memory; can take a part of the records and then be cut off.
final class MarkedLog: RecordAppender, RecordReader {
    struct Stored: Sendable {
        var value: String
        var headers: [RecordHeader]
    }

    private let stored = Mutex<[[Stored]]>([[], []])
    /// Takes only so many records of the next request, and never answers.
    let cutOff = Mutex<Int?>(nil)

    func append(
        _ records: RecordList, to topic: TopicName,
        completion: @escaping @Sendable (Result<AppendReceipt, AppendError>) -> Void
    ) {
        let cut = cutOff.withLock { cut in
            defer { cut = nil }
            return cut
        }
        let offsets = stored.withLock { stored in
            records.entries.prefix(cut ?? .max).enumerated().map { place, entry in
                let partition = (entry.partition?.rawValue).map(Int.init) ?? place % 2
                let value = entry.value.flatMap {
                    records.bytes.getString(at: records.bytes.readerIndex + $0.start, length: $0.count)
                }
                stored[partition].append(Stored(value: value ?? "null", headers: entry.headers))
                return AppendReceipt.TopicOffset(
                    partition: PartitionIndex(Int32(partition)),
                    offset: Offset(Int64(stored[partition].count - 1)))
            }
        }
        if cut == nil { completion(.success(.scattered(offsets))) }
    }

    var values: [String] { stored.withLock { $0.flatMap { $0.map(\.value) } }.sorted() }

    func partitions() -> [TopicPartition] { [] }

    func range(of partition: TopicPartition) throws -> OffsetRange {
        let index = Int(partition.partition.rawValue)
        return try stored.withLock { stored in
            guard stored.indices.contains(index) else { throw AppendError(.unknownPartition, "") }
            return OffsetRange(start: Offset(0), end: Offset(Int64(stored[index].count)))
        }
    }

    func read(
        _ partition: TopicPartition, from offset: Offset, maxBytes: Int,
        _ body: (borrowing RecordView) throws -> Void
    ) throws -> Offset {
        let records = stored.withLock { $0[Int(partition.partition.rawValue)] }
        for (index, record) in records.enumerated() where index >= Int(offset.rawValue) {
            try body(
                RecordView(
                    offset: Offset(Int64(index)), timestamp: 0, key: nil, value: nil, headers: record.headers)
            )
        }
        return Offset(Int64(records.count))
    }

    func waitForAppend(after generation: UInt64, timeout: Duration) -> UInt64 { generation }
}

@Suite struct IdempotencyTests {
    private let log = MarkedLog()
    private let state: GatewayState
    private let repeats: RequestRepeats
    private let loop = MultiThreadedEventLoopGroup.singleton.next()

    init() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "once-\(UUID().uuidString).sqlite")
        let database = try StateDatabase.open(path: path.path, tables: GatewayState.tables)
        state = GatewayState(database, writer: StateWriter(database))
        repeats = Self.repeats(state, log)
    }

    private static func repeats(_ state: GatewayState, _ log: MarkedLog, at time: Int64 = 1_767_323_045_000)
        -> RequestRepeats
    {
        RequestRepeats(
            settings: IdempotencySettings(), state: state, reader: log, clock: WallClock { time },
            logger: Logger(label: "test"))
    }

    private func key(
        _ key: String, body: String = "{}", path: String = "/topics/t", caller: String? = nil
    ) throws -> RequestKey {
        let fields = HTTPFields(ByteBuffer(string: "Idempotency-Key: \(key)\r\n"))
        let head = HTTPRequestHead(method: .post, target: path, fields: fields)
        let caller = Caller(name: caller, address: "127.0.0.1")
        return try #require(RequestKey(head, ByteBuffer(string: body), caller))
    }

    private func records(_ values: String...) -> RecordList {
        var bytes = ByteBuffer()
        let entries = values.map { value in
            let start = bytes.writerIndex
            bytes.writeString(value)
            return RecordList.Entry(value: .init(start: start, count: value.utf8.count))
        }
        return RecordList(bytes: bytes, entries: entries)
    }

    private func first(_ key: RequestKey, _ repeats: RequestRepeats? = nil) async throws -> RequestOnce {
        let beginning = try await (repeats ?? self.repeats).begin(key, on: loop).get()
        guard case .first(let request) = beginning else {
            throw AppendError(.failed, "\(beginning)")
        }
        return request
    }

    private func append(_ request: RequestOnce, _ records: RecordList) async throws -> AppendReceipt {
        let topic = try topic
        return try await withCheckedThrowingContinuation { continuation in
            var records = records
            records.once = request
            OnceAppender(log).append(records, to: topic) { continuation.resume(with: $0) }
        }
    }

    private var topic: TopicName {
        get throws { try #require(TopicName("t")) }
    }

    private func status(_ beginning: RequestRepeats.Beginning) -> Int? {
        switch beginning {
        case .first: nil
        case .answered(let response): response.status
        case .refused(let fault): fault.status
        }
    }

    @Test func aRepeatedRequestGetsTheFirstAnswer() async throws {
        let key = try key("a")
        let request = try await first(key)
        _ = try await append(request, records("1", "2"))
        request.answered(
            GatewayResponse(
                status: 200, contentType: "x/y", headers: [("A", "b: c")], body: ByteBuffer(string: "ok")))
        for _ in 0..<2 {
            guard case .answered(let answer) = try await repeats.begin(key, on: loop).get() else {
                Issue.record("it is served again")
                return
            }
            #expect(answer.status == 200)
            #expect(answer.contentType == "x/y")
            #expect(answer.headers.map { "\($0.name)=\($0.value)" } == ["A=b: c"])
            #expect(String(buffer: answer.body) == "ok")
            await written()
        }
        #expect(log.values == ["1", "2"])
    }

    /// Waits until all changes so far are durable.
    private func written() async {
        await withCheckedContinuation { continuation in
            state.writer.write({ _ in }, then: { _ in continuation.resume() })
        }
    }

    @Test func anotherBodyUnderTheSameKeyIsRefused() async throws {
        let request = try await first(key("a"))
        #expect(status(try await repeats.begin(key("a", body: "[]"), on: loop).get()) == 422)
        _ = try await append(request, records("1"))
        request.answered(GatewayResponse(status: 200))
        #expect(status(try await repeats.begin(key("a", body: "[]"), on: loop).get()) == 422)
        await written()
        #expect(status(try await repeats.begin(key("a", body: "[]"), on: loop).get()) == 422)
    }

    @Test func aKeyIsItsCallersAndItsPaths() async throws {
        let keys = try [
            key("a"), key("b"), key("a", path: "/topics/u"), key("a", caller: "alice"),
            key("a", caller: "127.0.0.1"),
        ]
        #expect(Set(keys.map(\.id)).count == keys.count)
    }

    @Test func thoseThatComeAtOnceWaitForTheFirst() async throws {
        let key = try key("a")
        let request = try await first(key)
        async let second = repeats.begin(key, on: loop).get()
        async let third = repeats.begin(key, on: loop).get()
        _ = try await append(request, records("1"))
        request.answered(GatewayResponse(status: 200))
        #expect(try await [status(second), status(third)] == [200, 200])
        #expect(log.values == ["1"])
    }

    @Test func afterARefusalTheNextOneIsServed() async throws {
        let key = try key("a")
        let request = try await first(key)
        let waiting = repeats.begin(key, on: loop)
        request.answered(GatewayResponse(status: 422))
        guard case .first(let second) = try await waiting.get() else {
            Issue.record("it is not served")
            return
        }
        second.answered(GatewayResponse(status: 422))
        #expect(try status(await repeats.begin(self.key("a", body: "[]"), on: loop).get()) == nil)
    }

    @Test(arguments: 0...3)
    func whatACrashCutOffIsMadeWhole(stored: Int) async throws {
        let key = try key("a")
        let request = try await first(key)
        let topic = try topic
        log.cutOff.withLock { $0 = stored }
        var list = records("1", "2", "3")
        list.once = request
        OnceAppender(log).append(list, to: topic) { _ in Issue.record("nobody is there to answer") }
        while log.cutOff.withLock({ $0 }) != nil { await Task.yield() }
        // Another process, over the same disk.
        let after = Self.repeats(state, log)
        let again = try await first(key, after)
        let receipt = try await append(again, records("1", "2", "3"))
        #expect(log.values == ["1", "2", "3"])
        #expect((0..<3).allSatisfy { receipt.offset(of: $0) != nil })
        again.answered(GatewayResponse(status: 200))
        #expect(status(try await after.begin(key, on: loop).get()) == 200)
        await after.shutDown()
    }

    @Test func aClientThatIsGoneLeavesWhatItStored() async throws {
        let key = try key("a")
        let request = try await first(key)
        _ = try await append(request, records("1"))
        request.abandon()
        let again = try await first(key)
        _ = try await append(again, records("1"))
        again.answered(GatewayResponse(status: 200))
        #expect(log.values == ["1"])
        await #expect(throws: AppendError.self) { try await append(request, records("1")) }
    }

    @Test func afterItsWindowAKeyIsNew() async throws {
        let key = try key("a")
        let request = try await first(key)
        _ = try await append(request, records("1"))
        request.answered(GatewayResponse(status: 200))
        await written()
        let later = Self.repeats(state, log, at: 1_767_323_045_000 + 86_400_000)
        let again = try await first(key, later)
        _ = try await append(again, records("1"))
        again.answered(GatewayResponse(status: 200))
        #expect(log.values == ["1", "1"])
        await later.shutDown()
    }

    @Test func forgetsTheOldestBeyondItsLimit() async throws {
        let memory = RequestMemory(state)
        let topic = try topic
        for number in 0..<10 {
            let key = try key("\(number)")
            memory.begin(key, .init(call: 0, topic: topic, ends: [0: 1]), at: Int64(number)) { _ in }
        }
        memory.trim(oldest: 2, maxKeys: 3)
        await written()
        let known = try (0..<10).filter { try memory.known(key("\($0)").id) != nil }
        #expect(known == [7, 8, 9])
    }

    @Test(arguments: ["", "a b", "é", String(repeating: "a", count: 256)])
    func refusesAKeyThatIsNone(text: String) {
        let fields = HTTPFields(ByteBuffer(string: "Idempotency-Key: \(text)\r\n"))
        let head = HTTPRequestHead(method: .post, target: "/", fields: fields)
        #expect(RequestKey(head, ByteBuffer(), .anonymous(from: "a")) == nil)
    }
}
