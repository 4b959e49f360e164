import KafkaWire
import NIOCore
import StreamModel
import Testing

@testable import LogStorage

@Suite struct CompactionTests {
    /// Rounds of new values for a few keys; returns the newest of each with its offset.
    private func write(_ log: CommitLog, rounds: Range<Int>, keys: Int = 5) async -> [SeenRecord] {
        var newest: [String: SeenRecord] = [:]
        for round in rounds {
            for number in 0..<keys where (round + number) % 3 != 0 || newest["k\(number)"] == nil {
                let key = "k\(number)"
                let offset = await log.put(key, "\(round)").firstOffset ?? -1
                newest[key] = SeenRecord(offset: offset, key: key, value: "\(round)")
            }
        }
        return newest.values.sorted { $0.offset < $1.offset }
    }

    private func withoutTimes(_ records: [SeenRecord]) -> [SeenRecord] {
        records.map { SeenRecord(offset: $0.offset, key: $0.key, value: $0.value) }
    }

    @Test func ofEachKeyTheNewestRecordStaysAtItsOffset() async throws {
        let fixture = LogFixture.compacting()
        let newest = try await fixture.withLog { log throws in
            let newest = await write(log, rounds: 0..<12)
            await log.fillUp()
            let before = try (log.byteCount(of: .zero), log.range(of: .zero))
            await log.compactNow()
            #expect(try withoutTimes(log.seen()) == newest)
            #expect(try log.byteCount(of: .zero) < before.0 / 2)
            #expect(try log.range(of: .zero) == before.1)
            return newest
        }
        try await fixture.withLog { log throws in
            #expect(try withoutTimes(log.seen()) == newest)
            #expect(await log.put("k0", "new").firstOffset == (try log.range(of: .zero).end.rawValue) - 1)
        }
        #expect(fixture.messages.all == [])
    }

