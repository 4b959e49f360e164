import KafkaWire
import NIOCore
import Testing

@testable import Broker

@Suite struct RebalanceTests {
    @Test func whenOneOfThreeDiesTheOthersShareItsWork() {
        var harness = GroupHarness()
        harness.becomeStable(["a", "b", "c"])
        let generation = harness.group.generation
        // The third is silent from here on.
        for _ in 0..<3 {
            harness.wait(.seconds(3))
            #expect(harness.heartbeat("a") == .none && harness.heartbeat("b") == .none)
        }
        harness.wait(.seconds(1))
        #expect(harness.heartbeat("a") == .rebalanceInProgress)
        harness.join("b")
        let ticket = harness.join("a")
        #expect(harness.joins[ticket]?.memberIDs == ["a", "b"])
        #expect(harness.group.generation == generation + 1)
        harness.syncAll(["a", "b"])
        #expect(harness.group.state == .stable)
    }

    @Test func membersThatDoNotJoinInTimeAreLeftBehind() {
        var harness = GroupHarness()
        harness.becomeStable(["a", "b"])
        let ticket = harness.join("a", rebalance: .seconds(30))
        // Alive, but without a mind to join; the longest time-out counts, its own.
        for _ in 0..<20 {
            harness.wait(.seconds(3))
            _ = harness.heartbeat("b")
        }
        #expect(harness.joins[ticket]?.memberIDs == ["a"])
        #expect(harness.heartbeat("b") == .unknownMemberID)
    }

    @Test func whenTheLeaderIsLeftBehindAnotherLeads() {
        var harness = GroupHarness()
        harness.becomeStable(["a", "b"])
        let ticket = harness.join("b", metadata: "other")
        harness.wait(.seconds(10))
        #expect(harness.joins[ticket]?.leaderID == "b" && harness.joins[ticket]?.memberIDs == ["b"])
    }

    @Test func aMemberThatWaitsToJoinDoesNotTimeOut() {
        var harness = GroupHarness()
        harness.becomeStable(["a", "b"])
        let ticket = harness.join("b", metadata: "other", session: .seconds(6))
        for _ in 0..<10 {
            harness.wait(.seconds(5))
            _ = harness.heartbeat("a")
        }
        #expect(harness.joins[ticket] == nil && harness.group.members["b"] != nil)
    }

    @Test func aNewMemberThatWaitsForFiveMinutesIsLetGo() {
        var harness = GroupHarness()
        harness.becomeStable(["a"])
        let ticket = harness.join(fresh: "b", rebalance: .hours(1))
        for _ in 0..<100 {
            harness.wait(.seconds(3))
            _ = harness.heartbeat("a")
        }
        #expect(harness.joins[ticket]?.error == .unknownMemberID)
    }

    @Test func whoIsTouchedByTheEndOfAnotherStillTimesOut() {
        var harness = GroupHarness()
        harness.becomeStable(["a", "b"], instances: ["one", "two"])
        harness.join("b", instance: "two", metadata: "other")
        harness.join("a", instance: "one")
        // Both time out in the same instant; the end of the leader answers the other.
        harness.sync("b", instance: "two")
        harness.wait(.seconds(10))
        #expect(harness.group.members["b"]?.deadline == harness.now + .seconds(10))
    }

    @Test func lastMemberGoneLeavesTheGroupEmptyInANewGeneration() {
        var harness = GroupHarness()
        harness.becomeStable(["a"])
        harness.wait(.seconds(10))
        #expect(harness.group.state == .empty && harness.group.generation == 2 && harness.group.isVacant)
        #expect(harness.group.nextDeadline == nil)
        let ticket = harness.join(fresh: "b")
        #expect(harness.joins[ticket]?.generation == 3 && harness.joins[ticket]?.leaderID == "b")
    }

    // MARK: Sync

    @Test func followersWaitForTheLeadersAssignment() {
        var harness = GroupHarness()
        harness.becomeStable(["a", "b"])
        harness.join("b", metadata: "other")
        harness.join("a")
        let follower = harness.sync("b")
        #expect(harness.syncs[follower] == nil && harness.group.state == .completingRebalance)
        #expect(harness.heartbeat("b") == .none)
        let leader = harness.sync("a", assignments: ["a": "1", "b": "2"])
        #expect(harness.syncs[follower]?.assignment == ByteBuffer(string: "2"))
        #expect(harness.syncs[leader]?.assignment == ByteBuffer(string: "1"))
    }

    @Test func aFollowerThatComesAfterTheLeaderIsAnsweredAtOnce() {
        var harness = GroupHarness()
        harness.becomeStable(["a", "b"])
        let ticket = harness.sync("b", type: "consumer", name: "range")
        #expect(harness.syncs[ticket]?.assignment == ByteBuffer(string: "of b"))
    }

    @Test func aMemberThatTheLeaderForgetsGetsAnEmptyAssignment() {
        var harness = GroupHarness()
        harness.join(fresh: "a")
        let ticket = harness.sync("a")
        #expect(harness.syncs[ticket] == SyncAnswer(protocolType: "consumer", protocolName: "range"))
    }

    @Test func whenTheLeaderDiesDuringSyncTheOthersJoinAgain() {
        var harness = GroupHarness()
        harness.becomeStable(["a", "b", "c"])
        for id in ["c", "b", "a"] { harness.join(id, metadata: "other") }
        let waiting = [harness.sync("b"), harness.sync("c")]
        harness.wait(.seconds(10))
        #expect(waiting.map { harness.syncs[$0]?.error } == [.rebalanceInProgress, .rebalanceInProgress])
        harness.join("c", metadata: "other")
        let ticket = harness.join("b", metadata: "other")
        #expect(harness.joins[ticket]?.memberIDs == ["b", "c"])
    }

