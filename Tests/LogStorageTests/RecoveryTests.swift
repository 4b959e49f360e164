import StreamModel
import Synchronization
import Testing

@testable import LogStorage

@Suite struct RecoveryTests {
    /// What was acknowledged, by topic.
    private final class Acknowledged: Sendable {
        private let values = Mutex<[TopicName: [String]]>([:])

        var all: [TopicName: [String]] { values.withLock { $0 } }

        func add(_ appended: [String], to topic: TopicName, at offset: Int64) {
            values.withLock {
                #expect(Int64($0[topic, default: []].count) == offset)
                $0[topic, default: []] += appended
            }
        }
    }

    /// Appends to two topics so that segments roll and are indexed; stops at the first refusal.
    private func fill(_ log: CommitLog, _ acknowledged: Acknowledged, from start: Int = 0) async {
        for number in start..<start + 9 {
            for topic in [TopicName.pins, .named("user.geo")] {
                let values = (0...number % 3).map { "\(number).\($0)" }
                guard let offset = await log.append(RecordList(values), to: topic).firstOffset else { return }
                acknowledged.add(values, to: topic, at: offset)
            }
            log.performUpkeep()
        }
    }

    @Test(arguments: MemoryDisk.Loss.allCases)
    func afterAPowerCutAtAnyStepEveryAcknowledgedRecordIsThereOnceAndInOrder(loss: MemoryDisk.Loss)
        async throws
    {
        let whole = LogFixture()
        try await whole.withLog { await fill($0, Acknowledged()) }
        let steps = whole.disk.calls
        #expect(steps > 60)
        for step in 0..<steps {
            try await cutPower(at: step, losing: loss)
        }
    }

    private func cutPower(at step: Int, losing loss: MemoryDisk.Loss) async throws {
        let fixture = LogFixture()
        let acknowledged = Acknowledged()
        fixture.disk.refuse { $0.number == step ? .powerCut : nil }
        let log = CommitLog(
            directory: "log", settings: fixture.settings, disk: fixture.disk, clock: fixture.clock.wall,
            logger: fixture.messages.logger)
        if (try? log.open()) != nil { await fill(log, acknowledged) }
        fixture.crash(log, losing: loss, seed: UInt64(step))
        try await fixture.withLog { log throws in
            #expect(log.status().isReady, "step \(step)")
            for (topic, values) in acknowledged.all {
                let partition = TopicPartition(topic, PartitionIndex(0))
                let found = try log.values(partition)
                #expect(found.starts(with: values), "step \(step)")
                #expect(Set(found).count == found.count, "step \(step)")
                #expect(await log.send("next", to: topic).firstOffset == Int64(found.count), "step \(step)")
                #expect(try log.values(partition) == found + ["next"], "step \(step)")
            }
        }
    }

