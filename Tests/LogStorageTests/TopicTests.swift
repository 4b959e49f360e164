import NIOCore
import StreamModel
import Synchronization
import Testing

@testable import LogStorage

@Suite struct TopicTests {
    @Test func aTopicComesIntoBeingOnFirstUseWithTheSetPartitions() async throws {
        let fixture = LogFixture { $0.partitionsPerTopic = 3 }
        try await fixture.withLog { log throws in
            #expect(log.partitionCount(of: .pins) == nil)
            _ = await log.send("a")
            #expect(log.partitionCount(of: .pins) == 3)
        }
        try await fixture.withLog { log throws in
            #expect(log.partitions() == (0..<3).map { TopicPartition("user.pin", $0) })
        }
    }

    @Test func whereTopicsAreNotMadeOnFirstUseAnUnknownOneIsRefused() async throws {
        let fixture = LogFixture { $0.autoCreateTopics = false }
        try await fixture.withLog { log throws in
            #expect(await log.send("a").isRefused(.unknownTopic))
            #expect(log.partitions() == [])
            #expect(try log.ensureTopic(.pins))
            #expect(await log.send("a").firstOffset == 0)
        }
    }

    @Test func requestsThatRaceForANewTopicAllFindIt() async throws {
        let fixture = LogFixture { $0.segmentBytes = 1 << 20 }
        try await fixture.withLog { log throws in
            let offsets = await withTaskGroup { group in
                for _ in 0..<20 { group.addTask { await log.send("a").firstOffset ?? -1 } }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(offsets.sorted() == Array(0..<20))
        }
    }

    @Test func aTopicIsMadeOnce() async throws {
        let fixture = LogFixture()
        try await fixture.withLog { log throws in
            #expect(try log.ensureTopic(.pins, partitions: 2))
            #expect(try !log.ensureTopic(.pins, partitions: 5))
            #expect(log.partitionCount(of: .pins) == 2)
        }
    }

    @Test func pastTheMostTopicsNoneIsMade() async throws {
        let fixture = LogFixture { $0.maxTopics = 2 }
        try await fixture.withLog { log throws in
            _ = await log.send("a", to: .named("a"))
            _ = await log.send("b", to: .named("b"))
            #expect(await log.send("c", to: .named("c")).isRefused(.failed))
            #expect(await log.send("b", to: .named("b")).firstOffset == 1)
        }
    }

    @Test(arguments: MemoryDisk.Loss.allCases)
    func afterAPowerCutAtAnyStepATopicIsThereWithAllItsPartitionsOrNotAtAll(loss: MemoryDisk.Loss)
        async throws
    {
        for step in 0..<40 {
            let fixture = LogFixture()
            try fixture.open().close()
            let before = fixture.disk.calls
            let log = try fixture.open()
            fixture.disk.refuse { $0.number == before + step ? .powerCut : nil }
            let isMade = (try? log.ensureTopic(.pins, partitions: 3)) ?? false
            fixture.crash(log, losing: loss, seed: UInt64(step))
            try await fixture.withLog { log throws in
                let count = log.partitionCount(of: .pins)
                #expect(count == 3 || count == nil && !isMade, "step \(step)")
                #expect(try fixture.disk.list("log") == (count == nil ? [] : ["user.pin"]), "step \(step)")
                try log.ensureTopic(.pins, partitions: 3)
                #expect(
                    await log.append(RecordList(["a"], partition: 2)).offsets == [.init(2, 0)], "step \(step)"
                )
            }
        }
    }

