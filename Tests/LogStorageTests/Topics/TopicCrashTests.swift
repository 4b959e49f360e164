import Dispatch
import StreamModel
import Testing

@testable import LogStorage

/// A power cut at every step of what changes a topic: it is done or it is not, and what was answered is done.
@Suite struct TopicCrashTests {
    private static let steps = 60

    /// Cuts the power at each step of a change, and looks at the log after the restart.
    ///
    /// - Parameters:
    ///   - prepare: what is there before.
    ///   - check: told whether the change was answered.
    private func cutPower(
        losing loss: MemoryDisk.Loss, prepare: (CommitLog) async throws -> Void,
        change: (CommitLog) throws -> Void, check: (LogFixture, CommitLog, Bool) async throws -> Void
    ) async throws {
        for step in 0..<Self.steps {
            let fixture = LogFixture()
            let log = try fixture.open()
            try await prepare(log)
            let before = fixture.disk.calls
            fixture.disk.refuse { $0.number == before + step ? .powerCut : nil }
            let isDone = (try? change(log)) != nil
            fixture.crash(log, losing: loss, seed: UInt64(step))
            try await fixture.withLog { log throws in
                #expect(log.status().isReady, "step \(step)")
                try await check(fixture, log, isDone)
                // What was begun in the background.
                log.removal.sync {}
            }
            #expect(try fixture.disk.list("log").allSatisfy { !$0.hasPrefix(".") }, "step \(step)")
        }
    }

    @Test(arguments: MemoryDisk.Loss.allCases)
    func aDeletedTopicIsGoneOrWhole(loss: MemoryDisk.Loss) async throws {
        try await cutPower(
            losing: loss,
            prepare: { log in for number in 0..<12 { _ = await log.send("\(number)") } },
            change: { log throws in try log.deleteTopic(.pins) },
            check: { fixture, log, isDone in
                if log.topicDescription(.pins) != nil {
                    #expect(!isDone)
                    #expect(try log.values() == (0..<12).map(String.init))
                }
                try log.ensureTopic(.pins)
                #expect(await log.send("x").errorCode == nil)
            })
    }

    @Test(arguments: MemoryDisk.Loss.allCases)
    func aConfigurationIsTheOldOneOrTheNewOne(loss: MemoryDisk.Loss) async throws {
        let old = try TopicConfiguration(["retention.ms": "1"])
        let new = try TopicConfiguration(["retention.ms": "2", "segment.ms": "3"])
        try await cutPower(
            losing: loss, prepare: { try $0.createTopic(.pins, configuration: old) },
            change: { log throws in try log.configure(.pins, new) },
            check: { _, log, isDone in
                let found = log.topicDescription(.pins)?.configuration
                #expect(found == new || found == old && !isDone)
            })
    }

    @Test(arguments: MemoryDisk.Loss.allCases)
    func aTopicHasTheOldNumberOfPartitionsOrTheNewOne(loss: MemoryDisk.Loss) async throws {
        try await cutPower(
            losing: loss,
            prepare: { log in
                try log.createTopic(.pins, partitions: 2)
                _ = await log.append(RecordList(["a"], partition: 1))
            },
            change: { log throws in try log.addPartitions(to: .pins, total: 5) },
            check: { _, log, isDone in
                let count = log.partitionCount(of: .pins)
                #expect(count == 5 || count == 2 && !isDone)
                #expect(try log.values(TopicPartition("user.pin", 1)) == ["a"])
                if count == 2 { try log.addPartitions(to: .pins, total: 5) }
                #expect(await log.append(RecordList(["b"], partition: 4)).offsets == [.init(4, 0)])
            })
    }

    @Test(arguments: MemoryDisk.Loss.allCases)
    func deletedRecordsAreGoneOrAllThereAndOffsetsGoOn(loss: MemoryDisk.Loss) async throws {
        for target in [3, 7, 12] as [Int64] {
            try await cutPower(
                losing: loss,
                prepare: { log in for number in 0..<12 { _ = await log.send("\(number)") } },
                change: { log throws in _ = try log.deleteRecords(of: .zero, before: Offset(target)) },
                check: { _, log, isDone in
                    let range = try log.range(of: .zero)
                    #expect(range.start == Offset(target) || range.start == Offset(0) && !isDone)
                    #expect(range.end == Offset(12))
                    #expect(
                        try log.values(from: range.start.rawValue)
                            == (range.start.rawValue..<12).map(String.init))
                    #expect(await log.send("x").firstOffset == 12)
                })
        }
    }

    @Test(arguments: MemoryDisk.Loss.allCases)
    func aTopicOfAnOlderVersionGetsItsIDAtWhateverStart(loss: MemoryDisk.Loss) async throws {
        for step in 0..<20 {
            let fixture = LogFixture()
            try await fixture.withLog { _ = await $0.send("a") }
            fixture.disk["log/user.pin/topic.properties"] = nil
            let before = fixture.disk.calls
            fixture.disk.refuse { $0.number == before + step ? .powerCut : nil }
            if let log = try? fixture.open() { fixture.crash(log, losing: loss, seed: UInt64(step)) }
            fixture.disk.restart(losing: loss, seed: UInt64(step))
            let id = try await fixture.withLog { log throws in
                #expect(try log.values() == ["a"])
                return log.topicDescription(.pins)?.id
            }
            #expect(try await fixture.withLog { $0.topicDescription(.pins)?.id } == id)
        }
    }
}
