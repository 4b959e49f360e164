import KafkaWire
import NIOCore
import StateStore
import StreamModel
import Synchronization
import Testing

@testable import Broker

@Suite struct GroupOffsetsTests {
    @Test func aCommitOutlivesARestart() async throws {
        let fixture = try GroupFixture()
        #expect(try await fixture.commit(42, metadata: "note") == KafkaErrorCode.none)
        #expect(try fixture.committed() == 42)
        let after = try fixture.restarted()
        let offset = try #require(try after.fetch()?.get())
        #expect(offset.offset == 42 && offset.metadata == "note" && offset.leaderEpoch == -1)
    }

    @Test func theLastCommitCountsAlsoAfterRestarts() async throws {
        let fixture = try GroupFixture()
        for offset in [5, 9, 7] as [Int64] { _ = try await fixture.commit(offset) }
        #expect(try fixture.committed() == 7)
        let after = try fixture.restarted()
        _ = try await after.commit(3)
        #expect(try after.committed() == 3)
        #expect(try after.restarted().committed() == 3)
    }

    @Test func whereNothingIsCommittedNothingIsFound() async throws {
        let fixture = try GroupFixture()
        #expect(try fixture.fetch()?.get() == nil)
        _ = try await fixture.commit(1, partition: 1)
        #expect(try fixture.committed(partition: 0) == nil && fixture.committed(partition: 1) == 1)
        #expect(fixture.services.offsets.partitions(of: "g") == [try GroupFixture.partition("pin", 1)])
    }

    @Test func aNoteThatIsTooLongIsRefusedAlone() async throws {
        let fixture = try GroupFixture()
        let long = String(repeating: "x", count: 4097)
        #expect(try await fixture.commit(1, metadata: long) == .offsetMetadataTooLarge)
        #expect(try fixture.committed() == nil)
        #expect(try await fixture.commit(1, metadata: String(long.dropLast())) == KafkaErrorCode.none)
    }

    @Test func membersCommitAndOthersDoNot() async throws {
        let fixture = try GroupFixture()
        let member = try fixture.stableMember()
        #expect(try await fixture.commit(1, by: member) == KafkaErrorCode.none)
        #expect(try await fixture.commit(2) == .unknownMemberID)
        var old = member
        old.generation -= 1
        #expect(try await fixture.commit(3, by: old) == .illegalGeneration)
        #expect(try fixture.committed() == 1)
    }

    @Test func manyCommitsAtOnceAreAllDurable() async throws {
        let fixture = try GroupFixture()
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for number in 0..<200 {
                tasks.addTask {
                    let error = try await fixture.commit(Int64(number), group: "g\(number)")
                    #expect(error == KafkaErrorCode.none)
                }
            }
            try await tasks.waitForAll()
        }
        let after = try fixture.restarted()
        for number in 0..<200 { #expect(try after.committed("g\(number)") == Int64(number)) }
    }

    @Test func oneGroupTooManyIsRefused() async throws {
        var settings = GroupSettings()
        settings.maxGroups = 1
        let fixture = try GroupFixture(settings: settings)
        _ = try await fixture.commit(1, group: "a")
        #expect(try await fixture.commit(1, group: "b") == .policyViolation)
        #expect(try await fixture.commit(2, group: "a") == KafkaErrorCode.none)
    }

    // MARK: Transactions

    @Test func pendingOffsetsCountOnceTheirTransactionIsCommitted() async throws {
        let fixture = try GroupFixture()
        _ = try await fixture.commit(1)
        #expect(try await fixture.commitPending(5, producerID: 7) == KafkaErrorCode.none)
        #expect(try fixture.committed() == 1)
        #expect(try fixture.fetch(requireStable: true) == .failure(.unstableOffsetCommit))
        #expect(await fixture.complete(7, commit: true) == nil)
        #expect(try fixture.committed() == 5)
        #expect(try fixture.restarted().committed() == 5)
    }

    @Test func pendingOffsetsOfAnAbortedTransactionAreDropped() async throws {
        let fixture = try GroupFixture()
        _ = try await fixture.commitPending(5, producerID: 7)
        #expect(await fixture.complete(7, commit: false) == nil)
        #expect(try fixture.fetch(requireStable: true)?.get() == nil)
        #expect(!fixture.services.offsets.hasOffsets("g"))
        #expect(!(try fixture.restarted().services.offsets.hasOffsets("g")))
    }

