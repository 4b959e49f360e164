import NIOCore
import StreamModel
import Synchronization
import Testing

@testable import LogStorage

@Suite struct TopicAdministrationTests {
    private static func code(_ body: () throws -> Void) -> LogStorageError.Code? {
        do {
            try body()
            return nil
        } catch {
            return (error as? LogStorageError)?.code
        }
    }

    @Test func aCreatedTopicIsDescribedAlsoAfterARestart() async throws {
        let fixture = LogFixture()
        let configuration = try TopicConfiguration([
            "retention.ms": "1000", "cleanup.policy": "compact,delete",
        ])
        let made = try await fixture.withLog { log throws in
            try log.createTopic(.pins, partitions: 3, configuration: configuration)
        }
        #expect(made.partitionCount == 3)
        #expect(made.configuration == configuration)
        try await fixture.withLog { log throws in
            #expect(log.topicDescription(.pins) == made)
            #expect(log.topicDescription(id: made.id) == made)
            #expect(log.topicDescriptions() == [made])
            #expect(log.topicDescription(.named("other")) == nil)
            #expect(log.topicDescription(id: TopicID(high: 0, low: 0)) == nil)
        }
    }

    @Test func topicsAreListedByNameAndHaveDifferentIDs() async throws {
        try await LogFixture().withLog { log throws in
            for name in ["c", "a", "b"] { try log.createTopic(.named(name)) }
            let topics = log.topicDescriptions()
            #expect(topics.map(\.name.rawValue) == ["a", "b", "c"])
            #expect(Set(topics.map(\.id)).count == 3)
        }
    }

    @Test func whatCannotBeMadeIsRefusedWithItsReason() async throws {
        let fixture = LogFixture {
            $0.maxTopics = 2
            $0.maxPartitions = 10
        }
        try await fixture.withLog { log throws in
            try log.createTopic(.pins, partitions: 4)
            #expect(Self.code { try log.createTopic(.pins) } == .topicExists)
            #expect(Self.code { try log.createTopic(.named(".new-a")) } == .invalidTopicName)
            #expect(Self.code { try log.createTopic(.named(".deleted-a")) } == .invalidTopicName)
            #expect(Self.code { try log.createTopic(.named("a"), partitions: 0) } == .invalidPartitionCount)
            #expect(Self.code { try log.createTopic(.named("a"), partitions: -1) } == .invalidPartitionCount)
            #expect(Self.code { try log.createTopic(.named("a"), partitions: 7) } == .limitReached)
            #expect(Self.code { try log.createTopic(.named("a"), partitions: .max) } == .limitReached)
            #expect(Self.code { try log.checkCreation(of: .named("a"), partitions: 6) } == nil)
            try log.createTopic(.named("a"), partitions: 6)
            #expect(Self.code { try log.checkCreation(of: .named("b"), partitions: 1) } == .limitReached)
            #expect(await log.send("x", to: .named(".new-a")).errorCode == .invalidTopic)
        }
    }

    @Test func aClosedLogChangesNoTopic() throws {
        let log = try LogFixture().open()
        try log.createTopic(.pins)
        log.close()
        #expect(Self.code { try log.createTopic(.named("a")) } == .closed)
        #expect(Self.code { try log.deleteTopic(.pins) } == .closed)
        #expect(Self.code { _ = try log.deleteRecords(of: .zero, before: nil) } == .closed)
    }

    @Test func aTopicOfAnOlderVersionGetsAnIDThatStays() async throws {
        let fixture = LogFixture { $0.partitionsPerTopic = 2 }
        try await fixture.withLog { _ = await $0.send("a") }
        fixture.disk["log/user.pin/topic.properties"] = nil
        let first = try await fixture.withLog { $0.topicDescription(.pins) }
        let second = try await fixture.withLog { log throws in
            #expect(try log.values(TopicPartition("user.pin", 1)) == ["a"])
            return log.topicDescription(.pins)
        }
        #expect(first == second && first?.partitionCount == 2)
    }

