import KafkaWire
import NIOCore
import Testing

@testable import Broker

/// Drives one group by hand: it holds the clock, and notes every answer.
struct GroupHarness {
    var group: ConsumerGroup
    var now = NIODeadline.uptimeNanoseconds(1_000_000_000)
    private(set) var joins: [ReplyTicket: JoinAnswer] = [:]
    private(set) var syncs: [ReplyTicket: SyncAnswer] = [:]
    private(set) var tickets = 0
    /// Answers that nobody waited for any more: there must be none.
    private(set) var repeated = 0
    private(set) var generationsStarted = 0

    init(delay: TimeAmount = .zero, maxSize: Int = 100) {
        group = ConsumerGroup(limits: .init(initialRebalanceDelay: delay, maxSize: maxSize))
    }

    private mutating func ticket() -> ReplyTicket {
        tickets += 1
        return ReplyTicket(id: UInt64(tickets))
    }

    private mutating func note(_ actions: [ConsumerGroup.Action]) {
        for action in actions {
            switch action {
            case .answerJoin(let ticket, let answer):
                if joins.updateValue(answer, forKey: ticket) != nil { repeated += 1 }
            case .answerSync(let ticket, let answer):
                if syncs.updateValue(answer, forKey: ticket) != nil { repeated += 1 }
            case .generationStarted:
                generationsStarted += 1
            }
        }
    }

    var answers: Int { joins.count + syncs.count }

    // MARK: Requests

    @discardableResult
    mutating func join(
        _ memberID: String = "", fresh: String = "", instance: String? = nil,
        protocols: [String] = ["range"], type: String = "consumer", metadata: String = "",
        session: TimeAmount = .seconds(10), rebalance: TimeAmount = .seconds(60), twoSteps: Bool = false
    ) -> ReplyTicket {
        let ticket = ticket()
        let attempt = JoinAttempt(
            memberID: memberID, freshMemberID: fresh, instanceID: instance, clientID: "client",
            clientHost: "127.0.0.1", rebalanceTimeout: rebalance, sessionTimeout: session, protocolType: type,
            protocols: protocols.map { GroupProtocol(name: $0, metadata: ByteBuffer(string: metadata)) },
            requiresKnownMemberID: twoSteps, ticket: ticket)
        note(group.join(attempt, now: now))
        return ticket
    }

    /// The answer to a request that is answered at once.
    mutating func joinNow(
        _ memberID: String = "", fresh: String = "", instance: String? = nil,
        protocols: [String] = ["range"], type: String = "consumer", session: TimeAmount = .seconds(10),
        twoSteps: Bool = false
    ) -> JoinAnswer? {
        let ticket = join(
            memberID, fresh: fresh, instance: instance, protocols: protocols, type: type, session: session,
            twoSteps: twoSteps)
        return joins[ticket]
    }

    @discardableResult
    mutating func sync(
        _ memberID: String, instance: String? = nil, generation: Int32? = nil, type: String? = nil,
        name: String? = nil, assignments: [String: String] = [:]
    ) -> ReplyTicket {
        let ticket = ticket()
        let attempt = SyncAttempt(
            member: identity(memberID, instance, generation), protocolType: type, protocolName: name,
            assignments: assignments.mapValues { ByteBuffer(string: $0) }, ticket: ticket)
        note(group.sync(attempt, now: now))
        return ticket
    }

    /// The answer to a request that is answered at once.
    mutating func syncNow(
        _ memberID: String, instance: String? = nil, generation: Int32? = nil, type: String? = nil,
        name: String? = nil
    ) -> SyncAnswer? {
        let ticket = sync(memberID, instance: instance, generation: generation, type: type, name: name)
        return syncs[ticket]
    }

    mutating func heartbeat(
        _ memberID: String, instance: String? = nil, generation: Int32? = nil
    ) -> KafkaErrorCode {
        group.heartbeat(identity(memberID, instance, generation), now: now)
    }

    @discardableResult
    mutating func leave(_ memberID: String, instance: String? = nil) -> KafkaErrorCode {
        let (error, actions) = group.leave(memberID: memberID, instanceID: instance, now: now)
        note(actions)
        return error
    }

    mutating func commitError(
        _ memberID: String, generation: Int32? = nil, isTransactional: Bool = false
    ) -> KafkaErrorCode? {
        group.validateCommit(
            by: identity(memberID, nil, generation), isTransactional: isTransactional, now: now)
    }

    private func identity(_ memberID: String, _ instance: String?, _ generation: Int32?)
        -> GroupMemberIdentity
    {
        GroupMemberIdentity(
            memberID: memberID, instanceID: instance, generation: generation ?? group.generation)
    }

    // MARK: Time

    /// Lets time pass, stopping at each deadline on the way as the timers do.
    mutating func wait(_ time: TimeAmount) {
        let end = now + time
        while let deadline = group.nextDeadline, deadline <= end {
            now = max(now, deadline)
            note(group.timePassed(now: now))
        }
        now = end
    }

    // MARK: Shortcuts

    /// A stable group of members with these ids; the first is the leader.
    mutating func becomeStable(_ ids: [String], instances: [String?] = []) {
        for (index, id) in ids.enumerated() {
            join(fresh: id, instance: index < instances.count ? instances[index] : nil)
            if index > 0 { for earlier in ids[..<index] { rejoin(earlier, instances, ids) } }
        }
        syncAll(ids, instances: instances)
    }

    private mutating func rejoin(_ id: String, _ instances: [String?], _ ids: [String]) {
        let index = ids.firstIndex(of: id) ?? 0
        join(id, instance: index < instances.count ? instances[index] : nil)
    }

    mutating func syncAll(_ ids: [String], instances: [String?] = []) {
        let leader = group.leaderID ?? ""
        for id in ids where id != leader { sync(id) }
        sync(leader, assignments: Dictionary(uniqueKeysWithValues: ids.map { ($0, "of \($0)") }))
    }
}

extension JoinAnswer {
    var memberIDs: [String] { members.map(\.id) }
}
