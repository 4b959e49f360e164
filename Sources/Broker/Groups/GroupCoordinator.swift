import KafkaWire
import Logging
import NIOCore
import StreamModel
import Synchronization

/// The members of all groups: the shell round `ConsumerGroup`, with its lock, its timers and the answers that wait.
///
/// Answers are given after the lock is let go, on the caller's thread or a timer's. A connection that closes does not
/// end a membership: the session time-out does.
final class GroupCoordinator: Sendable {
    /// A group beside its timer.
    struct Entry {
        var group: ConsumerGroup
        var timer: GroupTimer?
        var timerDeadline: NIODeadline?
        /// Since when it has no members, in milliseconds since 1970; nil while it has some.
        var emptySince: Int64?
    }

    enum Waiting {
        case join(@Sendable (JoinAnswer) -> Void)
        case sync(@Sendable (SyncAnswer) -> Void)
    }

    struct State {
        var groups: [String: Entry] = [:]
        var waiting: [ReplyTicket: Waiting] = [:]
        var nextTicket: UInt64 = 0
        var isClosed = false
    }

    typealias Delivery = @Sendable () -> Void

    let state: Mutex<State>
    let settings: GroupSettings
    let timers: any GroupTimers
    let clock: WallClock
    let records: any GroupRecords
    private let freshID: @Sendable () -> String

    /// - Parameters:
    ///   - stored: the groups as they were before the restart; their members have to join again.
    ///   - records: keeps what has to survive a restart.
    ///   - freshID: gives an id that was never given before.
    init(
        _ stored: StoredGroups, settings: GroupSettings, timers: any GroupTimers, clock: WallClock,
        records: any GroupRecords, freshID: @escaping @Sendable () -> String
    ) {
        self.settings = settings
        self.timers = timers
        self.clock = clock
        self.records = records
        self.freshID = freshID
        var state = State()
        for record in stored.records {
            let group = ConsumerGroup(
                limits: .init(settings), generation: record.generation, protocolType: record.protocolType)
            // Of a group that had members it is not known when they left; they may well come back.
            state.groups[record.group] = Entry(
                group: group, emptySince: record.emptySince ?? clock.milliseconds)
        }
        self.state = Mutex(state)
    }

    // MARK: Membership

    /// A member as its JoinGroup request tells of it.
    struct Joining: Sendable {
        var group: String
        var memberID: String
        var instanceID: String?
        var clientID: String
        var clientHost: String
        var sessionTimeoutMilliseconds: Int32
        var rebalanceTimeoutMilliseconds: Int32
        var protocolType: String
        var protocols: [GroupProtocol]
        var requiresKnownMemberID: Bool
    }

    func join(_ joining: Joining, then reply: @escaping @Sendable (JoinAnswer) -> Void) {
        if let error = refusal(of: joining) {
            return reply(JoinAnswer(error: error, memberID: joining.memberID))
        }
        let freshMemberID = "\(joining.instanceID ?? joining.clientID)-\(freshID())"
        perform { state in
            if state.isClosed {
                return [{ reply(JoinAnswer(error: .coordinatorNotAvailable, memberID: "")) }]
            }
            // A member that has an id is one of a group that is there.
            if state.groups[joining.group] == nil {
                guard joining.memberID.isEmpty else {
                    return [{ reply(JoinAnswer(error: .unknownMemberID, memberID: joining.memberID)) }]
                }
                guard hasRoom(&state) else {
                    return [{ reply(JoinAnswer(error: .policyViolation, memberID: "")) }]
                }
                state.groups[joining.group] = Entry(
                    group: ConsumerGroup(limits: .init(settings)), emptySince: clock.milliseconds)
            }
            let ticket = state.wait(.join(reply))
            let attempt = JoinAttempt(joining, freshMemberID: freshMemberID, ticket: ticket)
            return change(joining.group, &state) { $0.join(attempt, now: $1) }
        }
    }

