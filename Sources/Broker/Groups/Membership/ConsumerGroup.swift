import KafkaWire
import NIOCore

/// One group: who is a member, in which generation, and who waits for what.
///
/// A value without clock, timers or sockets: each event gives the answers that are due, and `nextDeadline` says when
/// `timePassed` is to be called. The rules are those of Apache Kafka's group coordinator for the classic protocol.
/// Unlike there, a request that is replaced by a later one of the same member is answered too.
struct ConsumerGroup: Sendable {
    enum State: String, Sendable {
        /// No members.
        case empty = "Empty"
        /// Members are to join.
        case preparingRebalance = "PreparingRebalance"
        /// All have joined; the leader is to bring the assignment.
        case completingRebalance = "CompletingRebalance"
        case stable = "Stable"
    }

    enum Action: Sendable, Equatable {
        case answerJoin(ReplyTicket, JoinAnswer)
        case answerSync(ReplyTicket, SyncAnswer)
        /// The generation has changed; the group may have become empty, or is no longer.
        case generationStarted
    }

    /// What the group needs to know of the settings.
    struct Limits: Sendable {
        var initialRebalanceDelay: TimeAmount
        var maxSize: Int
    }

    let limits: Limits
    var state = State.empty
    var generation: Int32
    var protocolType: String?
    var protocolName: String?
    var leaderID: String?
    var members: [String: GroupMember] = [:]
    /// Member ids by `group.instance.id`.
    var staticMembers: [String: String] = [:]
    /// Ids that were given out, but have not joined yet, and when they are forgotten.
    var pendingMembers: [String: NIODeadline] = [:]
    /// Topics that the members of this generation read; nil if that is not known.
    var subscribedTopics: Set<String>?

    /// How many members support each protocol.
    var protocolSupport: [String: Int] = [:]
    /// When members that have not joined are left behind.
    var joinDeadline: NIODeadline?
    /// Set while the first members of an empty group are waited for.
    var initialDelay: InitialDelay?
    /// Members that have not asked for their assignment in this generation.
    var pendingSync: Set<String> = []
    var syncDeadline: NIODeadline?
    var outbox: [Action] = []
    private var nextOrder: UInt64 = 0

    struct InitialDelay: Sendable {
        /// How much longer the delay may become.
        var remaining: TimeAmount
        var newMemberCame = false
    }

    /// - Parameters: `generation` and `protocolType` as they were before a restart.
    init(limits: Limits, generation: Int32 = 0, protocolType: String? = nil) {
        self.limits = limits
        self.generation = generation
        self.protocolType = protocolType
        subscribedTopics = protocolType == Self.consumerProtocolType ? [] : nil
    }

    // MARK: Members

    var orderedMembers: [GroupMember] { members.values.sorted { $0.order < $1.order } }

    /// Whether nothing is left of it but its generation.
    var isVacant: Bool { state == .empty && members.isEmpty && pendingMembers.isEmpty }

    /// The longest of the members': all get the time that the slowest needs.
    var rebalanceTimeout: TimeAmount { members.values.map(\.rebalanceTimeout).max() ?? .zero }

    /// Why a member that gives this identity is none; nil if it is one.
    func refusal(of memberID: String, instanceID: String?) -> KafkaErrorCode? {
        if let instanceID {
            guard let current = staticMembers[instanceID] else { return .unknownMemberID }
            if current != memberID { return .fencedInstanceID }
        }
        return members[memberID] == nil ? .unknownMemberID : nil
    }

    func refusal(of member: GroupMemberIdentity) -> KafkaErrorCode? {
        refusal(of: member.memberID, instanceID: member.instanceID)
            ?? (member.generation == generation ? nil : .illegalGeneration)
    }

    mutating func insert(_ member: GroupMember) {
        var member = member
        member.order = nextOrder
        nextOrder += 1
        pendingMembers[member.id] = nil
        if let instanceID = member.instanceID { staticMembers[instanceID] = member.id }
        if leaderID == nil { leaderID = member.id }
        countSupport(of: member.protocols, by: 1)
        members[member.id] = member
    }

    /// Takes a member out, and answers what it waits for.
    mutating func remove(_ memberID: String) {
        guard let member = members.removeValue(forKey: memberID) else { return }
        if let ticket = member.awaitingJoin {
            // With an empty member id: the client is to join anew.
            outbox.append(.answerJoin(ticket, JoinAnswer(error: .unknownMemberID, memberID: "")))
        }
        if let ticket = member.awaitingSync {
            outbox.append(.answerSync(ticket, SyncAnswer(error: .unknownMemberID)))
        }
        if let instanceID = member.instanceID, staticMembers[instanceID] == memberID {
            staticMembers[instanceID] = nil
        }
        pendingSync.remove(memberID)
        countSupport(of: member.protocols, by: -1)
        if leaderID == memberID { leaderID = orderedMembers.first?.id }
    }

    /// Gives a member another session time-out from now.
    mutating func touch(_ memberID: String, now: NIODeadline) {
        guard let member = members[memberID] else { return }
        members[memberID]?.deadline =
            now + (member.isNew ? GroupMember.newMemberTimeout : member.sessionTimeout)
    }

    mutating func takeActions() -> [Action] {
        defer { outbox = [] }
        return outbox
    }

    // MARK: Time

    /// When `timePassed` is to be called at the latest; nil if nothing is waited for.
    var nextDeadline: NIODeadline? {
        let deadlines = [
            members.values.compactMap(\.deadline).min(), pendingMembers.values.min(), joinDeadline,
            syncDeadline,
        ]
        return deadlines.compactMap(\.self).min()
    }

    /// Lets go of members that were not heard of, and of phases that took too long.
    mutating func timePassed(now: NIODeadline) -> [Action] {
        for (memberID, deadline) in pendingMembers where deadline <= now { pendingMembers[memberID] = nil }
        for memberID in orderedMembers.map(\.id) {
            // As it is now: one that went before it may have caused a rebalance, which answered this one.
            guard let member = members[memberID], let deadline = member.deadline, deadline <= now else {
                continue
            }
            if !member.isNew, member.awaitingJoin != nil || member.awaitingSync != nil {
                // It waits for us, not we for it: its time starts with the answer.
                members[memberID]?.deadline = nil
            } else {
                removeAndRebalance(memberID, now: now)
            }
        }
        if let syncDeadline, syncDeadline <= now { leaveUnsyncedBehind(now: now) }
        if let joinDeadline, joinDeadline <= now { joinTimePassed(now: now) }
        completeJoinIfAllAreThere(now: now)
        return takeActions()
    }
}