    @Test func aTopicWhosePropertiesAreDamagedStopsAndTheOthersGoOn() async throws {
        let fixture = LogFixture()
        try await fixture.withLog { log throws in
            _ = await log.send("a")
            _ = await log.send("b", to: .named("other"))
        }
        fixture.disk["log/user.pin/topic.properties"] = Array("retention.ms=1\n".utf8)
        try await fixture.withLog { log throws in
            #expect(log.topics.withLock { $0[.pins]?.partitions.allSatisfy(\.isDamaged) } == true)
            #expect(await log.send("c").isRefused(.failed))
            #expect(!log.status().isReady)
            #expect(try log.values(TopicPartition("other", 0)) == ["b"])
        }
        #expect(fixture.messages.all.contains { $0.contains("topic.properties") })
    }

    // MARK: Partitions

    @Test func addedPartitionsTakeRecordsAndTheOldOnesKeepTheirs() async throws {
        let fixture = LogFixture()
        try await fixture.withLog { log throws in
            _ = await log.send("a")
            try log.addPartitions(to: .pins, total: 3)
            #expect(log.partitionCount(of: .pins) == 3)
            #expect(await log.append(RecordList(["b"], partition: 2)).offsets == [.init(2, 0)])
            #expect(Self.code { try log.addPartitions(to: .pins, total: 3) } == .invalidPartitionCount)
            #expect(Self.code { try log.addPartitions(to: .pins, total: 0) } == .invalidPartitionCount)
            #expect(Self.code { try log.addPartitions(to: .pins, total: .max) } == .limitReached)
            #expect(Self.code { try log.addPartitions(to: .named("other"), total: 3) } == .unknownPartition)
        }
        try await fixture.withLog { log throws in
            #expect(log.partitionCount(of: .pins) == 3)
            #expect(try log.values() == ["a"])
            #expect(try log.values(TopicPartition("user.pin", 2)) == ["b"])
        }
    }

    // MARK: Configuration

    @Test func anotherConfigurationCountsAtOnceAndStays() async throws {
        let fixture = LogFixture()
        let small = try TopicConfiguration(["max.message.bytes": "3"])
        try await fixture.withLog { log throws in
            try log.createTopic(.pins)
            #expect(await log.send("abcd").firstOffset == 0)
            try log.configure(.pins, small)
            #expect(await log.send("abcd").isRefused(.recordTooLarge))
            #expect(await log.send("abcd", to: .named("other")).firstOffset == 0)
            #expect(Self.code { try log.configure(.named("none"), small) } == .unknownPartition)
        }
        try await fixture.withLog { log throws in
            #expect(await log.send("abcd").isRefused(.recordTooLarge))
            try log.configure(.pins, TopicConfiguration())
            #expect(await log.send("abcd").firstOffset == 1)
        }
    }

    @Test func aConfigurationIsReplacedOnlyIfItIsTheOneThatWasLookedAt() async throws {
        let (first, second) = (
            try TopicConfiguration(["retention.ms": "1"]), try TopicConfiguration(["retention.ms": "2"])
        )
        try await LogFixture().withLog { log throws in
            try log.createTopic(.pins)
            #expect(try log.configure(.pins, first, replacing: TopicConfiguration()))
            #expect(try !log.configure(.pins, second, replacing: TopicConfiguration()))
            #expect(log.topicDescription(.pins)?.configuration == first)
            #expect(try log.configure(.pins, second, replacing: first))
            #expect(log.topicDescription(.pins)?.configuration == second)
        }
    }

    @Test func aCompactedTopicTakesNoRecordWithoutAKey() async throws {
        try await LogFixture().withLog { log throws in
            try log.createTopic(.pins, configuration: TopicConfiguration(["cleanup.policy": "compact"]))
            #expect(await log.send("abcd").isRefused(.invalidRecord))
            try log.configure(.pins, TopicConfiguration())
            #expect(await log.send("abcd").firstOffset == 0)
        }
    }

    @Test func aTopicsSegmentsAndRetentionFollowItsOwnConfiguration() async throws {
        let fixture = LogFixture { $0.segmentBytes = 1 << 20 }
        try await fixture.withLog { log throws in
            try log.createTopic(
                .pins, configuration: TopicConfiguration(["segment.bytes": "100", "retention.bytes": "300"]))
            for number in 0..<10 {
                _ = await log.send("\(number)")
                _ = await log.send("\(number)", to: .named("other"))
            }
            #expect(fixture.paths("log").count == 10)
            #expect(fixture.paths("log", of: TopicPartition("other", 0)).count == 1)
            log.performUpkeep()
            await log.settle()
            #expect((300..<400).contains(try log.byteCount(of: .zero)))
            #expect(try log.range(of: TopicPartition("other", 0)).start == Offset(0))
        }
    }

