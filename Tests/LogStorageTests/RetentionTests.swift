import StreamModel
import Testing

@testable import LogStorage

@Suite struct RetentionTests {
    private static let closed = (0..<5).map {
        Retention.Segment(byteCount: 100, maxTimestamp: Int64($0) * 1000, endOffset: Int64($0 + 1) * 10)
    }

    private func expired(
        milliseconds: Int64 = -1, bytes: Int64 = -1, now: Int64 = 10_000, hold: Int64 = .max
    ) -> Int {
        Retention(milliseconds: milliseconds, bytes: bytes)
            .expired(Self.closed, activeBytes: 50, now: now, holdOffset: hold)
    }

    @Test func withoutLimitsNothingExpires() {
        #expect(expired(now: .max) == 0)
    }

    @Test(arguments: [(0, 0), (2000, 0), (2001, 1), (4000, 2), (7000, 5)] as [(Int64, Int)])
    func byAgeSegmentsExpireOnceTheirLastRecordIsOlder(now: Int64, count: Int) {
        #expect(expired(milliseconds: 2000, now: now) == count)
    }

    @Test(arguments: [(550, 0), (451, 0), (450, 1), (351, 1), (350, 2), (50, 5), (0, 5)] as [(Int64, Int)])
    func bySizeTheOldestExpireAsLongAsTheRestIsLargeEnough(bytes: Int64, count: Int) {
        #expect(expired(bytes: bytes) == count)
    }

    @Test(arguments: [(0, 0), (9, 0), (10, 1), (19, 1), (50, 5)] as [(Int64, Int)])
    func aHoldKeepsWhatItsReaderHasYetToSee(hold: Int64, count: Int) {
        #expect(expired(milliseconds: 0, bytes: 0, hold: hold) == count)
    }

    @Test func anUnexpiredSegmentKeepsThoseBehindIt() {
        var closed = Self.closed
        closed[1].maxTimestamp = .max
        let retention = Retention(milliseconds: 1, bytes: -1)
        #expect(retention.expired(closed, activeBytes: 0, now: 100_000, holdOffset: .max) == 1)
    }

    // MARK: On a log

    @Test func upkeepDeletesWhatIsPastTheSizeAndReadersAreTold() async throws {
        let fixture = LogFixture { $0.retentionBytes = 800 }
        try await fixture.withLog { log throws in
            for number in 0..<30 { _ = await log.send("\(number)") }
            log.performUpkeep()
            await log.settle()
            let range = try log.range(of: .zero)
            #expect(range == OffsetRange(start: Offset(15), end: Offset(30)))
            #expect(try log.values(from: 15) == (15..<30).map(String.init))
            #expect(throws: LogStorageError.self) { try log.values(from: 14) }
            #expect(fixture.paths("log").count == 3)
            #expect(fixture.paths("index").count == 3)
            #expect(fixture.paths("timeindex").count == 3)
        }
        try await fixture.withLog { log throws in
            #expect(try log.values(from: 15) == (15..<30).map(String.init))
            #expect(await log.send("30").firstOffset == 30)
        }
    }

    @Test func upkeepDeletesWhatIsTooOldAlsoAfterARestart() async throws {
        let fixture = LogFixture { $0.retentionMilliseconds = 1000 }
        try await fixture.withLog { log throws in
            for number in 0..<12 {
                _ = await log.send("\(number)")
                fixture.clock.advance(milliseconds: 100)
            }
        }
        try await fixture.withLog { log throws in
            log.performUpkeep()
            await log.settle()
            #expect(try log.range(of: .zero).start == Offset(0))
            fixture.clock.advance(milliseconds: 201)
            log.performUpkeep()
            await log.settle()
            #expect(try log.range(of: .zero).start == Offset(5))
            fixture.clock.advance(milliseconds: 1_000_000)
            log.performUpkeep()
            await log.settle()
            #expect(try log.range(of: .zero) == OffsetRange(start: Offset(10), end: Offset(12)))
        }
    }