    @Test func pendingOffsetsOutliveARestart() async throws {
        let fixture = try GroupFixture()
        _ = try await fixture.commitPending(5, producerID: 7)
        let after = try fixture.restarted()
        #expect(try after.fetch(requireStable: true) == .failure(.unstableOffsetCommit))
        #expect(await after.complete(7, commit: true) == nil)
        #expect(await after.complete(7, commit: true) == nil, "it may be repeated")
        #expect(try after.committed() == 5)
        #expect(try after.restarted().committed() == 5)
    }

    @Test func aCommitThatCameAfterThePendingOneStands() async throws {
        let fixture = try GroupFixture()
        _ = try await fixture.commitPending(5, producerID: 7)
        _ = try await fixture.commit(9)
        _ = await fixture.complete(7, commit: true)
        #expect(try fixture.committed() == 9)
        #expect(try fixture.restarted().committed() == 9)
    }

    @Test func producersDoNotCompleteEachOthersOffsets() async throws {
        let fixture = try GroupFixture()
        _ = try await fixture.commitPending(5, producerID: 7)
        _ = try await fixture.commitPending(6, producerID: 8, partition: 1)
        _ = await fixture.complete(8, commit: true)
        #expect(try fixture.committed(partition: 1) == 6 && fixture.committed(partition: 0) == nil)
        #expect(try fixture.fetch(requireStable: true) == .failure(.unstableOffsetCommit))
    }

    @Test func aZombieMemberCannotCommitWithinATransaction() async throws {
        let fixture = try GroupFixture()
        let member = try fixture.stableMember()
        var old = member
        old.generation -= 1
        #expect(try await fixture.commitPending(5, producerID: 7, by: old) == .illegalGeneration)
        #expect(try await fixture.commitPending(5, producerID: 7, by: member) == KafkaErrorCode.none)
        #expect(try await fixture.commitPending(5, producerID: 7) == KafkaErrorCode.none)
    }

    // MARK: Removal

