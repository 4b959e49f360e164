import KafkaWire
import NIOCore
import Testing

@testable import Broker

@Suite struct GroupCoordinatorTests {
    @Test func aLoneMemberIsAnsweredAfterTheInitialDelay() throws {
        let fixture = try GroupFixture()
        let answer = Answer<JoinAnswer>()
        fixture.services.groups.join(GroupFixture.joining()) { answer.set($0) }
        fixture.timers.advance(.milliseconds(99))
        #expect(answer.count == 0)
        fixture.timers.advance(.milliseconds(1))
        #expect(answer.value?.error == KafkaErrorCode.none && answer.value?.memberID == "c-1")
    }

    @Test func aMemberIsRemovedByItsTimerOnceItsHeartbeatsStop() throws {
        let fixture = try GroupFixture()
        let member = try fixture.stableMember()
        for _ in 0..<10 {
            fixture.timers.advance(.seconds(9))
            #expect(fixture.services.groups.heartbeat("g", member) == .none)
        }
        fixture.timers.advance(.seconds(10))
        #expect(fixture.services.groups.describe("g")?.state == .empty)
        #expect(fixture.services.groups.heartbeat("g", member) == .unknownMemberID)
        #expect(fixture.timers.count == 0)
    }

    @Test func oneTimerStandsForEachGroup() throws {
        let fixture = try GroupFixture()
        for number in 0..<20 { fixture.services.groups.join(GroupFixture.joining("g\(number % 2)")) { _ in } }
        #expect(fixture.timers.count == 2)
    }

    @Test(arguments: [0, 5999, 1_800_001, -1] as [Int32])
    func aSessionTimeOutOutsideTheRangeIsRefused(session: Int32) throws {
        let fixture = try GroupFixture()
        let answer = Answer<JoinAnswer>()
        fixture.services.groups.join(GroupFixture.joining(session: session)) { answer.set($0) }
        #expect(answer.value?.error == .invalidSessionTimeout)
    }

    @Test func aMemberThatTellsTooMuchOfItselfIsRefused() throws {
        var settings = GroupSettings()
        settings.maxMetadataBytes = 100
        let fixture = try GroupFixture(settings: settings)
        let answer = Answer<JoinAnswer>()
        let metadata = String(repeating: "x", count: 100)
        fixture.services.groups.join(GroupFixture.joining(metadata: metadata)) { answer.set($0) }
        #expect(answer.value?.error == .messageTooLarge)
    }

    @Test func aGroupThatIsNotThereKnowsNobody() throws {
        let groups = try GroupFixture().services.groups
        let stranger = GroupMemberIdentity(memberID: "x", generation: 1)
        let joined = Answer<JoinAnswer>()
        groups.join(GroupFixture.joining(memberID: "x")) { joined.set($0) }
        let synced = Answer<SyncAnswer>()
        groups.sync("g", stranger, protocolType: nil, protocolName: nil, assignments: [:]) { synced.set($0) }
        #expect(joined.value?.error == .unknownMemberID && synced.value?.error == .unknownMemberID)
        #expect(groups.heartbeat("g", stranger) == .unknownMemberID)
        #expect(try groups.leave("g", [("x", nil)]).get() == [.unknownMemberID])
        #expect(groups.validateCommit("g", by: stranger, isTransactional: false) == .illegalGeneration)
        #expect(groups.validateCommit("g", by: stranger, isTransactional: true) == .unknownMemberID)
        #expect(groups.list().isEmpty)
    }

    @Test func aGroupWithoutANameIsRefused() throws {
        let groups = try GroupFixture().services.groups
        let joined = Answer<JoinAnswer>()
        groups.join(GroupFixture.joining("")) { joined.set($0) }
        #expect(joined.value?.error == .invalidGroupID)
        #expect(groups.heartbeat("", GroupMemberIdentity()) == .invalidGroupID)
    }

    @Test func oneGroupTooManyIsRefusedUnlessAnEmptyOneCanGo() throws {
        var settings = GroupSettings()
        settings.maxGroups = 2
        let fixture = try GroupFixture(settings: settings)
        _ = try fixture.stableMember("a")
        let member = try fixture.stableMember("b")
        let refused = Answer<JoinAnswer>()
        fixture.services.groups.join(GroupFixture.joining("c")) { refused.set($0) }
        #expect(refused.value?.error == .policyViolation)
        _ = fixture.services.groups.leave("b", [(member.memberID, nil)])
        _ = try fixture.stableMember("c")
        #expect(Set(fixture.services.groups.list().map(\.group)) == ["a", "c"])
    }

    @Test func whoWaitsIsAnsweredWhenTheServerStops() throws {
        let fixture = try GroupFixture()
        let answer = Answer<JoinAnswer>()
        fixture.services.groups.join(GroupFixture.joining()) { answer.set($0) }
        fixture.services.groups.close()
        #expect(answer.value?.error == .coordinatorNotAvailable)
        fixture.timers.advance(.seconds(1))
        #expect(answer.count == 1)
    }

    @Test func generationAndTypeOutliveARestartButMembersDoNot() throws {
        let fixture = try GroupFixture()
        let member = try fixture.stableMember()
        let after = try fixture.restarted()
        #expect(after.services.groups.heartbeat("g", member) == .unknownMemberID)
        let description = try #require(after.services.groups.describe("g"))
        #expect(description.state == .empty && description.protocolType == "consumer")
        #expect(try after.stableMember().generation == member.generation + 1)
    }
}