    @Test(arguments: [[], [1, 2, 3]] as [[UInt8]?] + [nil])
    func aSegmentWhoseTimeIndexWasLostExpiresLikeAnyOther(left: [UInt8]?) async throws {
        let fixture = LogFixture { $0.retentionMilliseconds = 1000 }
        var times: [Int64] = []
        try await fixture.withLog { log throws in
            for number in 0..<12 {
                times.append(fixture.clock.milliseconds)
                _ = await log.send("\(number)")
                fixture.clock.advance(milliseconds: 100)
            }
        }
        let indexes = fixture.paths("timeindex").sorted().dropLast()
        #expect(indexes.count >= 2)
        let whole = indexes.map { fixture.disk[$0] }
        for path in indexes { fixture.disk[path] = left }
        try await fixture.withLog { log throws in
            for (number, time) in times.enumerated() {
                #expect(try log.firstRecord(of: .zero, atOrAfter: time)?.offset == Offset(Int64(number)))
            }
            log.performUpkeep()
            await log.settle()
            #expect(try log.range(of: .zero).start == Offset(0))
            #expect(indexes.map { fixture.disk[$0] } == whole)
            #expect(fixture.messages.all.contains { $0.contains("time indexes") })
            for (number, time) in times.enumerated() {
                #expect(try log.firstRecord(of: .zero, atOrAfter: time)?.offset == Offset(Int64(number)))
            }
            fixture.clock.advance(milliseconds: 201)
            log.performUpkeep()
            await log.settle()
            #expect(try log.range(of: .zero).start == Offset(5))
        }
    }

    @Test func aDamagedSegmentWithoutTimeIndexIsToldOfOnceAndKept() async throws {
        let fixture = LogFixture { $0.retentionMilliseconds = 1000 }
        try await fixture.withLog { log throws in
            for number in 0..<12 { _ = await log.send("\(number)") }
        }
        let path = try #require(fixture.paths("timeindex").min())
        let segment = try #require(fixture.paths("log").min())
        fixture.disk[path] = nil
        try await fixture.withLog { log throws in
            fixture.disk[segment] = fixture.disk[segment].map { [UInt8](repeating: 7, count: $0.count) }
            fixture.clock.advance(milliseconds: 1_000_000)
            for _ in 0..<3 {
                log.performUpkeep()
                await log.settle()
            }
            #expect(try log.range(of: .zero).start == Offset(0))
        }
        #expect(fixture.messages.all.filter { $0.contains("upkeep failed") }.count == 1)
    }

    @Test func aSmallSegmentLeftByAKillExpiresLikeAnyOther() async throws {
        let fixture = LogFixture {
            $0.segmentMilliseconds = 1000
            $0.retentionMilliseconds = 5000
        }
        let log = try fixture.open()
        _ = await log.send("a")
        fixture.crash(log)
        fixture.clock.advance(milliseconds: 2000)
        try await fixture.withLog { log throws in
            log.performUpkeep()
            await log.settle()
            _ = await log.send("b")
        }
        fixture.clock.advance(milliseconds: 10_000)
        try await fixture.withLog { log throws in
            log.performUpkeep()
            await log.settle()
            #expect(try log.range(of: .zero).start >= Offset(1))
        }
    }

    @Test func theEarliestOfSeveralHoldsDecides() async throws {
        let fixture = LogFixture { $0.retentionBytes = 0 }
        try await fixture.withLog { log throws in
            for number in 0..<30 { _ = await log.send("\(number)") }
            let position = Counter()
            log.addHold { _ in Offset(25) }
            log.addHold { _ in nil }
            log.addHold { $0 == .zero ? Offset(Int64(position.value)) : nil }
            log.performUpkeep()
            await log.settle()
            #expect(try log.range(of: .zero).start == Offset(0))
            for _ in 0..<12 { _ = position.next() }
            log.performUpkeep()
            await log.settle()
            #expect(try log.range(of: .zero).start == Offset(10))
            for _ in 0..<100 { _ = position.next() }
            log.performUpkeep()
            await log.settle()
            #expect(try log.range(of: .zero).start == Offset(25))
        }
    }

    @Test func aSegmentThatCannotBeDeletedIsTriedAgainAfterTheNextStart() async throws {
        let fixture = LogFixture { $0.retentionBytes = 0 }
        try await fixture.withLog { log throws in
            for number in 0..<30 { _ = await log.send("\(number)") }
            fixture.disk.refuse {
                $0.kind == .remove && $0.path.contains("10.log") ? .error(.inputOutput) : nil
            }
            log.performUpkeep()
            await log.settle()
            #expect(fixture.messages.all.contains { $0.contains("upkeep failed") })
            #expect(try log.values(from: 25) == (25..<30).map(String.init))
            fixture.disk.refuse(nil)
        }
        try await fixture.withLog { log throws in
            log.performUpkeep()
            await log.settle()
            #expect(fixture.paths("log") == ["log/user.pin/0/00000000000000000025.log"])
            #expect(try log.values(from: 25) == (25..<30).map(String.init))
        }
    }
}