    @Test func readingBeginsAtAnyOffsetAndInStepsOfAnySize() async throws {
        let fixture = LogFixture.compacting { $0.indexIntervalBytes = 1 }
        try await fixture.withLog { log throws in
            let newest = await write(log, rounds: 0..<12)
            await log.fillUp()
            await log.compactNow()
            let end = try log.range(of: .zero).end.rawValue
            for start in 0...end {
                for step in [1, 100, 1 << 20] {
                    #expect(
                        try withoutTimes(log.seen(from: start, step: step))
                            == newest.filter { $0.offset >= start })
                }
                guard start < end else { continue }
                let batches = try log.readBatches(from: start).bytes
                let header = try batches.withUnsafeReadableBytes { try RecordBatchHeader($0) }
                #expect(header.baseOffset <= start && header.nextOffset > start)
            }
        }
    }

    @Test func compactingAgainGoesOnWithWhatIsNew() async throws {
        let fixture = LogFixture.compacting()
        try await fixture.withLog { log throws in
            for round in 0..<6 {
                let newest = await write(log, rounds: round * 10..<round * 10 + 10)
                await log.fillUp()
                await log.compactNow()
                #expect(try withoutTimes(log.seen()) == newest, "round \(round)")
            }
            #expect(try log.byteCount(of: .zero) < 2000)
        }
        #expect(fixture.messages.all == [])
    }

    @Test func withoutAnythingNewNothingIsWritten() async throws {
        let fixture = LogFixture.compacting()
        try await fixture.withLog { log throws in
            _ = await write(log, rounds: 0..<12)
            await log.fillUp()
            await log.compactNow()
        }
        try await fixture.withLog { log throws in
            let calls = fixture.disk.calls
            await log.compactNow()
            #expect(fixture.disk.calls - calls < 12, "the topic that settles the log is all that is written")
        }
    }

    @Test func aTopicThatIsNotCompactedKeepsAll() async throws {
        let fixture = LogFixture { $0.segmentBytes = 200 }
        try await fixture.withLog { log throws in
            for number in 0..<20 { await log.put("k", "\(number)") }
            await log.compactNow()
            #expect(try log.seen().count == 20)
            try log.configure(.pins, TopicConfiguration(["cleanup.policy": "compact"]))
            await log.compactNow()
            #expect(try log.seen().count < 6)
            #expect(try log.seen().last?.value == "19")
        }
    }

    @Test func recordsWithoutAKeyGo() async throws {
        let fixture = LogFixture { $0.minCleanableRatio = 0 }
        try await fixture.withLog { log throws in
            _ = await log.send("a")
            await log.put("k", "b")
            await log.fillUp()
            try log.configure(.pins, TopicConfiguration(["cleanup.policy": "compact"]))
            await log.compactNow()
            #expect(try log.seen().map(\.value) == ["b"])
        }
    }

    // MARK: Tombstones

    @Test func aTombstoneStaysForItsTimeAndThenGoes() async throws {
        let fixture = LogFixture.compacting { $0.deleteRetentionMilliseconds = 1000 }
        try await fixture.withLog { log throws in
            await log.put("a", "1")
            await log.put("b", "1")
            await log.put("a", nil)
            let time = fixture.clock.milliseconds
            await log.fillUp()
            await log.compactNow()
            let left = [
                SeenRecord(offset: 1, key: "b", value: "1", timestamp: time),
                SeenRecord(offset: 2, key: "a", value: nil, timestamp: time),
            ]
            #expect(try log.seen() == left)
            fixture.clock.advance(milliseconds: 999)
            await log.fillUp()
            await log.compactNow()
            #expect(try log.seen() == left)
            fixture.clock.advance(milliseconds: 1)
            await log.fillUp()
            await log.compactNow()
            #expect(try log.seen() == [left[0]])
        }
    }

    @Test func aKeyThatComesBackAfterItsTombstoneStays() async throws {
        let fixture = LogFixture.compacting { $0.deleteRetentionMilliseconds = 0 }
        try await fixture.withLog { log throws in
            await log.put("a", "1")
            await log.put("a", nil)
            await log.fillUp()
            await log.compactNow()
            await log.put("a", "2")
            await log.fillUp()
            await log.compactNow()
            #expect(try log.seen().map(\.value) == ["2"])
        }
    }

    // MARK: What keeps records

    @Test func nothingIsCompactedThatAReaderHasYetToSee() async throws {
        let fixture = LogFixture.compacting()
        try await fixture.withLog { log throws in
            let released = Counter()
            log.addHold { $0.topic == .pins ? Offset(released.value == 0 ? 8 : 100) : nil }
            for number in 0..<20 { await log.put("k", "\(number)") }
            await log.fillUp()
            await log.compactNow()
            #expect(try log.seen(from: 8).map(\.offset) == Array(8..<20))
            #expect(try log.seen().count < 20)
            _ = released.next()
            await log.compactNow()
            #expect(try log.seen().map(\.value) == ["19"])
        }
    }

    @Test func youngRecordsAreNotCompacted() async throws {
        let fixture = LogFixture.compacting { $0.minCompactionLag = 1000 }
        try await fixture.withLog { log throws in
            for number in 0..<20 { await log.put("k", "\(number)") }
            await log.fillUp()
            fixture.clock.advance(milliseconds: 999)
            await log.compactNow()
            #expect(try log.seen().count == 20)
            fixture.clock.advance(milliseconds: 1)
            await log.compactNow()
            #expect(try log.seen().count == 1)
        }
    }

    @Test func theSegmentBeingWrittenIsClosedForCompactionWhenItsRecordsAreOverdue() async throws {
        let fixture = LogFixture.compacting {
            $0.segmentBytes = 1 << 20
            $0.minCleanableRatio = 1
            $0.maxCompactionLag = 1000
        }
        try await fixture.withLog { log throws in
            for number in 0..<5 { await log.put("k", "\(number)") }
            await log.compactNow()
            #expect(try log.seen().count == 5)
            fixture.clock.advance(milliseconds: 1001)
            await log.compactNow()
            #expect(try log.seen().map(\.value) == ["4"])
        }
    }

    // MARK: Limits

    @Test(arguments: [1, 24 * 4, 24 * 10, 1 << 16])
    func withLittleMemoryItTakesSeveralPasses(bytes: Int) async throws {
        let fixture = LogFixture.compacting { $0.compactionBufferBytes = bytes }
        try await fixture.withLog { log throws in
            let newest = await write(log, rounds: 0..<12, keys: 12)
            await log.fillUp()
            await log.compactNow()
            #expect(try withoutTimes(log.seen()) == newest)
        }
    }

    @Test func withBothPoliciesOldSegmentsGoToo() async throws {
        let fixture = LogFixture.compacting {
            $0.cleanupPolicy = .init(deletes: true, compacts: true)
            $0.retentionMilliseconds = 1000
        }
        try await fixture.withLog { log throws in
            await log.put("a", "1")
            await log.put("a", "2")
            await log.fillUp()
            await log.compactNow()
            #expect(try log.seen().map(\.value) == ["2"])
            fixture.clock.advance(milliseconds: 1001)
            await log.fillUp()
            await log.compactNow()
            #expect(try log.range(of: .zero).start > Offset(2))
        }
    }

    @Test func withCompactAloneOldSegmentsStay() async throws {
        let fixture = LogFixture.compacting { $0.retentionMilliseconds = 1000 }
        try await fixture.withLog { log throws in
            await log.put("a", "1")
            await log.fillUp()
            fixture.clock.advance(milliseconds: 2000)
            await log.compactNow()
            #expect(try log.seen().map(\.value) == ["1"])
        }
    }

    // MARK: Batches of clients

    @Test(arguments: Compression.allCases)
    func compressedBatchesLoseTheRecordsThatAreOld(compression: Compression) async throws {
        let fixture = LogFixture.compacting { $0.segmentBytes = 300 }
        try await fixture.withLog { log throws in
            try log.createTopic(.pins)
            let text = String(repeating: "long ", count: 20)
            for round in 0..<6 {
                let batch = ClientBatch(["a\(round)" + text, "b\(round)" + text, "c\(round)" + text])
                    .keyed("a", round == 0 ? "once" : "b", "c")
                #expect(
                    await log.append(bytes: try batch.compressed(compression)).baseOffset == Int64(round * 3))
            }
            await log.fillUp()
            await log.compactNow()
            let seen = try log.seen()
            #expect(seen.map(\.offset) == [1, 15, 16, 17])
            #expect(seen.map { $0.value?.prefix(2) } == ["b0", "a5", "b5", "c5"])
        }
    }

    @Test func sequenceNumbersAreKnownAfterTheirRecordsWent() async throws {
        let fixture = LogFixture.compacting { $0.segmentBytes = 150 }
        try await fixture.withLog { log throws in
            try log.createTopic(.pins)
            _ = await log.append(ClientBatch(["1"], by: 7, sequence: 0).keyed("a"))
            _ = await log.append(ClientBatch(["2"], by: 7, sequence: 1).keyed("a"))
            await log.put("a", "3")
            await log.fillUp()
            await log.compactNow()
            #expect(try log.seen().map(\.value) == ["3"])
        }
        for path in fixture.paths("snapshot") { fixture.disk[path] = nil }
        try await fixture.withLog { log throws in
            let late = ClientBatch(["5"], by: 7, sequence: 5).keyed("a")
            #expect(await log.append(late).refusal == .outOfOrderSequence)
            let next = ClientBatch(["4"], by: 7, sequence: 2).keyed("a")
            #expect(await log.append(next).baseOffset != nil)
        }
    }

    @Test func recordsOfAbortedTransactionsGoAndThoseOfOpenOnesStay() async throws {
        let fixture = LogFixture.compacting { $0.segmentBytes = 200 }
        try await fixture.withLog { log throws in
            try log.createTopic(.pins)
            _ = await log.append(ClientBatch(["kept"]).keyed("a"))
            _ = await log.append(
                ClientBatch(["aborted"], by: 1, sequence: 0, isTransactional: true).keyed("a"))
            _ = await log.append(
                ClientBatch(["committed"], by: 2, sequence: 0, isTransactional: true).keyed("b"))
            _ = await log.end(1, commits: false)
            _ = await log.end(2, commits: true)
            let openStart = await log.append(
                ClientBatch(["open"], by: 3, sequence: 0, isTransactional: true).keyed("b")
            ).baseOffset
            for number in 0..<6 { _ = await log.append(ClientBatch(["later \(number)"]).keyed("c")) }
            await log.compactNow()
            #expect(try log.seen().map(\.value) == ["kept", "committed"])
            #expect(try log.range(of: .zero).end.rawValue == openStart)
            _ = await log.end(3, commits: true)
            await log.fillUp()
            await log.compactNow()
            #expect(try log.readBatches(from: 0, .readCommitted).aborted == [])
            #expect(try log.seen().map(\.value) == ["kept", "open", "later 5"])
        }
        try await fixture.withLog { log throws in
            #expect(try log.seen().map(\.value) == ["kept", "open", "later 5"])
        }
    }

    @Test func endsOfTransactionsWithoutRecordsGoWhenTheyAreOld() async throws {
        let fixture = LogFixture.compacting {
            $0.segmentBytes = 200
            $0.deleteRetentionMilliseconds = 1000
        }
        try await fixture.withLog { log throws in
            try log.createTopic(.pins)
            for number in 0..<20 as Range<Int32> {
                _ = await log.append(
                    ClientBatch(["\(number)"], by: 1, sequence: number, isTransactional: true).keyed("a"))
                _ = await log.end(1, commits: number % 2 == 1)
            }
            await log.fillUp()
            await log.compactNow()
            let young = try log.byteCount(of: .zero)
            fixture.clock.advance(milliseconds: 1001)
            await log.fillUp()
            await log.compactNow()
            #expect(try log.byteCount(of: .zero) < young - 10 * ControlBatch.byteCount)
            #expect(try log.seen().map(\.value) == ["19"])
        }
        for path in fixture.paths("snapshot") { fixture.disk[path] = nil }
        try await fixture.withLog { log throws in
            #expect(try log.seen().map(\.value) == ["19"])
            #expect(try log.range(of: .zero).end.rawValue == log.offsets(of: .zero).end.rawValue)
        }
    }

    @Test func searchingByTimeFindsWhatIsLeft() async throws {
        let fixture = LogFixture.compacting()
        try await fixture.withLog { log throws in
            var times: [Int64] = []
            for number in 0..<20 {
                times.append(fixture.clock.milliseconds)
                await log.put(number % 5 == 0 ? "once \(number)" : "k", "\(number)")
                fixture.clock.advance(milliseconds: 100)
            }
            await log.fillUp()
            await log.compactNow()
            #expect(try log.firstRecord(of: .zero, atOrAfter: times[1])?.offset == Offset(5))
            #expect(try log.firstRecord(of: .zero, atOrAfter: times[15])?.offset == Offset(15))
            #expect(try log.firstRecord(of: .zero, atOrAfter: times[16])?.offset == Offset(19))
        }
    }

    // MARK: Others at the same time

    @Test func readersAndWritersGoOnWhileItWorks() async throws {
        let fixture = LogFixture.compacting { $0.indexIntervalBytes = 1 }
        try await fixture.withLog { log throws in
            await log.put("k0", "first")
            let done = Counter()
            await withTaskGroup { group in
                for _ in 0..<3 {
                    group.addTask {
                        while done.value == 0 {
                            do {
                                let seen = try log.seen(step: 200)
                                #expect(seen.map(\.offset) == seen.map(\.offset).sorted())
                            } catch {
                                Issue.record(error)
                                return
                            }
                            await Task.yield()
                        }
                    }
                }
                group.addTask {
                    for number in 0..<400 {
                        await log.put("k\(number % 7)", "\(number)")
                        if number % 20 == 0 { log.performUpkeep() }
                    }
                    _ = done.next()
                }
            }
            await log.fillUp()
            await log.compactNow()
            #expect(try log.seen().map(\.value) == (393..<400).map(String.init))
        }
        #expect(fixture.messages.all == [])
    }

    @Test func deletionsOfRecordsAndTopicsDoNotDisturbIt() async throws {
        let fixture = LogFixture.compacting()
        try await fixture.withLog { log throws in
            await withTaskGroup { group in
                group.addTask {
                    for number in 0..<300 {
                        await log.put("k\(number % 3)", "\(number)")
                        if number % 10 == 0 { log.performUpkeep() }
                    }
                }
                group.addTask {
                    for number in 0..<40 {
                        if number % 10 == 9 {
                            try? log.deleteTopic(.pins)
                        } else if let end = try? log.range(of: .zero).end {
                            _ = try? log.deleteRecords(of: .zero, before: Offset(end.rawValue / 2))
                        }
                        for _ in 0..<20 { await Task.yield() }
                    }
                }
            }
            await log.put("k0", "last")
            await log.fillUp()
            await log.compactNow()
            #expect(try log.seen(from: log.range(of: .zero).start.rawValue).last?.value == "last")
            #expect(log.status().isReady)
        }
        #expect(!fixture.messages.all.contains { $0.contains("error") })
    }

    @Test func damageStopsItLoudlyAndOnceAndChangesNothing() async throws {
        let fixture = LogFixture.compacting()
        try await fixture.withLog { log throws in
            for number in 0..<20 { await log.put("k", "\(number)") }
            await log.fillUp()
        }
        let path = fixture.paths("log")[1]
        var bytes = try #require(fixture.disk[path])
        bytes[bytes.count - 1] ^= 1
        fixture.disk[path] = bytes
        try await fixture.withLog { log throws in
            let files = fixture.paths("log")
            await log.compactNow()
            await log.compactNow()
            #expect(fixture.paths("log") == files)
        }
        #expect(fixture.messages.all.filter { $0.contains("compaction failed") }.count == 1)
    }

    @Test func samplesTellWhatItHasDone() async throws {
        let fixture = LogFixture.compacting()
        try await fixture.withLog { log throws in
            for number in 0..<20 { await log.put("k", "\(number)") }
            await log.fillUp()
            await log.compactNow()
            let samples = log.samples().filter { $0.name.contains("compaction") }
            #expect(samples.count == 3)
            #expect(samples.allSatisfy { $0.value > 0 })
        }
    }
}
