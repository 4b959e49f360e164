import KafkaWire
import NIOCore
import StreamModel
import Testing

@testable import Broker

struct ConsumerMembershipTests {
    private let pin = TopicName("pin")
    private var topics: [TopicName] { pin.map { [$0] } ?? [] }

    private func ticket(_ actions: [ConsumerMembership.Action]) -> UInt64 {
        for action in actions {
            switch action {
            case .join(let ticket, _, _), .revoke(let ticket): return ticket
            case .sync(let ticket, _, _, _): return ticket
            default: break
            }
        }
        return 0
    }

    private func isJoin(_ actions: [ConsumerMembership.Action], as memberID: String) -> Bool {
        actions.contains { if case .join(_, memberID, _) = $0 { true } else { false } }
    }

    private func joinAnswer(
        _ memberID: String = "m", generation: Int32 = 1, leader: String = "other",
        members: [JoinAnswer.Member] = []
    ) -> JoinAnswer {
        JoinAnswer(
            memberID: memberID, generation: generation, protocolType: "consumer", protocolName: "range",
            leaderID: leader, members: members)
    }

    private func syncAnswer(_ partitions: [TopicPartition]) -> SyncAnswer {
        SyncAnswer(assignment: ConsumerProtocol.encode(.init(partitions), version: 1))
    }

    private func stable(leader: String = "other", members: [JoinAnswer.Member] = []) throws
        -> ConsumerMembership
    {
        var membership = ConsumerMembership()
        _ = membership.want(topics)
        let joined = membership.joinAnswered(
            joinAnswer(leader: leader, members: members), ticket: ticket(membership.join())
        ) { _ in 2 }
        let actions = membership.syncAnswered(
            syncAnswer([try GroupFixture.partition()]), ticket: ticket(joined))
        #expect(actions == [.assigned([try GroupFixture.partition()])])
        #expect(membership.phase == .stable)
        return membership
    }

    @Test func joinsOnlyOnceItIsAsked() {
        var membership = ConsumerMembership()
        let early = membership.join()
        let wish = membership.want(topics)
        let joining = membership.join()
        let again = membership.join()
        #expect(early.isEmpty && wish.isEmpty && again.isEmpty)
        #expect(isJoin(joining, as: ""))
    }