    private func refusal(of joining: Joining) -> KafkaErrorCode? {
        if joining.group.isEmpty { return .invalidGroupID }
        let sessionRange =
            settings
            .minSessionTimeoutMilliseconds...max(
                settings.minSessionTimeoutMilliseconds, settings.maxSessionTimeoutMilliseconds)
        guard sessionRange.contains(joining.sessionTimeoutMilliseconds) else { return .invalidSessionTimeout }
        let bytes = joining.protocols.reduce(0) { $0 + $1.name.utf8.count + $1.metadata.readableBytes }
        return bytes <= settings.maxMetadataBytes ? nil : .messageTooLarge
    }

    func sync(
        _ group: String, _ member: GroupMemberIdentity, protocolType: String?, protocolName: String?,
        assignments: [String: ByteBuffer], then reply: @escaping @Sendable (SyncAnswer) -> Void
    ) {
        if group.isEmpty { return reply(SyncAnswer(error: .invalidGroupID)) }
        guard assignments.values.allSatisfy({ $0.readableBytes <= settings.maxMetadataBytes }) else {
            return reply(SyncAnswer(error: .messageTooLarge))
        }
        perform { state in
            if state.isClosed { return [{ reply(SyncAnswer(error: .coordinatorNotAvailable)) }] }
            guard state.groups[group] != nil else { return [{ reply(SyncAnswer(error: .unknownMemberID)) }] }
            let attempt = SyncAttempt(
                member: member, protocolType: protocolType, protocolName: protocolName,
                assignments: assignments, ticket: state.wait(.sync(reply)))
            return change(group, &state) { $0.sync(attempt, now: $1) }
        }
    }

    func heartbeat(_ group: String, _ member: GroupMemberIdentity) -> KafkaErrorCode {
        if group.isEmpty { return .invalidGroupID }
        // Only puts a deadline off: the timer that stands finds that out when it fires.
        return state.withLock {
            $0.groups[group]?.group.heartbeat(member, now: timers.now) ?? .unknownMemberID
        }
    }

    /// - Returns: what became of each, or why none may leave.
    func leave(
        _ group: String, _ members: [(memberID: String, instanceID: String?)]
    ) -> Result<[KafkaErrorCode], KafkaErrorCode> {
        if group.isEmpty { return .failure(.invalidGroupID) }
        var errors: [KafkaErrorCode] = []
        perform { state in
            guard state.groups[group] != nil else {
                errors = members.map { _ in .unknownMemberID }
                return []
            }
            return members.flatMap { member in
                change(group, &state) { value, now in
                    let (error, actions) = value.leave(
                        memberID: member.memberID, instanceID: member.instanceID, now: now)
                    errors.append(error)
                    return actions
                }
            }
        }
        return .success(errors)
    }

    /// Why a member may not commit offsets now; nil if it may.
    func validateCommit(
        _ group: String, by member: GroupMemberIdentity, isTransactional: Bool
    ) -> KafkaErrorCode? {
        state.withLock { state in
            guard state.groups[group] != nil else {
                // Nobody is a member of a group that is not there: the commit comes from before it was deleted.
                if member.generation < 0 { return nil }
                return isTransactional ? .unknownMemberID : .illegalGeneration
            }
            let now = timers.now
            return state.groups[group]?.group.validateCommit(
                by: member, isTransactional: isTransactional, now: now)
        }
    }

    /// Answers all who wait: the server is being shut down.
    func close() {
        perform { state in
            state.isClosed = true
            for entry in state.groups.values { entry.timer?.cancel() }
            defer { state.waiting = [:] }
            return state.waiting.values.map { waiting in
                switch waiting {
                case .join(let reply): { reply(JoinAnswer(error: .coordinatorNotAvailable, memberID: "")) }
                case .sync(let reply): { reply(SyncAnswer(error: .coordinatorNotAvailable)) }
                }
            }
        }
    }

    // MARK: Lock and timers

