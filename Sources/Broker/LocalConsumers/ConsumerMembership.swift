import KafkaWire
import NIOCore
import StreamModel

/// One member of a group, from its own side: when to join, to bring the assignment, to begin anew.
///
/// A value without clock, timers or threads: events in, what is to be done out. Each request has a ticket, so that the
/// answer to one that was given up changes nothing. The rules are those of Apache Kafka's consumers for protocols
/// that give up all partitions before they join again.
struct ConsumerMembership: Sendable {
    enum Phase: Sendable, Equatable {
        /// No member.
        case out
        /// Offsets are being committed while the partitions are still its own.
        case revoking(leaves: Bool)
        case joining
        case syncing
        case stable
    }

    enum Action: Sendable, Equatable {
        /// Commit what is to be committed, then call `revoked`.
        case revoke(ticket: UInt64)
        case join(ticket: UInt64, memberID: String, protocols: [GroupProtocol])
        case sync(
            ticket: UInt64, member: GroupMemberIdentity, protocolName: String,
            assignments: [String: ByteBuffer])
        case leave(memberID: String)
        /// These partitions are its own from now on, and no others.
        case assigned([TopicPartition])
        /// The group refused it.
        case failed(KafkaErrorCode)
    }

    private(set) var phase = Phase.out
    private(set) var memberID = ""
    private(set) var generation: Int32 = -1
    /// Topics it wants partitions of, sorted; nil if it wants to be no member.
    private(set) var wanted: [TopicName]?
    /// Topics it told the group of last.
    private var told: [TopicName] = []
    private var ticket: UInt64 = 0
    /// How many partitions the topics had that it, as the leader, shared out; nil if it is not the leader.
    private var sharedOut: [TopicName: Int?]?

    /// With which it commits and sends heartbeats.
    var identity: GroupMemberIdentity { GroupMemberIdentity(memberID: memberID, generation: generation) }

    /// Whether it may send heartbeats, and be told of a rebalance by them.
    var hasHeartbeat: Bool { phase == .stable }

    // MARK: Wishes

    /// Wants partitions of these topics; a member that told the group of others joins again.
    mutating func want(_ topics: [TopicName]) -> [Action] {
        wanted = topics.sorted()
        return phase == .stable ? rejoinIfChanged() : []
    }

    /// Joins if it is no member yet.
    mutating func join() -> [Action] {
        guard phase == .out, wanted != nil else { return [] }
        return sendJoin()
    }

    /// Wants to be no member any more.
    mutating func leave() -> [Action] {
        wanted = nil
        switch phase {
        case .out: return []
        case .revoking:
            phase = .revoking(leaves: true)
            return []
        case .stable: return revoke(leaves: true)
        case .joining, .syncing: return [.assigned([])] + goOut()
        }
    }

    // MARK: Answers

    /// What had to be committed is, or cannot be.
    mutating func revoked(ticket: UInt64) -> [Action] {
        guard ticket == self.ticket, case .revoking(let leaves) = phase else { return [] }
        return [.assigned([])] + (leaves || wanted == nil ? goOut() : sendJoin())
    }

    /// - Parameter partitionCount: for the leader, how many partitions a topic has.
    mutating func joinAnswered(
        _ answer: JoinAnswer, ticket: UInt64, partitionCount: (TopicName) -> Int?
    ) -> [Action] {
        guard ticket == self.ticket, phase == .joining else {
            // It became a member too late: nobody wants it any more.
            let isForgotten = answer.error == .none && answer.memberID != memberID
            return isForgotten ? [.leave(memberID: answer.memberID)] : []
        }
        switch answer.error {
        case .none:
            memberID = answer.memberID
            generation = answer.generation
            return sendSync(answer, partitionCount)
        case .memberIDRequired:
            memberID = answer.memberID
            return sendJoin()
        case .unknownMemberID, .fencedInstanceID:
            memberID = ""
            return sendJoin()
        case .rebalanceInProgress: return sendJoin()
        default: return fail(answer.error)
        }
    }

