import StreamModel
import Testing

@testable import LogStorage

@Suite struct CommitTests {
    // MARK: When a record counts as stored

    @Test func underCommitNothingIsAcknowledgedBeforeItsFlush() async throws {
        let fixture = LogFixture()
        let log = try fixture.open()
        _ = await log.send("a")
        fixture.disk.holdFlushes()
        let isAnswered = Flag()
        async let answer = {
            let answer = await log.send("b")
            isAnswered.raise()
            return answer
        }()
        await eventually { fixture.disk.isHoldingAFlush }
        #expect(!isAnswered.isRaised)
        fixture.disk.releaseFlushes()
        #expect(await answer.firstOffset == 1)
        fixture.crash(log, losing: .everythingVolatile)
        try await fixture.withLog { log throws in #expect(try log.values() == ["a", "b"]) }
    }

    @Test func underCommitOneFlushServesAllThatWait() async throws {
        let fixture = LogFixture { $0.segmentBytes = 1 << 20 }
        try await fixture.withLog { log throws in
            _ = await log.send("a")
            fixture.disk.holdFlushes()
            async let first = log.send("b")
            await eventually { fixture.disk.isHoldingAFlush }
            let before = fixture.disk.flushes
            let waiting = log.waitingByteCount
            await withTaskGroup { group in
                for _ in 0..<10 { group.addTask { _ = await log.send("c") } }
                await eventually { log.waitingByteCount >= 11 * waiting }
                fixture.disk.releaseFlushes()
            }
            _ = await first
            #expect(fixture.disk.flushes == before + 2)
        }
    }

    @Test func withoutFlushesRecordsAreAcknowledgedAndCanBeReadAtOnce() async throws {
        let fixture = LogFixture {
            $0.flush = .none
            $0.segmentBytes = 1 << 20
        }
        let log = try fixture.open()
        _ = await log.send("a")
        let before = fixture.disk.flushes
        _ = await log.send("b")
        #expect(try log.values() == ["a", "b"])
        #expect(fixture.disk.flushes == before)
        fixture.crash(log)
        try await fixture.withLog { log throws in #expect(try log.values() == ["a", "b"]) }
    }

    @Test func withoutFlushesACleanStopMakesAllDurable() async throws {
        let fixture = LogFixture { $0.flush = .none }
        try await fixture.withLog { for number in 0..<20 { _ = await $0.send("\(number)") } }
        fixture.disk.restart(losing: .everythingVolatile)
        try await fixture.withLog { log throws in #expect(try log.values() == (0..<20).map(String.init)) }
    }

    @Test(arguments: [MemoryDisk.Loss.everythingVolatile, .anyPart])
    func withoutFlushesAPowerCutLeavesABeginningOfTheRecords(loss: MemoryDisk.Loss) async throws {
        for seed in 0..<40 as Range<UInt64> {
            let fixture = LogFixture { $0.flush = .none }
            let log = try fixture.open()
            for number in 0..<23 { _ = await log.send("\(number)") }
            fixture.crash(log, losing: loss, seed: seed)
            try await fixture.withLog { log throws in
                let values = log.partitions().isEmpty ? [] : try log.values()
                #expect(values == (0..<values.count).map(String.init), "seed \(seed)")
                #expect(await log.send("next").firstOffset == Int64(values.count), "seed \(seed)")
            }
        }
    }

    @Test func underIntervalTheFlushComesByTheClockThoughNothingElseArrives() async throws {
        let fixture = LogFixture { $0.flush = .interval(.milliseconds(5)) }
        let log = try fixture.open()
        try log.createTopic(.pins)
        let before = fixture.disk.flushes
        _ = await log.send("a")
        await eventually { fixture.disk.flushes > before }
        fixture.crash(log, losing: .everythingVolatile)
        try await fixture.withLog { log throws in #expect(try log.values() == ["a"]) }
    }

    @Test func underIntervalTheFlushComesOnlyWhenItIsDue() async throws {
        let fixture = LogFixture {
            $0.flush = .interval(.seconds(3600))
            $0.segmentBytes = 1 << 20
        }
        try await fixture.withLog { log throws in
            _ = await log.send("a")
            await log.settle()
            let before = fixture.disk.flushes
            _ = await log.send("b")
            await log.settle()
            #expect(fixture.disk.flushes == before)
            fixture.clock.advance(milliseconds: 3_600_001)
            _ = await log.send("c")
            await eventually { fixture.disk.flushes > before }
        }
    }

    // MARK: A full disk

    @Test func aFullDiskIsAnsweredAsSuchAndThePartitionGoesOnWhenThereIsRoom() async throws {
        let fixture = LogFixture { $0.segmentBytes = 1 << 20 }
        try await fixture.withLog { log throws in
            #expect(await log.send("a").firstOffset == 0)
            let used = fixture.disk.byteCount
            for room in [0, 1, 30, 60, 61, 70] {
                fixture.disk.capacity = used + room
                #expect(await log.send("refused").isRefused(.diskFull))
                #expect(try log.values() == ["a"])
            }
            fixture.disk.capacity = .max
            #expect(await log.send("b").firstOffset == 1)
            #expect(try log.values() == ["a", "b"])
            await eventually { log.waitingByteCount == 0 }
        }
        try await fixture.withLog { log throws in #expect(try log.values() == ["a", "b"]) }
    }

    @Test func nothingThatAFullDiskRefusedIsThereAfterAPowerCut() async throws {
        for seed in 0..<30 as Range<UInt64> {
            let fixture = LogFixture { $0.segmentBytes = 1 << 20 }
            let log = try fixture.open()
            _ = await log.send("a")
            // Room for two of the three that follow.
            fixture.disk.capacity = fixture.disk.byteCount + 160
            fixture.disk.holdFlushes()
            async let first = log.send("b")
            await eventually { fixture.disk.isHoldingAFlush }
            async let second = log.send("refused")
            async let third = log.send("refused too")
            await eventually { log.waitingByteCount >= 200 }
            fixture.disk.releaseFlushes()
            #expect(await [first.firstOffset, second.firstOffset, third.firstOffset] == [1, nil, nil])
            fixture.disk.capacity = .max
            fixture.crash(log, losing: .anyPart, seed: seed)
            try await fixture.withLog { log throws in #expect(try log.values() == ["a", "b"], "seed \(seed)")
            }
        }
    }

    @Test func aFullDiskWhileASegmentIsBegunLosesNothing() async throws {
        for kind in [MemoryDisk.Call.Kind.create, .append, .synchronize, .synchronizeFolder] {
            for skipped in 0..<3 {
                let fixture = LogFixture()
                try await fixture.withLog { log throws in
                    for number in 0..<4 { _ = await log.send("\(number)") }
                    let counter = Counter()
                    fixture.disk.refuse { call in
                        guard call.kind == kind, call.path.hasPrefix("log/user.pin") else { return nil }
                        return counter.next() == skipped ? .error(.diskFull) : nil
                    }
                    // Too large for what is left of the segment; the next one fits.
                    let large = await log.send(String(repeating: "x", count: 200))
                    fixture.disk.refuse(nil)
                    let small = await log.send("small")
                    #expect(large.firstOffset == 4 || small.firstOffset == 4 || small.errorCode == .failed)
                }
                try await fixture.withLog { log throws in
                    let values = try log.values()
                    #expect(values.starts(with: ["0", "1", "2", "3"]), "\(kind) \(skipped)")
                    #expect(await log.send("next").firstOffset == Int64(values.count), "\(kind) \(skipped)")
                    #expect(try log.values() == values + ["next"], "\(kind) \(skipped)")
                }
            }
        }
    }

    @Test func anIndexThatCannotBeWrittenCostsNoRecordAndNoStart() async throws {
        for kept in 0..<20 {
            let fixture = LogFixture { $0.segmentBytes = 1 << 20 }
            let log = try fixture.open()
            let counter = Counter()
            fixture.disk.refuse { call in
                guard call.kind == .append, call.path.hasSuffix("index"), counter.next() % 3 != 2 else {
                    return nil
                }
                return .torn(.diskFull, keeping: kept)
            }
            for number in 0..<30 { #expect(await log.send("\(number)").firstOffset == Int64(number)) }
            fixture.crash(log)
            try await fixture.withLog { log throws in
                #expect(log.status().isReady, "\(kept) bytes kept")
                #expect(try log.values() == (0..<30).map(String.init))
                #expect(try log.values(from: 29) == ["29"])
            }
        }
    }

    // MARK: A disk that fails

    @Test func aFailedFlushStopsThePartitionAndNoOther() async throws {
        let fixture = LogFixture()
        try await fixture.withLog { log throws in
            _ = await log.send("a")
            _ = await log.send("x", to: .named("other"))
            fixture.disk.refuse {
                $0.kind == .synchronize && $0.path.contains("user.pin") ? .error(.inputOutput) : nil
            }
            #expect(await log.send("b").isRefused(.failed))
            fixture.disk.refuse(nil)
            #expect(await log.send("c").isRefused(.failed))
            #expect(await log.send("y", to: .named("other")).firstOffset == 1)
            #expect(try log.values() == ["a"])
            #expect(!log.status().isReady)
            #expect(log.status().detail.contains("user.pin-0"))
            await eventually { log.waitingByteCount == 0 }
        }
        try await fixture.withLog { log throws in
            #expect(log.status().isReady)
            #expect(try log.values().first == "a")
        }
    }

    @Test func whatWaitsBehindAFailedFlushIsRefusedToo() async throws {
        let fixture = LogFixture()
        try await fixture.withLog { log throws in
            _ = await log.send("a")
            fixture.disk.holdFlushes()
            async let first = log.send("b")
            await eventually { fixture.disk.isHoldingAFlush }
            let one = log.waitingByteCount
            let codes = await withTaskGroup { group in
                for number in 0..<5 { group.addTask { await log.send("\(number)").errorCode } }
                await eventually { log.waitingByteCount >= 6 * one }
                fixture.disk.refuse { $0.kind == .synchronize ? .error(.inputOutput) : nil }
                fixture.disk.releaseFlushes()
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(await first.errorCode == .failed)
            #expect(codes == Array(repeating: .failed, count: 5))
            await eventually { log.waitingByteCount == 0 }
            await eventually { log.waitingRequestCount == 0 }
        }
    }

    @Test func aFailedWriteStopsThePartition() async throws {
        let fixture = LogFixture()
        try await fixture.withLog { log throws in
            _ = await log.send("a")
            fixture.disk.refuse { $0.kind == .append ? .torn(.inputOutput, keeping: 40) : nil }
            #expect(await log.send("b").isRefused(.failed))
            fixture.disk.refuse(nil)
            #expect(await log.send("c").isRefused(.failed))
        }
        try await fixture.withLog { log throws in #expect(try log.values() == ["a"]) }
    }

    @Test func underIntervalAFailedFlushStopsThePartition() async throws {
        let fixture = LogFixture { $0.flush = .interval(.milliseconds(5)) }
        try await fixture.withLog { log throws in
            try log.createTopic(.pins)
            fixture.disk.refuse { $0.kind == .synchronize ? .error(.inputOutput) : nil }
            _ = await log.send("a")
            while await log.send("b").firstOffset != nil {}
            #expect(await log.send("c").isRefused(.failed))
        }
    }
}

/// Something that happened once, told across threads.
final class Flag: Sendable {
    private let counter = Counter()

    var isRaised: Bool { counter.value > 0 }

    func raise() { _ = counter.next() }
}