    /// Runs `body` under the lock, and what it returns after.
    func perform(_ body: (inout State) -> [Delivery]) {
        let deliveries = state.withLock { body(&$0) }
        for delivery in deliveries { delivery() }
    }

    /// Lets an event happen to a group that is there.
    private func change(
        _ id: String, _ state: inout State,
        _ event: (inout ConsumerGroup, NIODeadline) -> [ConsumerGroup.Action]
    ) -> [Delivery] {
        guard var entry = state.groups.removeValue(forKey: id) else { return [] }
        let actions = event(&entry.group, timers.now)
        if actions.contains(.generationStarted) { remember(id, &entry) }
        if entry.group.isVacant, entry.group.generation == 0 {
            entry.timer?.cancel()
        } else {
            if !state.isClosed { setTimer(of: id, &entry) }
            state.groups[id] = entry
        }
        return actions.compactMap { state.delivery(of: $0) }
    }

    private func remember(_ id: String, _ entry: inout Entry) {
        entry.emptySince = entry.group.state == .empty ? clock.milliseconds : nil
        records.save(
            GroupRecord(
                group: id, generation: entry.group.generation, protocolType: entry.group.protocolType,
                emptySince: entry.emptySince))
    }

    /// One timer for each group, at its next deadline or before.
    private func setTimer(of id: String, _ entry: inout Entry) {
        guard let deadline = entry.group.nextDeadline else {
            entry.timer?.cancel()
            entry.timer = nil
            entry.timerDeadline = nil
            return
        }
        if let standing = entry.timerDeadline, standing <= deadline { return }
        entry.timer?.cancel()
        entry.timerDeadline = deadline
        entry.timer = timers.schedule(at: deadline) { [weak self] in self?.timerFired(of: id, deadline) }
    }

    private func timerFired(of id: String, _ deadline: NIODeadline) {
        perform { state in
            // One that was replaced, but could not be cancelled any more.
            guard !state.isClosed, state.groups[id]?.timerDeadline == deadline else { return [] }
            state.groups[id]?.timerDeadline = nil
            return change(id, &state) { $0.timePassed(now: $1) }
        }
    }
}

extension GroupCoordinator.State {
    mutating func wait(_ waiting: GroupCoordinator.Waiting) -> ReplyTicket {
        let ticket = ReplyTicket(id: nextTicket)
        nextTicket += 1
        self.waiting[ticket] = waiting
        return ticket
    }

    mutating func delivery(of action: ConsumerGroup.Action) -> GroupCoordinator.Delivery? {
        switch action {
        case .answerJoin(let ticket, let answer):
            guard case .join(let reply) = waiting.removeValue(forKey: ticket) else { return nil }
            return { reply(answer) }
        case .answerSync(let ticket, let answer):
            guard case .sync(let reply) = waiting.removeValue(forKey: ticket) else { return nil }
            return { reply(answer) }
        case .generationStarted:
            return nil
        }
    }
}

extension ConsumerGroup.Limits {
    init(_ settings: GroupSettings) {
        self.init(
            initialRebalanceDelay: .milliseconds(settings.initialRebalanceDelayMilliseconds),
            maxSize: settings.maxSize)
    }
}

extension JoinAttempt {
    fileprivate init(_ joining: GroupCoordinator.Joining, freshMemberID: String, ticket: ReplyTicket) {
        self.init(
            memberID: joining.memberID, freshMemberID: freshMemberID, instanceID: joining.instanceID,
            clientID: joining.clientID, clientHost: joining.clientHost,
            rebalanceTimeout: .milliseconds(Int64(max(0, joining.rebalanceTimeoutMilliseconds))),
            sessionTimeout: .milliseconds(Int64(joining.sessionTimeoutMilliseconds)),
            protocolType: joining.protocolType, protocols: joining.protocols,
            requiresKnownMemberID: joining.requiresKnownMemberID, ticket: ticket)
    }
}
