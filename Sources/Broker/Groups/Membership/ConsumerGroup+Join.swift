import KafkaWire
import NIOCore

extension ConsumerGroup {
    // MARK: JoinGroup

    /// A member joins, for the first time or again; it is answered when its generation begins.
    mutating func join(_ attempt: JoinAttempt, now: NIODeadline) -> [Action] {
        if !hasRoom(for: attempt) {
            refuse(attempt, .groupMaxSizeReached)
        } else if !supports(attempt) {
            refuse(attempt, .inconsistentGroupProtocol)
        } else if attempt.memberID.isEmpty {
            joinAnew(attempt, now: now)
        } else if pendingMembers[attempt.memberID] != nil, attempt.instanceID == nil {
            add(attempt, as: attempt.memberID, now: now)
        } else if let error = refusal(of: attempt.memberID, instanceID: attempt.instanceID) {
            refuse(attempt, error)
        } else {
            rejoin(attempt, now: now)
        }
        completeJoinIfAllAreThere(now: now)
        return takeActions()
    }

    /// Members may always join again, and a static member may restart.
    private func hasRoom(for attempt: JoinAttempt) -> Bool {
        if members[attempt.memberID] != nil { return true }
        if let instanceID = attempt.instanceID, staticMembers[instanceID] != nil { return true }
        return members.count < limits.maxSize
    }

    private mutating func joinAnew(_ attempt: JoinAttempt, now: NIODeadline) {
        if let instanceID = attempt.instanceID, let current = staticMembers[instanceID] {
            replace(current, by: attempt, instanceID: instanceID, now: now)
        } else if attempt.instanceID == nil, attempt.requiresKnownMemberID {
            guard pendingMembers.count < limits.maxSize else { return refuse(attempt, .groupMaxSizeReached) }
            pendingMembers[attempt.freshMemberID] = now + attempt.sessionTimeout
            initialDelay?.newMemberCame = true
            let answer = JoinAnswer(error: .memberIDRequired, memberID: attempt.freshMemberID)
            outbox.append(.answerJoin(attempt.ticket, answer))
        } else {
            add(attempt, as: attempt.freshMemberID, now: now)
        }
    }

    private mutating func add(_ attempt: JoinAttempt, as memberID: String, now: NIODeadline) {
        if members.isEmpty { protocolType = attempt.protocolType }
        initialDelay?.newMemberCame = true
        insert(
            GroupMember(
                id: memberID, instanceID: attempt.instanceID, clientID: attempt.clientID,
                clientHost: attempt.clientHost, rebalanceTimeout: attempt.rebalanceTimeout,
                sessionTimeout: attempt.sessionTimeout, protocols: attempt.protocols,
                awaitingJoin: attempt.ticket))
        touch(memberID, now: now)
        prepareRebalance(now: now)
    }

    private mutating func rejoin(_ attempt: JoinAttempt, now: NIODeadline) {
        let isUnchanged = members[attempt.memberID]?.protocols == attempt.protocols
        switch state {
        case .preparingRebalance:
            update(attempt.memberID, with: attempt)
        case .completingRebalance where isUnchanged:
            // The answer to its first request got lost.
            answerNow(attempt, members: leaderID == attempt.memberID ? memberList : [])
            touch(attempt.memberID, now: now)
        case .stable where isUnchanged && leaderID != attempt.memberID:
            answerNow(attempt, members: [])
            touch(attempt.memberID, now: now)
        case .completingRebalance, .stable:
            // A leader that joins again without a change wants a rebalance: there may be more partitions now.
            update(attempt.memberID, with: attempt)
            prepareRebalance(now: now)
        case .empty:
            refuse(attempt, .unknownMemberID)
        }
    }

    private mutating func update(_ memberID: String, with attempt: JoinAttempt) {
        guard var member = members[memberID] else { return }
        if let earlier = member.awaitingJoin {
            let answer = JoinAnswer(error: .rebalanceInProgress, memberID: memberID)
            outbox.append(.answerJoin(earlier, answer))
        }
        countSupport(of: member.protocols, by: -1)
        countSupport(of: attempt.protocols, by: 1)
        member.protocols = attempt.protocols
        member.rebalanceTimeout = attempt.rebalanceTimeout
        member.sessionTimeout = attempt.sessionTimeout
        member.awaitingJoin = attempt.ticket
        members[memberID] = member
    }

    private mutating func refuse(_ attempt: JoinAttempt, _ error: KafkaErrorCode) {
        outbox.append(.answerJoin(attempt.ticket, JoinAnswer(error: error, memberID: attempt.memberID)))
    }

    private mutating func answerNow(_ attempt: JoinAttempt, members: [JoinAnswer.Member]) {
        var answer = joinAnswer(for: attempt.memberID)
        answer.members = members
        outbox.append(.answerJoin(attempt.ticket, answer))
    }

    // MARK: Static members

    /// A static member has restarted: it gets a new id, and whoever still uses the old one is fenced.
    private mutating func replace(
        _ oldID: String, by attempt: JoinAttempt, instanceID: String, now: NIODeadline
    ) {
        let oldLeaderID = leaderID
        rename(oldID, to: attempt.freshMemberID, instanceID: instanceID)
        update(attempt.freshMemberID, with: attempt)
        members[attempt.freshMemberID]?.clientID = attempt.clientID
        members[attempt.freshMemberID]?.clientHost = attempt.clientHost
        touch(attempt.freshMemberID, now: now)
        switch state {
        case .stable where selectProtocol() == protocolName:
            // No rebalance. The leader is named by its old id: the restarted one must not assign anything.
            members[attempt.freshMemberID]?.awaitingJoin = nil
            var answer = joinAnswer(for: attempt.freshMemberID)
            answer.leaderID = oldLeaderID ?? ""
            answer.members = []
            outbox.append(.answerJoin(attempt.ticket, answer))
        case .stable, .completingRebalance:
            // The leader may be about to assign partitions to the old id.
            prepareRebalance(now: now)
        case .empty, .preparingRebalance: break
        }
    }

    private mutating func rename(_ oldID: String, to newID: String, instanceID: String) {
        guard var member = members.removeValue(forKey: oldID) else { return }
        if let ticket = member.awaitingJoin {
            let answer = JoinAnswer(error: .fencedInstanceID, memberID: oldID)
            outbox.append(.answerJoin(ticket, answer))
        }
        if let ticket = member.awaitingSync {
            outbox.append(.answerSync(ticket, SyncAnswer(error: .fencedInstanceID)))
        }
        member.id = newID
        member.awaitingJoin = nil
        member.awaitingSync = nil
        members[newID] = member
        staticMembers[instanceID] = newID
        if pendingSync.remove(oldID) != nil { pendingSync.insert(newID) }
        if leaderID == oldID { leaderID = newID }
    }
}