    @Test func leaderAssignsForNativeMembersToo() throws {
        var membership = ConsumerMembership()
        _ = membership.want(topics)
        let native = ConsumerProtocol.encode(.init(topics: ["pin"]), version: 3)
        let own = ConsumerProtocol.encode(.init(topics: ["pin"]), version: 0)
        let actions = membership.joinAnswered(
            joinAnswer(
                leader: "m",
                members: [
                    .init(id: "m", instanceID: nil, metadata: own),
                    .init(id: "native", instanceID: nil, metadata: native),
                    .init(id: "strange", instanceID: nil, metadata: ByteBuffer(string: "?")),
                ]), ticket: ticket(membership.join())
        ) { _ in 2 }
        guard case .sync(_, let member, "range", let assignments) = actions.first else {
            Issue.record("no sync: \(actions)")
            return
        }
        #expect(member == GroupMemberIdentity(memberID: "m", generation: 1))
        let shares = try assignments.mapValues { try ConsumerProtocol.decodeAssignment($0).partitions }
        #expect(
            shares == [
                "m": [try GroupFixture.partition("pin", 0)],
                "native": [try GroupFixture.partition("pin", 1)], "strange": [],
            ])
    }

    @Test func commitsBeforeItJoinsAgain() throws {
        var membership = try stable()
        let revoking = membership.heartbeatAnswered(.rebalanceInProgress)
        #expect(revoking == [.revoke(ticket: ticket(revoking))])
        let actions = membership.revoked(ticket: ticket(revoking))
        #expect(actions.first == .assigned([]))
        #expect(isJoin(actions, as: "m"))
    }

    @Test func memberThatIsForgottenJoinsAnewWithoutCommitting() throws {
        var membership = try stable()
        let actions = membership.heartbeatAnswered(.unknownMemberID)
        #expect(actions.first == .assigned([]))
        #expect(isJoin(actions, as: ""))
    }

    @Test func memberOfAnOldGenerationKeepsItsID() throws {
        var membership = try stable()
        let actions = membership.heartbeatAnswered(.illegalGeneration)
        #expect(isJoin(actions, as: "m"))
    }

    @Test func otherTopicsMakeItJoinAgain() throws {
        var membership = try stable()
        let same = membership.want(topics)
        let revoking = membership.want(topics + [try #require(TopicName("geo"))])
        let actions = membership.revoked(ticket: ticket(revoking))
        #expect(same.isEmpty)
        #expect(isJoin(actions, as: "m"))
    }

    @Test func topicsThatChangeWhileItJoinsAreToldAfterwards() throws {
        var membership = ConsumerMembership()
        _ = membership.want(topics)
        let joining = membership.join()
        let wish = membership.want([try #require(TopicName("geo"))])
        #expect(wish.isEmpty)
        let joined = membership.joinAnswered(joinAnswer(), ticket: ticket(joining)) { _ in 1 }
        let actions = membership.syncAnswered(syncAnswer([]), ticket: ticket(joined))
        #expect(actions.last == .revoke(ticket: ticket(actions)))
    }

    @Test func onlyTheLeaderMindsNewPartitions() throws {
        var follower = try stable()
        let indifference = follower.topicsChanged { _ in 3 }
        #expect(indifference.isEmpty)
        let metadata = ConsumerProtocol.encode(.init(topics: ["pin"]), version: 0)
        var leader = try stable(
            leader: "m", members: [.init(id: "m", instanceID: nil, metadata: metadata)])
        let same = leader.topicsChanged { _ in 2 }
        let more = leader.topicsChanged { _ in 3 }
        #expect(same.isEmpty)
        #expect(more == [.revoke(ticket: 3)])
    }

    @Test func leavesAfterItHasCommitted() throws {
        var membership = try stable()
        let revoking = membership.leave()
        let leaving = membership.revoked(ticket: ticket(revoking))
        #expect(leaving == [.assigned([]), .leave(memberID: "m")])
        #expect(membership.phase == .out)
    }

    @Test func membershipThatComesTooLateIsGivenBack() {
        var membership = ConsumerMembership()
        _ = membership.want(topics)
        let joining = membership.join()
        let leaving = membership.leave()
        #expect(leaving == [.assigned([])])
        let late = membership.joinAnswered(joinAnswer("late"), ticket: ticket(joining)) { _ in 1 }
        #expect(late == [.leave(memberID: "late")])
    }

    @Test(arguments: [KafkaErrorCode.inconsistentGroupProtocol, .groupMaxSizeReached, .policyViolation])
    func refusalByTheGroupIsToldAndMayBeTriedAgain(_ error: KafkaErrorCode) {
        var membership = ConsumerMembership()
        _ = membership.want(topics)
        let actions = membership.joinAnswered(
            JoinAnswer(error: error, memberID: ""), ticket: ticket(membership.join())
        ) { _ in 1 }
        let again = membership.join()
        #expect(actions == [.assigned([]), .failed(error)])
        #expect(isJoin(again, as: ""))
    }

    @Test func unreadableAssignmentIsARefusal() {
        var membership = ConsumerMembership()
        _ = membership.want(topics)
        let joined = membership.joinAnswered(joinAnswer(), ticket: ticket(membership.join())) { _ in 1 }
        let actions = membership.syncAnswered(
            SyncAnswer(assignment: ByteBuffer(string: "??????")), ticket: ticket(joined))
        #expect(actions == [.assigned([]), .leave(memberID: "m"), .failed(.corruptMessage)])
    }

    @Test func answersToEarlierRequestsChangeNothing() throws {
        var membership = try stable()
        let late = membership.syncAnswered(syncAnswer([]), ticket: 1) + membership.revoked(ticket: 1)
        #expect(late.isEmpty)
        #expect(membership.phase == .stable)
    }
}
