import KafkaWire
import NIOCore

extension ConsumerGroup {
    // MARK: SyncGroup

    /// A member asks for its assignment; it is answered when the leader has brought it.
    mutating func sync(_ attempt: SyncAttempt, now: NIODeadline) -> [Action] {
        let memberID = attempt.member.memberID
        if let error = refusal(of: attempt) {
            outbox.append(.answerSync(attempt.ticket, SyncAnswer(error: error)))
            return takeActions()
        }
        switch state {
        case .empty:
            outbox.append(.answerSync(attempt.ticket, SyncAnswer(error: .unknownMemberID)))
        case .preparingRebalance:
            outbox.append(.answerSync(attempt.ticket, SyncAnswer(error: .rebalanceInProgress)))
        case .completingRebalance:
            if let earlier = members[memberID]?.awaitingSync {
                outbox.append(.answerSync(earlier, SyncAnswer(error: .rebalanceInProgress)))
            }
            members[memberID]?.awaitingSync = attempt.ticket
            hasSynced(memberID)
            if memberID == leaderID { assign(attempt.assignments, now: now) }
        case .stable:
            hasSynced(memberID)
            touch(memberID, now: now)
            outbox.append(.answerSync(attempt.ticket, syncAnswer(for: memberID)))
        }
        return takeActions()
    }

    private func refusal(of attempt: SyncAttempt) -> KafkaErrorCode? {
        if let error = refusal(of: attempt.member) { return error }
        if let type = attempt.protocolType, type != protocolType { return .inconsistentGroupProtocol }
        if let name = attempt.protocolName, name != protocolName { return .inconsistentGroupProtocol }
        return nil
    }

    private mutating func hasSynced(_ memberID: String) {
        pendingSync.remove(memberID)
        if pendingSync.isEmpty { syncDeadline = nil }
    }

    /// Members that the leader left out get an empty assignment.
    private mutating func assign(_ assignments: [String: ByteBuffer], now: NIODeadline) {
        state = .stable
        for member in orderedMembers {
            members[member.id]?.assignment = assignments[member.id] ?? ByteBuffer()
            guard let ticket = member.awaitingSync else { continue }
            members[member.id]?.awaitingSync = nil
            touch(member.id, now: now)
            outbox.append(.answerSync(ticket, syncAnswer(for: member.id)))
        }
    }

    private func syncAnswer(for memberID: String) -> SyncAnswer {
        SyncAnswer(
            protocolType: protocolType, protocolName: protocolName,
            assignment: members[memberID]?.assignment ?? ByteBuffer())
    }

    // MARK: Heartbeat

    /// A member is alive; the answer tells it of a rebalance.
    mutating func heartbeat(_ member: GroupMemberIdentity, now: NIODeadline) -> KafkaErrorCode {
        if let error = refusal(of: member) { return error }
        touch(member.memberID, now: now)
        return state == .preparingRebalance ? .rebalanceInProgress : .none
    }

    // MARK: LeaveGroup

    /// A member leaves, or is made to: by its instance id alone, an administrator may remove a static member.
    mutating func leave(
        memberID: String, instanceID: String?, now: NIODeadline
    ) -> (error: KafkaErrorCode, actions: [Action]) {
        if memberID.isEmpty {
            guard let current = instanceID.flatMap({ staticMembers[$0] }) else {
                return (.unknownMemberID, [])
            }
            removeAndRebalance(current, now: now)
        } else if pendingMembers.removeValue(forKey: memberID) != nil {
            completeJoinIfAllAreThere(now: now)
        } else if let error = refusal(of: memberID, instanceID: instanceID) {
            return (error, [])
        } else {
            removeAndRebalance(memberID, now: now)
        }
        return (.none, takeActions())
    }

    // MARK: Commits

    /// Why offsets may not be committed now; nil if they may, which also counts as a sign of life.
    ///
    /// Without generation and member only an empty group takes commits: its members would not know of them.
    /// Transactional commits of old clients bring neither, and are taken.
    mutating func validateCommit(
        by member: GroupMemberIdentity, isTransactional: Bool, now: NIODeadline
    ) -> KafkaErrorCode? {
        if member.generation < 0, state == .empty { return nil }
        if member.generation >= 0 || !member.memberID.isEmpty || member.instanceID != nil {
            if let error = refusal(of: member) { return error }
        } else if !isTransactional {
            return .unknownMemberID
        }
        // The generation is right, so the member knows of the rebalance: it is to finish that first.
        if state == .completingRebalance, !isTransactional { return .rebalanceInProgress }
        if !isTransactional { touch(member.memberID, now: now) }
        return nil
    }
}
