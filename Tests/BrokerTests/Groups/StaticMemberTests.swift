import KafkaWire
import NIOCore
import Testing

@testable import Broker

@Suite struct StaticMemberTests {
    private static func stable() -> GroupHarness {
        var harness = GroupHarness()
        harness.becomeStable(["a", "b"], instances: ["one", "two"])
        return harness
    }

    @Test func aRestartWithinTheSessionTimeOutCausesNoRebalance() throws {
        var harness = Self.stable()
        let generation = harness.group.generation
        let optional = harness.joinNow(fresh: "b2", instance: "two")
        let answer = try #require(optional)
        #expect(answer.error == .none && answer.memberID == "b2" && answer.generation == generation)
        #expect(harness.group.state == .stable && harness.heartbeat("a", instance: "one") == .none)
        let sync = harness.sync("b2", instance: "two")
        #expect(harness.syncs[sync]?.assignment == ByteBuffer(string: "of b"))
    }

    @Test func whoStillUsesTheOldIDIsFenced() {
        var harness = Self.stable()
        harness.join(fresh: "b2", instance: "two")
        #expect(harness.heartbeat("b", instance: "two") == .fencedInstanceID)
        #expect(harness.syncNow("b", instance: "two")?.error == .fencedInstanceID)
        #expect(harness.joinNow("b", instance: "two")?.error == .fencedInstanceID)
        #expect(harness.leave("b", instance: "two") == .fencedInstanceID)
        #expect(harness.heartbeat("b") == .unknownMemberID)
    }

    @Test func aLeaderThatRestartsIsNamedByItsOldIDSoThatItAssignsNothing() throws {
        var harness = Self.stable()
        let optional = harness.joinNow(fresh: "a2", instance: "one")
        let answer = try #require(optional)
        #expect(answer.leaderID == "a" && answer.memberID == "a2" && answer.members.isEmpty)
        #expect(harness.group.leaderID == "a2" && harness.group.state == .stable)
    }

    @Test func aRestartWithAnotherProtocolCausesARebalance() {
        var harness = GroupHarness()
        harness.join(fresh: "a", instance: "one", protocols: ["range", "sticky"])
        harness.syncAll(["a"])
        let ticket = harness.join(fresh: "a2", instance: "one", protocols: ["sticky"])
        #expect(harness.joins[ticket]?.protocolName == "sticky")
        #expect(harness.group.generation == 2 && harness.group.state == .completingRebalance)
    }

    @Test func aRestartWhileTheLeaderAssignsCausesARebalance() {
        var harness = Self.stable()
        harness.join("b", instance: "two", metadata: "other")
        harness.join("a", instance: "one")
        let waiting = harness.sync("b", instance: "two")
        harness.join(fresh: "b2", instance: "two", metadata: "other")
        #expect(harness.syncs[waiting]?.error == .fencedInstanceID)
        #expect(harness.group.state == .preparingRebalance)
        #expect(harness.heartbeat("a", instance: "one") == .rebalanceInProgress)
        let ticket = harness.join("a", instance: "one")
        #expect(harness.joins[ticket]?.memberIDs.sorted() == ["a", "b2"])
    }

    @Test func aSecondJoinOfTheSameInstanceFencesTheFirst() {
        var harness = Self.stable()
        let first = harness.join("b", instance: "two", metadata: "other")
        let second = harness.join(fresh: "b2", instance: "two", metadata: "other")
        #expect(harness.joins[first]?.error == .fencedInstanceID && harness.joins[second] == nil)
        harness.join("a", instance: "one")
        #expect(harness.joins[second]?.error == KafkaErrorCode.none)
    }

    @Test func anInstanceThatIsNotRegisteredIsUnknown() {
        var harness = Self.stable()
        #expect(harness.heartbeat("a", instance: "three") == .unknownMemberID)
        #expect(harness.joinNow("a", instance: "three")?.error == .unknownMemberID)
    }

    @Test func itIsRemovedWhenItsSessionTimesOut() {
        var harness = Self.stable()
        for _ in 0..<4 {
            harness.wait(.seconds(3))
            _ = harness.heartbeat("a", instance: "one")
        }
        #expect(harness.heartbeat("a", instance: "one") == .rebalanceInProgress)
        #expect(harness.group.staticMembers == ["one": "a"])
    }

    @Test func aStaticMemberThatDoesNotJoinInTimeStaysUntilItsSessionTimesOut() throws {
        var harness = GroupHarness()
        harness.becomeStable(["a", "b"], instances: [nil, "two"])
        let ticket = harness.join("a", metadata: "other", rebalance: .seconds(5))
        for _ in 0..<20 where harness.joins[ticket] == nil {
            harness.wait(.seconds(5))
            _ = harness.heartbeat("b", instance: "two")
        }
        let answer = try #require(harness.joins[ticket])
        #expect(answer.memberIDs == ["a", "b"])
    }

    @Test func anAdministratorRemovesAStaticMemberByItsInstance() {
        var harness = Self.stable()
        #expect(harness.leave("", instance: "two") == .none)
        #expect(harness.group.members["b"] == nil && harness.group.state == .preparingRebalance)
        #expect(harness.leave("", instance: "two") == .unknownMemberID)
        #expect(harness.leave("", instance: nil) == .unknownMemberID)
    }

    @Test func noIDHasToBeFetchedFirst() {
        var harness = GroupHarness()
        let ticket = harness.join(fresh: "a", instance: "one")
        #expect(harness.joins[ticket]?.memberID == "a" && harness.joins[ticket]?.generation == 1)
    }
}
