import ObjectStore
import StreamModel
import Testing

@testable import Sinks

/// A crash in each gap between two steps of a commit, with files that the wall clock closes.
@Suite struct ExactlyOnceTests {
    static let points = [
        "sink.after-write", "sink.after-plan", "sink.after-upload", "sink.before-commit", "sink.after-commit",
        "sink.before-delete",
    ]
    static let wallClock = [
        "flush.size": "1000", "rotate.schedule.interval.ms": "1000", "timezone": "UTC", "locale": "en",
        "partitioner.class": ConnectClasses.timeBasedPartitioner, "partition.duration.ms": "1000",
        "path.format": "HH/mm/ss",
    ]

    let fixture: ConnectorFixture

    init() throws {
        fixture = try ConnectorFixture()
    }

    /// Long enough for the spool, where it says so.
    private func values(_ range: Range<Int>, long: Bool) -> [String?] {
        range.map { "\"\($0)\(long ? String(repeating: "x", count: 40_000) : "")\"" }
    }

    private func numbers() async -> [Int] {
        await fixture.store.lines("topics/").compactMap { line in
            Int(line.filter { $0.isNumber })
        }.sorted()
    }

    @Test(arguments: points, [false, true])
    func everyRecordIsStoredOnceAfterACrash(at point: String, long: Bool) async throws {
        fixture.log.add(values(0..<5, long: long))
        fixture.crash(at: point)
        let task = try fixture.makeTask(Self.wallClock)
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await task.run() }
            await fixture.log.whenRead()
            fixture.clock.advance(milliseconds: 1000)
            _ = try? await group.next()
        }
        // The next task begins at another time of the clock, and finds more.
        fixture.clock.advance(milliseconds: 500)
        fixture.log.add(values(5..<8, long: long))
        try await fixture.withTask(Self.wallClock) { task in
            try await fixture.settle(task)
            fixture.clock.advance(milliseconds: 1000)
            try await fixture.settle(task)
            await eventually { fixture.spoolFiles.isEmpty || !long }
        }
        #expect(await numbers() == Array(0..<8))
        #expect(try fixture.positions.offsets(of: "pins to/S3") == [.pins: Offset(8)])
    }

    @Test(arguments: ScriptedStore.Fault.allCases)
    func aStoreThatFailsIsTriedAgain(_ fault: ScriptedStore.Fault) async throws {
        fixture.log.add(values(0..<6, long: false))
        fixture.store.fail(fault)
        try await fixture.runTask()
        #expect(await numbers() == Array(0..<6))
    }

    @Test func anObjectWithTheSameBytesCountsAsStored() async throws {
        let key = try #require(ObjectKey("topics/u.pin/partition=0/u.pin+0+0000000000.json"))
        _ = try await fixture.store.put(Array("0\n1\n2\n".utf8), as: key, options: PutOptions())
        fixture.log.add("0", "1", "2")
        try await fixture.runTask()
        #expect(try fixture.positions.offsets(of: "pins to/S3") == [.pins: Offset(3)])
    }

    @Test func anObjectWithOtherBytesIsNeverWrittenOverAndStopsTheTask() async throws {
        let key = try #require(ObjectKey("topics/u.pin/partition=0/u.pin+0+0000000000.json"))
        _ = try await fixture.store.put(Array("other".utf8), as: key, options: PutOptions())
        fixture.log.add("0", "1", "2")
        let failure = try await fixture.failure()
        #expect(failure.contains(key.rawValue))
        #expect(await fixture.text(key.rawValue) == "other")
    }

    @Test func withoutConditionalWritesObjectsAreWrittenOver() async throws {
        let key = try #require(ObjectKey("topics/u.pin/partition=0/u.pin+0+0000000000.json"))
        _ = try await fixture.store.put(Array("other".utf8), as: key, options: PutOptions())
        fixture.log.add("0", "1", "2")
        try await fixture.runTask(["enable.conditional.writes": "false"])
        #expect(await fixture.text(key.rawValue) == "0\n1\n2\n")
    }

    @Test func spoolFilesThatNoPlanNeedsAreDeleted() async throws {
        fixture.log.add(values(0..<3, long: true))
        try await fixture.withTask(["flush.size": "100"]) { try await fixture.settle($0) }
        #expect(fixture.spoolFiles.count == 1)
        try await fixture.withTask(["flush.size": "3"]) { task in
            try await fixture.settle(task)
            await eventually { fixture.spoolFiles.isEmpty }
        }
        #expect(await numbers() == Array(0..<3))
    }

    @Test func aReadThatFailsHalfWayIsRepeatedWithoutRepeatingRecords() async throws {
        fixture.log.add(values(0..<2, long: false))
        fixture.log.failReads(1)
        try await fixture.withTask(["flush.size": "2"]) { task in
            await fixture.log.whenRead()
            fixture.clock.advance(milliseconds: 10)
            try await fixture.settle(task)
        }
        #expect(await numbers() == [0, 1])
    }
}

extension ExactlyOnceTests {
    @Test func whatWasPlannedBehindADamagedSpoolFileIsReadAgainToo() throws {
        func commit(_ start: Int64, _ checksum: UInt32) throws -> PreparedCommit {
            let object = PreparedObject(
                key: try #require(ObjectKey("o\(start)")),
                content: SpoolContent(place: .memory([]), size: 0, checksum: checksum), start: Offset(start),
                end: Offset(start), recordCount: 1)
            return PreparedCommit(
                partition: .pins, topic: .life(0), objects: [object], letters: [], next: Offset(start + 1))
        }
        let (intact, damaged) = S3SinkTask.sorted([try commit(0, 0), try commit(1, 1), try commit(2, 0)])
        #expect(intact.compactMap(\.next) == [Offset(1)])
        #expect(damaged.compactMap(\.next) == [Offset(2), Offset(3)])
    }
}