    @Test func membersThatNeverSyncAreLeftBehindAfterTheRebalanceTimeOut() {
        var harness = GroupHarness()
        harness.becomeStable(["a", "b"])
        harness.join("b", metadata: "other", rebalance: .seconds(20))
        harness.join("a", rebalance: .seconds(20))
        harness.sync("a", assignments: ["a": "1", "b": "2"])
        for _ in 0..<5 {
            harness.wait(.seconds(4))
            _ = harness.heartbeat("a")
            _ = harness.heartbeat("b")
        }
        #expect(harness.heartbeat("a") == .rebalanceInProgress)
        #expect(harness.heartbeat("b") == .unknownMemberID)
    }

    @Test func aSyncOfAnotherGenerationOrProtocolIsRefused() {
        var harness = GroupHarness()
        harness.becomeStable(["a"])
        #expect(harness.syncNow("a", generation: 7)?.error == .illegalGeneration)
        #expect(harness.syncNow("x")?.error == .unknownMemberID)
        #expect(harness.syncNow("a", type: "connect")?.error == .inconsistentGroupProtocol)
        #expect(harness.syncNow("a", name: "sticky")?.error == .inconsistentGroupProtocol)
    }

    @Test func aSyncDuringARebalanceIsToldSo() {
        var harness = GroupHarness()
        harness.becomeStable(["a", "b"])
        harness.join("a")
        #expect(harness.syncNow("b")?.error == .rebalanceInProgress)
    }

    // MARK: Heartbeat

    @Test func aHeartbeatOfAnotherGenerationIsRefused() {
        var harness = GroupHarness()
        harness.becomeStable(["a"])
        #expect(harness.heartbeat("a", generation: 0) == .illegalGeneration)
        #expect(harness.heartbeat("b") == .unknownMemberID)
    }

    @Test func aMemberThatOnlyHasItsIDCannotSendHeartbeats() {
        var harness = GroupHarness()
        harness.join(fresh: "a", twoSteps: true)
        #expect(harness.heartbeat("a") == .unknownMemberID)
    }

    // MARK: Leave

    @Test func leavingAStableGroupCausesARebalance() {
        var harness = GroupHarness()
        harness.becomeStable(["a", "b"])
        #expect(harness.leave("b") == .none)
        #expect(harness.heartbeat("a") == .rebalanceInProgress)
        #expect(harness.leave("b") == .unknownMemberID)
    }

    @Test func leavingDuringARebalanceLetsItComplete() {
        var harness = GroupHarness()
        harness.becomeStable(["a", "b"])
        let ticket = harness.join("a")
        #expect(harness.leave("b") == .none)
        #expect(harness.joins[ticket]?.memberIDs == ["a"])
    }

    @Test func leavingWhileItWaitsToJoinAnswersTheMember() {
        var harness = GroupHarness()
        harness.becomeStable(["a", "b"])
        let ticket = harness.join("b", metadata: "other")
        harness.leave("b")
        #expect(harness.joins[ticket]?.error == .unknownMemberID)
    }

    @Test func leavingWhileOthersSyncMakesThemJoinAgain() {
        var harness = GroupHarness()
        harness.becomeStable(["a", "b"])
        harness.join("b", metadata: "other")
        harness.join("a")
        let waiting = harness.sync("b")
        harness.leave("a")
        #expect(harness.syncs[waiting]?.error == .rebalanceInProgress)
        let rejoin = harness.join("b", metadata: "other")
        #expect(harness.joins[rejoin]?.leaderID == "b")
    }

    @Test func anIDThatWasOnlyGivenOutCanLeave() {
        var harness = GroupHarness()
        harness.join(fresh: "a", twoSteps: true)
        #expect(harness.leave("a") == .none)
        #expect(harness.group.isVacant)
    }

    @Test func theLastMemberThatLeavesEmptiesTheGroup() {
        var harness = GroupHarness(delay: .milliseconds(100))
        let ticket = harness.join(fresh: "a")
        harness.leave("a")
        #expect(harness.joins[ticket]?.error == .unknownMemberID)
        harness.wait(.milliseconds(100))
        #expect(harness.group.state == .empty && harness.group.nextDeadline == nil)
    }

    // MARK: The right to commit

    @Test func anEmptyGroupTakesCommitsOfAnybodyWithoutGeneration() {
        var harness = GroupHarness()
        #expect(harness.commitError("", generation: -1) == nil)
        harness.becomeStable(["a"])
        #expect(harness.commitError("", generation: -1) == .unknownMemberID)
        #expect(harness.commitError("", generation: -1, isTransactional: true) == nil)
    }

    @Test func membersCommitInTheirGenerationOnly() {
        var harness = GroupHarness()
        harness.becomeStable(["a", "b"])
        #expect(harness.commitError("a") == nil)
        #expect(harness.commitError("a", generation: 0) == .illegalGeneration)
        #expect(harness.commitError("x") == .unknownMemberID)
        #expect(harness.commitError("x", isTransactional: true) == .unknownMemberID)
        harness.join("a")
        #expect(harness.commitError("b") == nil, "it does not know of the rebalance yet")
        harness.join("b")
        #expect(harness.commitError("b") == .rebalanceInProgress, "it has joined, but has no assignment")
    }

    @Test func aCommitIsASignOfLife() {
        var harness = GroupHarness()
        harness.becomeStable(["a"])
        for _ in 0..<5 {
            harness.wait(.seconds(8))
            #expect(harness.commitError("a") == nil)
        }
    }
}