    @Test(arguments: [MemoryDisk.Loss.nothing, .anyPart])
    func aPowerCutDuringRecoveryCostsNothingEither(loss: MemoryDisk.Loss) async throws {
        for step in 0..<12 {
            let fixture = LogFixture()
            let acknowledged = Acknowledged()
            let log = try fixture.open()
            await fill(log, acknowledged)
            fixture.disk.refuse { $0.kind == .append ? .powerCut : nil }
            _ = await log.send("torn", "torn")
            fixture.crash(log)
            let before = fixture.disk.calls
            fixture.disk.refuse { $0.number == before + step ? .powerCut : nil }
            if let log = try? fixture.open() { fixture.crash(log, losing: loss, seed: UInt64(step)) }
            fixture.disk.restart(losing: loss, seed: UInt64(step))
            try await fixture.withLog { log throws in
                for (topic, values) in acknowledged.all {
                    #expect(
                        try log.values(TopicPartition(topic, PartitionIndex(0))) == values, "step \(step)")
                }
            }
        }
    }

    @Test func aTornTailIsCutOffAndLogged() async throws {
        let fixture = LogFixture()
        let log = try fixture.open()
        _ = await log.send("a")
        fixture.crash(log)
        let path = try #require(fixture.paths("log").first)
        let whole = try #require(fixture.disk[path])
        for tail in [
            [0], Array(whole.dropLast()), [UInt8](repeating: 0, count: 5000), Array(whole.reversed()),
        ] {
            fixture.disk[path] = whole + tail
            try await fixture.withLog { log throws in
                #expect(fixture.disk[path] == whole)
                #expect(try log.values() == ["a"])
            }
            #expect(fixture.messages.all.last?.contains("bytes=\(tail.count)") == true)
        }
        try await fixture.withLog { #expect(await $0.send("b").firstOffset == 1) }
    }

    @Test func aTornBatchIsCutOffAtEachOfItsBytes() async throws {
        let fixture = LogFixture { $0.indexIntervalBytes = 1 << 20 }
        let log = try fixture.open()
        for value in ["a", "b", "c"] { _ = await log.send(value) }
        fixture.crash(log)
        let path = try #require(fixture.paths("log").first)
        let whole = try #require(fixture.disk[path])
        let batch = whole.count / 3
        for length in 0...whole.count {
            fixture.disk[path] = Array(whole.prefix(length))
            let log = try fixture.open()
            #expect(try log.values() == Array(["a", "b", "c"].prefix(length / batch)), "\(length) bytes")
            fixture.crash(log)
        }
    }

    @Test func aBatchWithTheWrongOffsetEndsTheTail() async throws {
        let fixture = LogFixture { $0.indexIntervalBytes = 1 << 20 }
        let log = try fixture.open()
        for value in ["a", "b", "c"] { _ = await log.send(value) }
        fixture.crash(log)
        let path = try #require(fixture.paths("log").first)
        let whole = try #require(fixture.disk[path])
        let batch = whole.count / 3
        fixture.disk[path] = Array(whole.prefix(batch) + whole.suffix(batch) + whole.suffix(batch))
        try await fixture.withLog { log throws in #expect(try log.values() == ["a"]) }
    }

    @Test(arguments: [true, false])
    func aStartReadsOnlyTheEndOfTheLastSegment(isCleanStop: Bool) async throws {
        let fixture = LogFixture {
            $0.segmentBytes = 1 << 20
            $0.indexIntervalBytes = 4096
        }
        let log = try fixture.open()
        let values = (0..<1500).map { "\($0) " + String(repeating: "x", count: 1000) }
        for start in stride(from: 0, to: 1500, by: 10) {
            _ = await log.append(RecordList(Array(values[start..<start + 10])))
        }
        if isCleanStop { log.close() } else { fixture.crash(log) }
        let before = fixture.disk.readBytes
        let opened = try fixture.open()
        #expect(fixture.disk.readBytes - before < 64 << 10)
        #expect(try opened.values() == values)
        opened.close()
    }

    @Test func aCleanStopLeavesNothingToCutOrToWarnOf() async throws {
        let fixture = LogFixture()
        for _ in 0..<3 {
            try await fixture.withLog { log throws in
                for number in 0..<7 { _ = await log.send("\(number)") }
            }
        }
        try await fixture.withLog { log throws in
            #expect(try log.values() == (0..<21).map { "\($0 % 7)" })
        }
        #expect(fixture.messages.all == [])
    }

    @Test func recoveryTellsWhatItFound() async throws {
        let fixture = LogFixture()
        let log = try fixture.open()
        for number in 0..<4 { _ = await log.send("\(number)") }
        fixture.crash(log)
        let files = SegmentFiles(directory: "log/user.pin/0", baseOffset: 0)
        let found = try SegmentRecovery(files: files, disk: fixture.disk).recover()
        #expect(found.nextOffset == 4)
        #expect(found.byteCount == fixture.disk[files.log]?.count)
        #expect(found.maxTimestamp == fixture.clock.milliseconds)
        #expect(found.firstTimestamp == fixture.clock.milliseconds)
        #expect(found.cutBytes == 0)
    }
}