    mutating func syncAnswered(_ answer: SyncAnswer, ticket: UInt64) -> [Action] {
        guard ticket == self.ticket, phase == .syncing else { return [] }
        switch answer.error {
        case .none:
            phase = .stable
            guard let assignment = try? ConsumerProtocol.decodeAssignment(answer.assignment) else {
                return fail(.corruptMessage)
            }
            return [.assigned(assignment.partitions)] + rejoinIfChanged()
        case .rebalanceInProgress: return sendJoin()
        case .unknownMemberID, .illegalGeneration, .fencedInstanceID: return beginAnew(answer.error)
        default: return fail(answer.error)
        }
    }

    mutating func heartbeatAnswered(_ error: KafkaErrorCode) -> [Action] {
        guard phase == .stable else { return [] }
        switch error {
        case .none: return []
        case .rebalanceInProgress: return revoke(leaves: false)
        case .unknownMemberID, .illegalGeneration, .fencedInstanceID:
            // Its partitions may be another's by now: nothing can be committed for them.
            return [.assigned([])] + beginAnew(error)
        default: return []
        }
    }

    /// Topics came, went or grew: the leader has the group share out anew.
    mutating func topicsChanged(partitionCount: (TopicName) -> Int?) -> [Action] {
        guard phase == .stable, let sharedOut,
            sharedOut.contains(where: { partitionCount($0.key) != $0.value })
        else { return [] }
        return revoke(leaves: false)
    }

    // MARK: Steps

    private mutating func nextTicket() -> UInt64 {
        ticket += 1
        return ticket
    }

    private mutating func sendJoin() -> [Action] {
        phase = .joining
        told = wanted ?? []
        sharedOut = nil
        let metadata = ConsumerProtocol.encode(.init(topics: told.map(\.rawValue)), version: 0)
        return [
            .join(
                ticket: nextTicket(), memberID: memberID,
                protocols: PartitionAssignor.allCases.map { .init(name: $0.rawValue, metadata: metadata) })
        ]
    }

    private mutating func sendSync(
        _ answer: JoinAnswer, _ partitionCount: (TopicName) -> Int?
    ) -> [Action] {
        phase = .syncing
        let name = answer.protocolName ?? ""
        var assignments: [String: ByteBuffer] = [:]
        if answer.leaderID == memberID {
            guard let assignor = PartitionAssignor(rawValue: name) else {
                return fail(.inconsistentGroupProtocol)
            }
            let members = answer.members.map(PartitionAssignor.Member.init)
            let topics = Set(members.flatMap(\.topics)).compactMap(TopicName.init)
            sharedOut = Dictionary(topics.map { ($0, partitionCount($0)) }) { first, _ in first }
            let counts = sharedOut ?? [:]
            assignments = assignor.assign(to: members) { counts[$0] ?? nil }
                .mapValues { ConsumerProtocol.encode(.init($0), version: 0) }
        }
        return [
            .sync(
                ticket: nextTicket(), member: identity, protocolName: name, assignments: assignments)
        ]
    }

    private mutating func rejoinIfChanged() -> [Action] {
        guard let wanted else { return revoke(leaves: true) }
        return wanted == told ? [] : revoke(leaves: false)
    }

    private mutating func revoke(leaves: Bool) -> [Action] {
        phase = .revoking(leaves: leaves)
        return [.revoke(ticket: nextTicket())]
    }

    /// The coordinator does not know it, or not as it is.
    private mutating func beginAnew(_ error: KafkaErrorCode) -> [Action] {
        generation = -1
        if error != .illegalGeneration { memberID = "" }
        return wanted == nil ? goOut() : sendJoin()
    }

    private mutating func goOut() -> [Action] {
        let formerID = forget()
        return formerID.isEmpty ? [] : [.leave(memberID: formerID)]
    }

    private mutating func fail(_ error: KafkaErrorCode) -> [Action] {
        let formerID = forget()
        return [.assigned([])] + (formerID.isEmpty ? [] : [.leave(memberID: formerID)]) + [.failed(error)]
    }

    private mutating func forget() -> String {
        defer {
            phase = .out
            memberID = ""
            generation = -1
            sharedOut = nil
            ticket += 1
        }
        return memberID
    }
}

extension PartitionAssignor.Member {
    /// A member whose metadata cannot be read gets nothing.
    fileprivate init(_ member: JoinAnswer.Member) {
        let subscription = try? ConsumerProtocol.decodeSubscription(member.metadata)
        self.init(id: member.id, instanceID: member.instanceID, topics: Set(subscription?.topics ?? []))
    }
}
