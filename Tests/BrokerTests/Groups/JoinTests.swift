import KafkaWire
import NIOCore
import Testing

@testable import Broker

@Suite struct JoinTests {
    @Test func aLoneMemberIsLeaderOfTheFirstGeneration() throws {
        var harness = GroupHarness()
        let ticket = harness.join(fresh: "a")
        let answer = try #require(harness.joins[ticket])
        #expect(answer.error == .none && answer.generation == 1 && answer.leaderID == "a")
        #expect(answer.memberID == "a" && answer.memberIDs == ["a"] && answer.protocolName == "range")
        let sync = harness.sync("a", assignments: ["a": "all"])
        #expect(harness.syncs[sync]?.assignment == ByteBuffer(string: "all"))
        #expect(harness.group.state == .stable)
        #expect(harness.heartbeat("a") == .none)
    }

    @Test func theFirstMemberWaitsForTheInitialDelayAndNoLonger() {
        var harness = GroupHarness(delay: .milliseconds(100))
        let ticket = harness.join(fresh: "a")
        harness.wait(.milliseconds(99))
        #expect(harness.joins[ticket] == nil)
        harness.wait(.milliseconds(1))
        #expect(harness.joins[ticket]?.generation == 1)
    }

    @Test func membersThatComeWithinTheDelayShareTheFirstGeneration() {
        var harness = GroupHarness(delay: .milliseconds(100))
        let tickets = ["a", "b", "c"].map { id in
            defer { harness.wait(.milliseconds(60)) }
            return harness.join(fresh: id)
        }
        #expect(harness.joins.isEmpty)
        harness.wait(.milliseconds(200))
        #expect(tickets.map { harness.joins[$0]?.generation } == [1, 1, 1])
        #expect(tickets.map { harness.joins[$0]?.memberIDs.count } == [3, 0, 0])
    }

    @Test func theDelayIsNotProlongedPastTheRebalanceTimeOut() {
        var harness = GroupHarness(delay: .milliseconds(100))
        let first = harness.join(fresh: "first", rebalance: .milliseconds(250))
        for number in 0..<20 where harness.joins[first] == nil {
            harness.join(fresh: "m\(number)", rebalance: .milliseconds(250))
            harness.wait(.milliseconds(50))
        }
        #expect(harness.joins[first]?.generation == 1)
        #expect(harness.now <= .uptimeNanoseconds(1_000_000_000) + .milliseconds(300))
    }

    @Test func aNewMemberHasToComeAgainWithItsID() throws {
        var harness = GroupHarness()
        let optional = harness.joinNow(fresh: "a", twoSteps: true)
        let first = try #require(optional)
        #expect(first.error == .memberIDRequired && first.memberID == "a")
        #expect(harness.group.members.isEmpty && harness.group.state == .empty)
        let second = harness.join("a", twoSteps: true)
        #expect(harness.joins[second]?.generation == 1)
    }

    @Test func anIDThatIsNotUsedIsForgottenAfterTheSessionTimeOut() {
        var harness = GroupHarness()
        harness.join(fresh: "a", session: .seconds(10), twoSteps: true)
        #expect(!harness.group.isVacant)
        harness.wait(.seconds(10))
        #expect(harness.group.isVacant)
        #expect(harness.joinNow("a", twoSteps: true)?.error == .unknownMemberID)
    }

    @Test func aRebalanceWaitsForAMemberThatHasOnlyItsID() {
        var harness = GroupHarness()
        harness.becomeStable(["a", "b"])
        harness.join(fresh: "c", twoSteps: true)
        let rejoin = harness.join("a")
        harness.join("b")
        #expect(harness.joins[rejoin] == nil)
        let last = harness.join("c", twoSteps: true)
        #expect(harness.joins[rejoin]?.memberIDs == ["a", "b", "c"])
        #expect(harness.joins[last]?.generation == harness.group.generation)
    }

    @Test func anUnknownMemberIDIsRefused() {
        var harness = GroupHarness()
        harness.becomeStable(["a"])
        #expect(harness.joinNow("stranger")?.error == .unknownMemberID)
    }

    @Test func theGroupTakesNoMoreThanItsSize() {
        var harness = GroupHarness(maxSize: 2)
        harness.becomeStable(["a", "b"])
        #expect(harness.joinNow(fresh: "c")?.error == .groupMaxSizeReached)
        #expect(harness.group.members.count == 2 && harness.group.state == .stable)
        // Those who are members may join again.
        harness.join("a")
        #expect(harness.joinNow("b")?.error == KafkaErrorCode.none)
    }