    @Test func aTopicThatAKillLeftWithoutItsFlushIsFlushedBeforeItIsUsed() async throws {
        let fixture = LogFixture()
        let log = try fixture.open()
        fixture.disk.refuse { $0.kind == .synchronizeFolder && $0.path == "log" ? .powerCut : nil }
        #expect(throws: LogStorageError.self) { try log.ensureTopic(.pins) }
        fixture.crash(log, losing: .nothing)
        let opened = try fixture.open()
        #expect(await opened.send("a").firstOffset == 0)
        fixture.crash(opened, losing: .everythingVolatile)
        try await fixture.withLog { log throws in #expect(try log.values() == ["a"]) }
    }

    @Test func aFullDiskWhileATopicIsMadeIsAnsweredAsSuchAndTriedAgain() async throws {
        for step in 0..<12 {
            let fixture = LogFixture()
            try await fixture.withLog { log throws in
                let before = fixture.disk.calls
                fixture.disk.refuse {
                    $0.number == before + step && $0.kind != .synchronize ? .error(.diskFull) : nil
                }
                let answer = await log.send("a")
                #expect(answer.firstOffset == 0 || answer.errorCode == .diskFull, "step \(step)")
                fixture.disk.refuse(nil)
                #expect(await log.send("b").firstOffset == (answer.firstOffset == 0 ? 1 : 0), "step \(step)")
            }
        }
    }

    @Test func aFolderThatIsNoTopicIsLeftAlone() async throws {
        let fixture = LogFixture()
        try fixture.disk.makeDirectory("log/lost+found/0")
        try await fixture.withLog { #expect($0.partitions() == []) }
        #expect(try fixture.disk.list("log/lost+found") == ["0"])
        #expect(fixture.messages.all.contains { $0.contains("lost+found") })
    }

    @Test func aPartitionWhoseFolderWasMovedAwayBeginsAnew() async throws {
        for moved in [["0"], ["1"], ["0", "1"]] {
            let fixture = LogFixture { $0.partitionsPerTopic = 2 }
            try await fixture.withLog { log throws in
                for partition in 0..<2 as Range<Int32> {
                    _ = await log.append(RecordList(["a"], partition: partition))
                }
            }
            for name in moved { try fixture.disk.remove("log/user.pin/\(name)") }
            try await fixture.withLog { log throws in
                for partition in log.partitions() {
                    let isMoved = moved.contains("\(partition.partition)")
                    #expect(try log.values(partition) == (isMoved ? [] : ["a"]))
                }
                let answer = await log.send("b")
                #expect(answer.errorCode == nil)
            }
        }
    }

    // MARK: Closing

    @Test func aClosedLogRefusesAppendsToOldAndNewTopics() async throws {
        let fixture = LogFixture()
        let log = try fixture.open()
        _ = await log.send("a")
        log.close()
        #expect(await log.send("b").isRefused(.closed))
        #expect(await log.send("b", to: .named("new")).isRefused(.closed))
        #expect(try log.values() == ["a"])
        #expect(!log.status().isReady)
        log.close()
    }

    @Test func everyAppendIsAnsweredThoughTheLogIsClosedMeanwhile() async throws {
        for round in 0..<30 {
            let fixture = LogFixture()
            let log = try fixture.open()
            _ = await log.send("first")
            let acknowledged = await withTaskGroup { group in
                for number in 0..<8 {
                    group.addTask {
                        var count = 0
                        while case .success = await log.send("\(number)") { count += 1 }
                        return count
                    }
                    group.addTask {
                        // A topic of its own, made while the log is being closed.
                        _ = await log.send("x", to: .named("new-\(number)"))
                        return 0
                    }
                }
                group.addTask {
                    for _ in 0..<round { await Task.yield() }
                    log.close()
                    return 0
                }
                return await group.reduce(1, +)
            }
            try await fixture.withLog { log throws in
                #expect(try log.range(of: .zero).end.rawValue == Int64(acknowledged))
            }
        }
    }

    @Test func whatWasTakenTooLateForTheCommitterIsAnsweredByTheClose() async throws {
        let fixture = LogFixture()
        let log = try fixture.open()
        _ = await log.send("a")
        let partition = try #require(log.topics.withLock { $0[.pins]?.partitions.first })
        let records = RecordList(["b"])
        let code: AppendError.Code? = await withCheckedContinuation { continuation in
            // The committer is not told: it has ended its last round.
            records.bytes.withUnsafeReadableBytes { source in
                _ = partition.admit(records.entries, from: source, timestamp: 0) {
                    continuation.resume(returning: $0.errorCode)
                }
            }
            log.close()
        }
        #expect(code == .closed)
        try await fixture.withLog { log throws in #expect(try log.values() == ["a"]) }
    }

    @Test func whatWasTakenBeforeTheCloseIsCommitted() async throws {
        let fixture = LogFixture()
        let log = try fixture.open()
        _ = await log.send("a")
        fixture.disk.holdFlushes()
        async let answer = log.send("b")
        await eventually { fixture.disk.isHoldingAFlush }
        await withTaskGroup { group in
            group.addTask { log.close() }
            fixture.disk.releaseFlushes()
        }
        #expect(await answer.firstOffset == 1)
        try await fixture.withLog { log throws in #expect(try log.values() == ["a", "b"]) }
    }

    // MARK: Measuring

    @Test func samplesTellOffsetsAndSizes() async throws {
        let fixture = LogFixture()
        try await fixture.withLog { log throws in
            _ = await log.send("a", "b")
            let samples = Dictionary(uniqueKeysWithValues: log.samples().map { ($0.name, $0.value) })
            #expect(samples["pinline_log_end_offset"] == 2)
            #expect(samples["pinline_log_start_offset"] == 0)
            #expect(
                samples["pinline_log_size_bytes"] == Double(fixture.disk[fixture.paths("log")[0]]?.count ?? 0)
            )
            #expect(samples["pinline_log_pending_bytes"] == 0)
        }
    }
}
