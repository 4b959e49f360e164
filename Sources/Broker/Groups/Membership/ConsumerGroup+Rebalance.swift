import KafkaWire
import NIOCore

extension ConsumerGroup {
    /// Calls all members to join again; does nothing while that is under way.
    mutating func prepareRebalance(now: NIODeadline) {
        guard state != .preparingRebalance else { return }
        if state == .completingRebalance { refuseWaitingSyncs(now: now) }
        pendingSync = []
        syncDeadline = nil
        let delay = limits.initialRebalanceDelay
        if state == .empty, delay > .zero {
            initialDelay = InitialDelay(remaining: max(rebalanceTimeout - delay, .zero))
            joinDeadline = now + delay
        } else {
            initialDelay = nil
            joinDeadline = now + rebalanceTimeout
        }
        state = .preparingRebalance
        completeJoinIfAllAreThere(now: now)
    }

    /// The assignments are void: they are for a generation that never came to be.
    private mutating func refuseWaitingSyncs(now: NIODeadline) {
        for member in orderedMembers {
            members[member.id]?.assignment = ByteBuffer()
            guard let ticket = member.awaitingSync else { continue }
            members[member.id]?.awaitingSync = nil
            touch(member.id, now: now)
            outbox.append(.answerSync(ticket, SyncAnswer(error: .rebalanceInProgress)))
        }
    }

    mutating func completeJoinIfAllAreThere(now: NIODeadline) {
        guard state == .preparingRebalance, initialDelay == nil, pendingMembers.isEmpty,
            members.values.allSatisfy({ $0.awaitingJoin != nil })
        else { return }
        completeJoin(now: now)
    }

    mutating func joinTimePassed(now: NIODeadline) {
        guard state == .preparingRebalance else {
            joinDeadline = nil
            return
        }
        if let delay = initialDelay, delay.newMemberCame, delay.remaining > .zero {
            let more = min(limits.initialRebalanceDelay, delay.remaining)
            initialDelay = InitialDelay(remaining: delay.remaining - more)
            joinDeadline = now + more
        } else {
            initialDelay = nil
            completeJoin(now: now)
        }
    }

    /// Begins the next generation with those who have joined, and with static members, who may come later.
    private mutating func completeJoin(now: NIODeadline) {
        for member in orderedMembers where member.awaitingJoin == nil && member.instanceID == nil {
            remove(member.id)
        }
        if !members.isEmpty, !electLeader() {
            // Only static members that have not come back: their session time-out decides.
            joinDeadline = now + max(rebalanceTimeout, .milliseconds(100))
            return
        }
        joinDeadline = nil
        generation = generation == .max ? 1 : generation + 1
        if members.isEmpty {
            leaderID = nil
            protocolName = nil
            state = .empty
        } else {
            protocolName = selectProtocol()
            state = .completingRebalance
            answerJoins(now: now)
            pendingSync = Set(members.keys)
            syncDeadline = now + rebalanceTimeout
        }
        subscribedTopics = readSubscriptions()
        outbox.append(.generationStarted)
    }

    private mutating func answerJoins(now: NIODeadline) {
        for member in orderedMembers {
            members[member.id]?.awaitingJoin = nil
            members[member.id]?.isNew = false
            touch(member.id, now: now)
            if let ticket = member.awaitingJoin {
                outbox.append(.answerJoin(ticket, joinAnswer(for: member.id)))
            }
        }
    }

    /// The leader stays if it has joined; otherwise the eldest that has becomes it.
    private mutating func electLeader() -> Bool {
        if let leaderID, members[leaderID]?.awaitingJoin != nil { return true }
        guard let eldest = orderedMembers.first(where: { $0.awaitingJoin != nil }) else { return false }
        leaderID = eldest.id
        return true
    }

    /// The answer as the generation is now; with the member list for the leader.
    func joinAnswer(for memberID: String) -> JoinAnswer {
        JoinAnswer(
            memberID: memberID, generation: generation, protocolType: protocolType,
            protocolName: protocolName,
            leaderID: leaderID ?? "", members: memberID == leaderID ? memberList : [])
    }

    var memberList: [JoinAnswer.Member] {
        orderedMembers.map {
            .init(id: $0.id, instanceID: $0.instanceID, metadata: $0.metadata(for: protocolName))
        }
    }

    /// Members that joined this generation, but never asked for their assignment, hold up their partitions.
    mutating func leaveUnsyncedBehind(now: NIODeadline) {
        syncDeadline = nil
        guard state == .completingRebalance || state == .stable, !pendingSync.isEmpty else { return }
        for memberID in pendingSync.sorted() { remove(memberID) }
        prepareRebalance(now: now)
    }

    /// A member is gone: the others share its partitions.
    mutating func removeAndRebalance(_ memberID: String, now: NIODeadline) {
        remove(memberID)
        switch state {
        case .stable, .completingRebalance: prepareRebalance(now: now)
        case .preparingRebalance: completeJoinIfAllAreThere(now: now)
        case .empty: break
        }
    }
}