    // MARK: Deletion

    @Test func aDeletedTopicIsGoneAndOneOfItsNameBeginsAnew() async throws {
        let fixture = LogFixture()
        let first = try await fixture.withLog { log throws in
            let first = try log.createTopic(.pins)
            for number in 0..<20 { _ = await log.send("\(number)") }
            try log.deleteTopic(.pins)
            #expect(log.topicDescriptions() == [])
            #expect(Self.code { _ = try log.values() } == .unknownPartition)
            #expect(Self.code { try log.deleteTopic(.pins) } == .unknownPartition)
            #expect(await log.send("again").firstOffset == 0)
            return first
        }
        #expect(try fixture.disk.list("log") == ["user.pin"])
        try await fixture.withLog { log throws in
            #expect(try log.values() == ["again"])
            #expect(log.topicDescription(.pins)?.id != first.id)
        }
    }

    @Test func appendsTakenBeforeADeletionAreAnsweredBeforeIt() async throws {
        let fixture = LogFixture()
        try await fixture.withLog { log throws in
            _ = await log.send("a")
            fixture.disk.holdFlushes()
            async let first = log.send("b")
            await eventually { fixture.disk.isHoldingAFlush }
            async let deletion = Self.code { try log.deleteTopic(.pins) }
            await eventually { log.committer.hasTasks }
            async let second = log.send("c")
            await eventually { log.waitingRequestCount == 1 }
            fixture.disk.releaseFlushes()
            #expect(await first.firstOffset == 1)
            #expect(await second.firstOffset == 2)
            #expect(await deletion == nil)
            #expect(await log.send("d").firstOffset == 0)
        }
    }

    @Test func anAppendThatComesInTheMomentOfADeletionIsRefusedAndItsBytesReleased() async throws {
        let fixture = LogFixture()
        try await fixture.withLog { log throws in
            _ = await log.send("a")
            let partition = try #require(log.topics.withLock { $0[.pins]?.partitions.first })
            let code: AppendError.Code? = await withCheckedContinuation { continuation in
                // The committer is not told: the deletion finds it waiting.
                let records = RecordList(["b"])
                records.bytes.withUnsafeReadableBytes { source in
                    _ = partition.admit(records.entries, from: source, timestamp: 0) {
                        continuation.resume(returning: $0.errorCode)
                    }
                }
                #expect(Self.code { try log.deleteTopic(.pins) } == nil)
            }
            #expect(code == .unknownPartition)
            #expect(partition.refusal?.code == .unknownPartition)
        }
    }

    @Test func appendsRacingWithDeletionsAreAllAnswered() async throws {
        let fixture = LogFixture { $0.segmentBytes = 200 }
        try await fixture.withLog { log throws in
            await withTaskGroup { group in
                for sender in 0..<4 {
                    group.addTask {
                        for number in 0..<100 {
                            let code = await log.send("\(sender) \(number)").errorCode
                            #expect(code == nil || code == .unknownPartition)
                            _ = try? log.values()
                            log.performUpkeep()
                        }
                    }
                }
                group.addTask {
                    for _ in 0..<30 {
                        try? log.deleteTopic(.pins)
                        await Task.yield()
                    }
                }
            }
            #expect(log.waitingByteCount == 0)
            #expect(log.waitingRequestCount == 0)
            #expect(log.status().isReady)
        }
    }

    @Test func underAnIntervalADeletedTopicIsNotFlushed() async throws {
        let fixture = LogFixture { $0.flush = .interval(.seconds(1)) }
        try await fixture.withLog { log throws in
            _ = await log.send("a")
            try log.deleteTopic(.pins)
            fixture.clock.advance(milliseconds: 2000)
            await log.settle()
        }
        #expect(fixture.messages.all == [])
    }

    @Test func aDeletionThatTheDiskRefusesLeavesTheTopicAsItWas() async throws {
        let fixture = LogFixture()
        try await fixture.withLog { log throws in
            _ = await log.send("a")
            fixture.disk.refuse { $0.kind == .rename ? .error(.inputOutput) : nil }
            #expect(Self.code { try log.deleteTopic(.pins) } == .inputOutput)
            fixture.disk.refuse(nil)
            #expect(await log.send("b").firstOffset == 1)
            #expect(try log.values() == ["a", "b"])
        }
    }
}
