import KafkaWire
import StreamModel
import Testing

@testable import LogStorage

@Suite struct SegmentTests {
    @Test func aSegmentIsClosedBeforeItGrowsPastItsSize() async throws {
        let fixture = LogFixture()
        try await fixture.withLog { log throws in
            for number in 0..<30 { _ = await log.send("\(number)") }
        }
        let logs = fixture.paths("log")
        #expect(logs.count == 6)
        for path in logs { #expect(fixture.disk[path]?.count ?? 0 <= 400) }
    }

    @Test func aSegmentIsNamedByTheOffsetOfItsFirstRecord() async throws {
        let fixture = LogFixture()
        try await fixture.withLog { log throws in
            for number in 0..<12 { _ = await log.send("\(number)") }
        }
        #expect(
            fixture.paths("log") == [
                "log/user.pin/0/00000000000000000000.log", "log/user.pin/0/00000000000000000005.log",
                "log/user.pin/0/00000000000000000010.log",
            ])
    }

    @Test func aBatchLargerThanASegmentGetsOneOfItsOwn() async throws {
        let fixture = LogFixture()
        let large = String(repeating: "x", count: 1000)
        try await fixture.withLog { log throws in
            for value in ["a", large, "b"] { _ = await log.send(value) }
            #expect(try log.values() == ["a", large, "b"])
        }
        #expect(fixture.paths("log").count == 3)
    }

    @Test func aSegmentIsClosedWhenItsFirstRecordIsOld() async throws {
        let fixture = LogFixture {
            $0.segmentBytes = 1 << 20
            $0.segmentMilliseconds = 1000
        }
        try await fixture.withLog { log throws in
            _ = await log.send("a")
            fixture.clock.advance(milliseconds: 1000)
            _ = await log.send("b")
            #expect(fixture.paths("log").count == 1)
            fixture.clock.advance(milliseconds: 1)
            _ = await log.send("c")
            #expect(fixture.paths("log").count == 2)
            #expect(try log.values() == ["a", "b", "c"])
        }
    }

    @Test func upkeepClosesAnOldSegmentThoughNothingArrives() async throws {
        let fixture = LogFixture {
            $0.segmentBytes = 1 << 20
            $0.segmentMilliseconds = 1000
        }
        try await fixture.withLog { log throws in
            _ = await log.send("a")
            fixture.clock.advance(milliseconds: 1001)
            log.performUpkeep()
            await log.settle()
            #expect(fixture.paths("log").count == 2)
            log.performUpkeep()
            await log.settle()
            #expect(fixture.paths("log").count == 2)
            #expect(await log.send("b").firstOffset == 1)
            #expect(try log.values() == ["a", "b"])
        }
    }

    @Test func theAgeOfASegmentSurvivesARestart() async throws {
        let fixture = LogFixture {
            $0.segmentBytes = 1 << 20
            $0.segmentMilliseconds = 1000
        }
        try await fixture.withLog { _ = await $0.send("a") }
        fixture.clock.advance(milliseconds: 1001)
        try await fixture.withLog { log throws in
            _ = await log.send("b")
            #expect(fixture.paths("log").count == 2)
        }
    }

    @Test func aClosedSegmentsIndexesAreDurable() async throws {
        let fixture = LogFixture()
        let log = try fixture.open()
        for number in 0..<6 { _ = await log.send("\(number)") }
        fixture.crash(log, losing: .everythingVolatile)
        let index = try SegmentFiles(directory: "log/user.pin/0", baseOffset: 0).loadIndex(from: fixture.disk)
        #expect(index.entries.last?.relativeOffset == 4)
        #expect(index.times.last?.timestamp == fixture.clock.milliseconds)
    }

    @Test func aClosedSegmentsIndexesEndWithItsLastBatchAndGreatestTime() async throws {
        let fixture = LogFixture()
        try await fixture.withLog { log throws in
            for number in 0..<6 {
                _ = await log.send("\(number)")
                fixture.clock.advance(milliseconds: 10)
            }
        }
        let files = SegmentFiles(directory: "log/user.pin/0", baseOffset: 0)
        let index = try files.loadIndex(from: fixture.disk)
        #expect(index.entries.last?.relativeOffset == 4)
        #expect(index.times.last == .init(timestamp: 1_700_000_000_040, relativeOffset: 4))
    }

    @Test(
        arguments: [
            ("00000000000000000000.log", 0), ("00000000000000000123.log", 123),
            ("09223372036854775807.log", .max),
            ("99999999999999999999.log", nil), ("0000000000000000000.log", nil),
            ("0000000000000000000a.log", nil),
            ("00000000000000000000.index", nil), ("+0000000000000000001.log", nil), (".log", nil), ("", nil),
        ] as [(String, Int64?)])
    func readsTheBaseOffsetInAFileName(name: String, offset: Int64?) {
        #expect(SegmentFiles.baseOffset(ofLogNamed: name) == offset)
    }
}

@Suite struct SparseIndexTests {
    private let index = SparseIndex(
        entries: [.init(relativeOffset: 10, position: 100), .init(relativeOffset: 20, position: 200)],
        times: [])

    @Test(arguments: [(0, 0), (9, 0), (10, 100), (19, 100), (20, 200), (.max, 200)] as [(UInt32, Int)])
    func findsTheLastEntryThatIsNotPastTheOffset(offset: UInt32, position: Int) {
        #expect(index.position(of: offset) == position)
    }

    @Test func entriesSurviveTheirFileForm() {
        var index = SparseIndex()
        var indexed = Int64.min
        index.append(.init(relativeOffset: 1, position: 50), maxTimestamp: 5, ifPast: &indexed)
        index.append(.init(relativeOffset: 9, position: .max), maxTimestamp: 5, ifPast: &indexed)
        index.append(.init(relativeOffset: .max, position: .max), maxTimestamp: 7, ifPast: &indexed)
        #expect(index.times.map(\.timestamp) == [5, 7])
        #expect(index.times.map(\.relativeOffset) == [1, .max])
        let entries = index.encodedEntries().withUnsafeBytes { SparseIndex.decodeEntries($0) }
        let times = index.encodedTimes().withUnsafeBytes { SparseIndex.decodeTimes($0) }
        // The third entry's position does not follow the second's.
        #expect(entries == Array(index.entries.prefix(2)))
        #expect(times == index.times)
    }

    @Test func readingAFileStopsWhereItNoLongerRises() {
        let bytes: [UInt8] = [
            0, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 10, 1, 2, 3,
        ]
        #expect(
            bytes.withUnsafeBytes { SparseIndex.decodeEntries($0) } == [.init(relativeOffset: 1, position: 9)]
        )
        #expect(bytes[..<7].withUnsafeBytes { SparseIndex.decodeEntries($0) }.isEmpty)
        #expect(bytes[..<11].withUnsafeBytes { SparseIndex.decodeTimes($0) }.isEmpty)
    }
}
