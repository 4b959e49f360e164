import StreamModel
import Testing

@testable import LogStorage

@Suite struct CommitTests {
    // MARK: When a record counts as stored

    @Test func underCommitNothingIsAcknowledgedBeforeItsFlush() async throws {
        let fixture = LogFixture()
        let log = try fixture.open()
        _ = await log.append("a")
        fixture.disk.holdFlushes()
        let isAnswered = Flag()
        async let answer = {
            let answer = await log.append("b")
            isAnswered.raise()
            return answer
        }()
        fixture.disk.waitForHeldFlush()
        #expect(!isAnswered.isRaised)
        fixture.disk.releaseFlushes()
        #expect(await answer.firstOffset == 1)
        fixture.crash(log, losing: .everythingVolatile)
        try await fixture.withLog { #expect(try $0.values() == ["a", "b"]) }
    }

    @Test func underCommitOneFlushServesAllThatWait() async throws {
        let fixture = LogFixture { $0.segmentBytes = 1 << 20 }
        try await fixture.withLog { log in
            _ = await log.append("a")
            fixture.disk.holdFlushes()
            async let first = log.append("b")
            fixture.disk.waitForHeldFlush()
            let before = fixture.disk.flushes
            let waiting = log.waitingByteCount
            await withTaskGroup { group in
                for _ in 0..<10 { group.addTask { _ = await log.append("c") } }
                while log.waitingByteCount < 11 * waiting { await Task.yield() }
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
        _ = await log.append("a")
        let before = fixture.disk.flushes
        _ = await log.append("b")
        #expect(try log.values() == ["a", "b"])
        #expect(fixture.disk.flushes == before)
        fixture.crash(log)
        try await fixture.withLog { #expect(try $0.values() == ["a", "b"]) }
    }

    @Test func withoutFlushesACleanStopMakesAllDurable() async throws {
        let fixture = LogFixture { $0.flush = .none }
        try await fixture.withLog { for number in 0..<20 { _ = await $0.append("\(number)") } }
        fixture.disk.restart(losing: .everythingVolatile)
        try await fixture.withLog { #expect(try $0.values() == (0..<20).map(String.init)) }
    }

    @Test(arguments: [MemoryDisk.Loss.everythingVolatile, .anyPart])
    func withoutFlushesAPowerCutLeavesABeginningOfTheRecords(loss: MemoryDisk.Loss) async throws {
        for seed in 0..<40 as Range<UInt64> {
            let fixture = LogFixture { $0.flush = .none }
            let log = try fixture.open()
            for number in 0..<23 { _ = await log.append("\(number)") }
            fixture.crash(log, losing: loss, seed: seed)
            try await fixture.withLog { log in
                let values = log.partitions().isEmpty ? [] : try log.values()
                #expect(values == (0..<values.count).map(String.init), "seed \(seed)")
                #expect(await log.append("next").firstOffset == Int64(values.count), "seed \(seed)")
            }
        }
    }

    @Test func underIntervalTheFlushComesByTheClockThoughNothingElseArrives() async throws {
        let fixture = LogFixture { $0.flush = .interval(.milliseconds(5)) }
        let log = try fixture.open()
        try log.createTopic(.pins)
        let before = fixture.disk.flushes
        _ = await log.append("a")
        #expect(fixture.disk.waitForFlushes(more: before))
        fixture.crash(log, losing: .everythingVolatile)
        try await fixture.withLog { #expect(try $0.values() == ["a"]) }
    }

    @Test func underIntervalTheFlushComesOnlyWhenItIsDue() async throws {
        let fixture = LogFixture {
            $0.flush = .interval(.seconds(3600))
            $0.segmentBytes = 1 << 20
        }
        try await fixture.withLog { log in
            _ = await log.append("a")
            await log.settle()
            let before = fixture.disk.flushes
            _ = await log.append("b")
            await log.settle()
            #expect(fixture.disk.flushes == before)
            fixture.clock.advance(milliseconds: 3_600_001)
            _ = await log.append("c")
            #expect(fixture.disk.waitForFlushes(more: before))
        }
    }

    // MARK: A full disk

    @Test func aFullDiskIsAnsweredAsSuchAndThePartitionGoesOnWhenThereIsRoom() async throws {
        let fixture = LogFixture { $0.segmentBytes = 1 << 20 }
        try await fixture.withLog { log in
            #expect(await log.append("a").firstOffset == 0)
            let used = fixture.disk.byteCount
            for room in [0, 1, 30, 60, 61, 70] {
                fixture.disk.capacity = used + room
                #expect(await log.append("refused").errorCode == .diskFull)
                #expect(try log.values() == ["a"])
            }
            fixture.disk.capacity = .max
            #expect(await log.append("b").firstOffset == 1)
            #expect(try log.values() == ["a", "b"])
            #expect(log.waitingByteCount == 0)
        }
        try await fixture.withLog { #expect(try $0.values() == ["a", "b"]) }
    }

    @Test func nothingThatAFullDiskRefusedIsThereAfterAPowerCut() async throws {
        for seed in 0..<30 as Range<UInt64> {
            let fixture = LogFixture { $0.segmentBytes = 1 << 20 }
            let log = try fixture.open()
            _ = await log.append("a")
            fixture.disk.capacity = fixture.disk.byteCount + 100
            fixture.disk.holdFlushes()
            async let first = log.append("b")
            fixture.disk.waitForHeldFlush()
            async let second = log.append("refused")
            async let third = log.append("refused too")
            while log.waitingByteCount < 200 { await Task.yield() }
            fixture.disk.releaseFlushes()
            #expect(await [first.firstOffset, second.firstOffset, third.firstOffset] == [1, nil, nil])
            fixture.disk.capacity = .max
            fixture.crash(log, losing: .anyPart, seed: seed)
            try await fixture.withLog { #expect(try $0.values() == ["a", "b"], "seed \(seed)") }
        }
    }

    @Test func aFullDiskWhileASegmentIsBegunLosesNothing() async throws {
        for kind in [MemoryDisk.Call.Kind.create, .append, .synchronize, .synchronizeFolder] {
            for skipped in 0..<3 {
                let fixture = LogFixture()
                try await fixture.withLog { log in
                    for number in 0..<4 { _ = await log.append("\(number)") }
                    let counter = Counter()
                    fixture.disk.refuse { call in
                        guard call.kind == kind, call.path.hasPrefix("log/user.pin") else { return nil }
                        return counter.next() == skipped ? .error(.diskFull) : nil
                    }
                    // Too large for what is left of the segment; the next one fits.
                    let large = await log.append(String(repeating: "x", count: 200))
                    fixture.disk.refuse(nil)
                    let small = await log.append("small")
                    #expect(large.firstOffset == 4 || small.firstOffset == 4 || small.errorCode == .failed)
                }
                try await fixture.withLog { log in
                    let values = try log.values()
                    #expect(values.starts(with: ["0", "1", "2", "3"]), "\(kind) \(skipped)")
                    #expect(await log.append("next").firstOffset == Int64(values.count), "\(kind) \(skipped)")
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
                guard call.kind == .append, call.path.hasSuffix("index"), counter.next() % 3 != 2 else { return nil }
                return .torn(.diskFull, keeping: kept)
            }
            for number in 0..<30 { #expect(await log.append("\(number)").firstOffset == Int64(number)) }
            fixture.crash(log)
            try await fixture.withLog { log in
                #expect(log.status().isReady, "\(kept) bytes kept")
                #expect(try log.values() == (0..<30).map(String.init))
                #expect(try log.values(from: 29) == ["29"])
            }
        }
    }

    // MARK: A disk that fails

    @Test func aFailedFlushStopsThePartitionAndNoOther() async throws {
        let fixture = LogFixture()
        try await fixture.withLog { log in
            _ = await log.append("a")
            _ = await log.append("x", to: .named("other"))
            fixture.disk.refuse { $0.kind == .synchronize && $0.path.contains("user.pin") ? .error(.inputOutput) : nil }
            #expect(await log.append("b").errorCode == .failed)
            fixture.disk.refuse(nil)
            #expect(await log.append("c").errorCode == .failed)
            #expect(await log.append("y", to: .named("other")).firstOffset == 1)
            #expect(try log.values() == ["a"])
            #expect(!log.status().isReady)
            #expect(log.status().detail.contains("user.pin-0"))
            #expect(log.waitingByteCount == 0)
        }
        try await fixture.withLog { log in
            #expect(log.status().isReady)
            #expect(try log.values().first == "a")
        }
    }

    @Test func whatWaitsBehindAFailedFlushIsRefusedToo() async throws {
        let fixture = LogFixture()
        try await fixture.withLog { log in
            _ = await log.append("a")
            fixture.disk.holdFlushes()
            async let first = log.append("b")
            fixture.disk.waitForHeldFlush()
            let codes = await withTaskGroup { group in
                for number in 0..<5 { group.addTask { await log.append("\(number)").errorCode } }
                while log.waitingByteCount < 6 * 70 { await Task.yield() }
                fixture.disk.refuse { $0.kind == .synchronize ? .error(.inputOutput) : nil }
                fixture.disk.releaseFlushes()
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(await first.errorCode == .failed)
            #expect(codes == Array(repeating: .failed, count: 5))
            #expect(log.waitingByteCount == 0)
        }
    }

    @Test func aFailedWriteStopsThePartition() async throws {
        let fixture = LogFixture()
        try await fixture.withLog { log in
            _ = await log.append("a")
            fixture.disk.refuse { $0.kind == .append ? .torn(.inputOutput, keeping: 40) : nil }
            #expect(await log.append("b").errorCode == .failed)
            fixture.disk.refuse(nil)
            #expect(await log.append("c").errorCode == .failed)
        }
        try await fixture.withLog { #expect(try $0.values() == ["a"]) }
    }

    @Test func underIntervalAFailedFlushStopsThePartition() async throws {
        let fixture = LogFixture { $0.flush = .interval(.milliseconds(5)) }
        try await fixture.withLog { log in
            try log.createTopic(.pins)
            fixture.disk.refuse { $0.kind == .synchronize ? .error(.inputOutput) : nil }
            _ = await log.append("a")
            while await log.append("b").firstOffset != nil {}
            #expect(await log.append("c").errorCode == .failed)
        }
    }
}

/// Something that happened once, told across threads.
final class Flag: Sendable {
    private let counter = Counter()

    var isRaised: Bool { counter.value > 0 }

    func raise() { _ = counter.next() }
}