    // MARK: Joining again

    @Test func aFollowerWithoutAChangeGetsTheGenerationThatIs() throws {
        var harness = GroupHarness()
        harness.becomeStable(["a", "b"])
        let generation = harness.group.generation
        let optional = harness.joinNow("b")
        let answer = try #require(optional)
        #expect(answer.error == .none && answer.generation == generation && answer.members.isEmpty)
        #expect(harness.group.state == .stable)
    }

    @Test func aLeaderThatJoinsAgainCausesARebalance() {
        var harness = GroupHarness()
        harness.becomeStable(["a", "b"])
        harness.join("a")
        #expect(harness.group.state == .preparingRebalance)
        #expect(harness.heartbeat("b") == .rebalanceInProgress)
    }

    @Test func aFollowerWithOtherMetadataCausesARebalance() {
        var harness = GroupHarness()
        harness.becomeStable(["a", "b"])
        harness.join("b", metadata: "other topics")
        #expect(harness.group.state == .preparingRebalance)
    }

    @Test func anAnswerThatGotLostIsGivenAgain() throws {
        var harness = GroupHarness()
        let first = harness.join(fresh: "a")
        let again = harness.join("a")
        #expect(harness.joins[again] == harness.joins[first])
        #expect(harness.group.generation == 1)
    }

    @Test func aRequestThatIsReplacedIsAnsweredToo() {
        var harness = GroupHarness()
        harness.becomeStable(["a", "b"])
        let early = harness.join("a")
        let late = harness.join("a")
        #expect(harness.joins[early]?.error == .rebalanceInProgress && harness.joins[late] == nil)
        harness.join("b")
        #expect(harness.joins[late]?.error == KafkaErrorCode.none && harness.repeated == 0)
    }

    // MARK: Protocols

    @Test func aMemberOfAnotherTypeIsRefused() {
        var harness = GroupHarness()
        harness.becomeStable(["a"])
        let ticket = harness.join(fresh: "b", type: "connect")
        #expect(harness.joins[ticket]?.error == .inconsistentGroupProtocol)
    }

    @Test func aMemberWithoutACommonProtocolIsRefused() {
        var harness = GroupHarness()
        harness.becomeStable(["a"])
        let ticket = harness.join(fresh: "b", protocols: ["sticky"])
        #expect(harness.joins[ticket]?.error == .inconsistentGroupProtocol)
        #expect(harness.group.state == .stable)
    }

    @Test func aMemberWithoutProtocolsIsRefused() {
        var harness = GroupHarness()
        #expect(harness.joinNow(fresh: "a", protocols: [])?.error == .inconsistentGroupProtocol)
        #expect(harness.joinNow(fresh: "a", type: "")?.error == .inconsistentGroupProtocol)
    }

    @Test func theProtocolOfMostVotesAmongTheCommonOnesIsChosen() {
        var harness = GroupHarness(delay: .milliseconds(10))
        harness.join(fresh: "a", protocols: ["only-a", "range", "sticky"])
        harness.join(fresh: "b", protocols: ["sticky", "range"])
        let last = harness.join(fresh: "c", protocols: ["sticky", "range", "only-c"])
        harness.wait(.seconds(1))
        #expect(harness.joins[last]?.protocolName == "sticky")
    }

    @Test func aProtocolCanBeChangedOneMemberAfterTheOther() {
        var harness = GroupHarness()
        harness.becomeStable(["a", "b"])
        harness.join("a", protocols: ["sticky", "range"])
        harness.join("b")
        #expect(harness.group.protocolName == "range")
        harness.syncAll(["a", "b"])
        #expect(harness.joinNow("b", protocols: ["sticky"])?.error == .inconsistentGroupProtocol)
        harness.join("b", protocols: ["sticky", "range"])
        harness.join("a", protocols: ["sticky", "range"])
        #expect(harness.group.protocolName == "sticky")
    }

    @Test func subscriptionsAreReadFromTheMembersMetadata() {
        var harness = GroupHarness()
        harness.join(fresh: "a", metadata: "\0\u{1}\0\0\0\u{1}\0\u{3}pin")
        #expect(harness.group.subscribedTopics == ["pin"])
        #expect(harness.group.isSubscribed(to: "pin") && !harness.group.isSubscribed(to: "geo"))
    }

    @Test func metadataThatCannotBeReadStandsForEveryTopic() {
        var harness = GroupHarness()
        harness.join(fresh: "a", metadata: "?")
        #expect(harness.group.isSubscribed(to: "geo"))
    }
}