    @Test func offsetsOfADeletedTopicGo() async throws {
        let fixture = try GroupFixture()
        _ = try await fixture.commit(1, group: "a")
        _ = try await fixture.commit(2, topic: "geo", group: "b")
        fixture.services.offsets.topicDeleted(try #require(TopicName("pin")))
        fixture.writer.finish()
        #expect(fixture.services.offsets.groupIDs == ["b"])
        #expect(try fixture.restarted().services.offsets.groupIDs == ["b"])
    }

    private func delete(_ group: String, in fixture: GroupFixture) async -> KafkaErrorCode {
        await withCheckedContinuation { continuation in
            fixture.services.offsets.deleteGroup(group) { continuation.resume(returning: $0) }
        }
    }

    @Test func onlyGroupsWithoutMembersAreDeleted() async throws {
        let fixture = try GroupFixture()
        #expect(await delete("g", in: fixture) == .groupIDNotFound)
        let member = try fixture.stableMember()
        _ = try await fixture.commit(1, by: member)
        #expect(await delete("g", in: fixture) == .nonEmptyGroup)
        _ = fixture.services.groups.leave("g", [(member.memberID, nil)])
        #expect(await delete("g", in: fixture) == .none)
        #expect(await delete("g", in: fixture) == .groupIDNotFound)
        #expect(try fixture.restarted().committed() == nil)
    }

    private func delete(
        _ partitions: [TopicPartition], in fixture: GroupFixture
    ) async -> Result<[OffsetCommitOutcome], KafkaErrorCode> {
        await withCheckedContinuation { continuation in
            fixture.services.offsets.delete(partitions, group: "g") { continuation.resume(returning: $0) }
        }
    }

    @Test func offsetsOfTopicsThatMembersReadAreNotDeleted() async throws {
        let fixture = try GroupFixture()
        let pin = try GroupFixture.partition("pin")
        let geo = try GroupFixture.partition("geo")
        #expect(await delete([pin], in: fixture) == .failure(.groupIDNotFound))
        let member = try fixture.stableMember(metadata: "\0\u{1}\0\0\0\u{1}\0\u{3}pin\0\0\0\0")
        _ = try await fixture.commit(1, by: member)
        _ = try await fixture.commit(2, topic: "geo", by: member)
        let outcome = try await delete([pin, geo], in: fixture).get()
        #expect(outcome.map(\.error) == [.groupSubscribedToTopic, .none])
        #expect(fixture.services.offsets.partitions(of: "g") == [pin])
    }

    // MARK: Retention

    private static let week: Int64 = 10_080 * 60_000

    @Test func offsetsOfConsumersWithoutMembershipAreKeptForAWeekAfterTheirCommit() async throws {
        let fixture = try GroupFixture()
        _ = try await fixture.commit(1)
        try await expire(fixture, after: Self.week - 1)
        #expect(try fixture.committed() == 1)
        try await expire(fixture, after: 1)
        #expect(try fixture.committed() == nil)
    }

    @Test func offsetsOfAGroupAreKeptForAWeekAfterItsLastMember() async throws {
        let fixture = try GroupFixture()
        let member = try fixture.stableMember(metadata: "\0\u{1}\0\0\0\u{1}\0\u{3}pin\0\0\0\0")
        _ = try await fixture.commit(1, by: member)
        try await expire(fixture, after: 5 * Self.week)
        #expect(try fixture.committed() == 1)
        _ = fixture.services.groups.leave("g", [(member.memberID, nil)])
        try await expire(fixture, after: Self.week - 1)
        #expect(try fixture.committed() == 1)
        try await expire(fixture, after: 1)
        #expect(try fixture.committed() == nil)
        #expect(fixture.services.groups.describe("g") != nil)
        try await expire(fixture, after: 0)
        #expect(fixture.services.groups.describe("g") == nil)
    }

    @Test func offsetsOfTopicsThatMembersNoLongerReadAreKeptForAWeek() async throws {
        let fixture = try GroupFixture()
        let member = try fixture.stableMember(metadata: "\0\u{1}\0\0\0\u{1}\0\u{3}geo\0\0\0\0")
        _ = try await fixture.commit(1, by: member)
        try await expire(fixture, after: Self.week)
        #expect(try fixture.committed() == nil)
    }

    @Test func aConsumersOwnRetentionTimeCounts() async throws {
        let fixture = try GroupFixture()
        let soon = fixture.wall.value.load(ordering: .relaxed) + 1000
        _ = try await fixture.commit(1, expireTime: soon)
        try await expire(fixture, after: 999)
        #expect(try fixture.committed() == 1)
        try await expire(fixture, after: 1)
        #expect(try fixture.committed() == nil)
    }

    @Test func theTimerLooksForOldOffsets() async throws {
        let fixture = try GroupFixture()
        _ = try await fixture.commit(1)
        fixture.services.offsets.startRetention()
        fixture.wall.value.add(Self.week, ordering: .relaxed)
        fixture.timers.advance(.minutes(10))
        fixture.writer.finish()
        #expect(try fixture.committed() == nil)
        #expect(fixture.timers.count == 1)
    }

    private func expire(_ fixture: GroupFixture, after time: Int64) async throws {
        fixture.wall.value.add(time, ordering: .relaxed)
        fixture.services.offsets.expire()
        fixture.writer.finish()
    }

    // MARK: Lag

    @Test func lagIsWhatLiesBetweenTheCommitAndTheEnd() async throws {
        let fixture = try GroupFixture()
        _ = try await fixture.commit(40)
        _ = try await fixture.commit(500, partition: 1)
        let samples = fixture.services.metrics.samples()
        let lag = samples.filter { $0.name == "pinline_group_lag_records" }
        #expect(lag.map(\.value) == [60, 0])
        #expect(lag.first?.labels.map(\.value) == ["g", "pin", "0"])
    }

    @Test func pastTheLimitOfSeriesTheRestIsCounted() async throws {
        var settings = GroupSettings()
        settings.maxLagSeries = 1
        let fixture = try GroupFixture(settings: settings)
        _ = try await fixture.commit(40)
        _ = try await fixture.commit(40, partition: 1)
        let samples = fixture.services.metrics.samples()
        #expect(samples.map(\.name) == ["pinline_group_lag_records", "pinline_group_lag_omitted"])
        #expect(samples.last?.value == 1)
    }
}
