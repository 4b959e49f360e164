import KafkaWire
import NIOCore
import StreamModel

/// One consumer: what it is subscribed to, its membership, its positions, and the polls that wait.
///
/// A value without clock, timers or threads: each event gives the effects that are due, in order. Records that were
/// read for a poll count as handed out when the poll is finished; whatever moves a position or gives up partitions
/// finishes it first.
struct ConsumerCore: Sendable {
    typealias PollID = UInt64

    enum Effect: Sendable {
        case join(ticket: UInt64, memberID: String, protocols: [GroupProtocol])
        case sync(
            ticket: UInt64, member: GroupMemberIdentity, protocolName: String,
            assignments: [String: ByteBuffer])
        case heartbeat(GroupMemberIdentity)
        case leave(memberID: String)
        case commit([CommittedPosition], GroupMemberIdentity, then: AfterCommit)
        case read(ReadPlan, epoch: UInt64)
        /// Call `pauseOver` after the gathering pause.
        case pause(epoch: UInt64)
        /// Be told of appends to these partitions, and no others.
        case watch([TopicPartition])
        case finish(PollID, Result<PolledRecords, ConsumerError>)
        case closed
    }

    enum AfterCommit: Sendable, Equatable {
        case nothing
        case revoked(ticket: UInt64)
        case closed
    }

    /// A poll, and what was read for it so far.
    struct Poll: Sendable {
        let id: PollID
        let request: PollRequest
        var records = PolledRecords()
        var starts: [TopicPartition: Offset] = [:]
        var next: [TopicPartition: Offset] = [:]
        var isOverdue = false
    }

    enum Reading: Sendable, Equatable {
        /// There is nothing to read for, or nothing to read.
        case idle
        /// An append makes it read again.
        case waiting
        /// It reads when the gathering pause is over.
        case pausing
        case reading(sawAppend: Bool)
    }

    /// How often offsets are committed; Kafka's `auto.commit.interval.ms`.
    static let autoCommitInterval = TimeAmount.seconds(5)
    /// Most polls of one consumer that wait; past it a poll is refused.
    static let maxPolls = 16

    let configuration: ConsumerConfiguration
    var selection = TopicSelection.nothing
    var membership = ConsumerMembership()
    var positions = ConsumerPositions()
    /// The first is being served.
    var polls: [Poll] = []
    var reading = Reading.idle
    /// Counts what makes a read under way void.
    var epoch: UInt64 = 0
    var lastCommit: NIODeadline
    private(set) var isClosed = false
    var effects: [Effect] = []

    init(_ configuration: ConsumerConfiguration, now: NIODeadline) {
        self.configuration = configuration
        lastCommit = now
    }

    mutating func takeEffects() -> [Effect] {
        defer { effects = [] }
        return effects
    }

    /// Whether `tick` is to be called now and then.
    var needsTicks: Bool { membership.phase != .out }

    func ensureOpen() throws(ConsumerError) {
        if isClosed { throw Self.closedError }
    }

    static let closedError = ConsumerError(.closed, "the consumer is closed: open another")

    // MARK: Subscription

    /// - Parameter names: all topics that are there.
    mutating func subscribe(to wanted: TopicSelection, names: Set<TopicName>) throws(ConsumerError) {
        try ensureOpen()
        switch (selection, wanted) {
        case (.nothing, _), (.topics, .topics), (.pattern, .pattern): break
        default: throw TopicSelection.conflict
        }
        selection = wanted
        if case .pattern(var expression) = wanted {
            _ = expression.look(at: names)
            selection = .pattern(expression)
        }
        apply(membership.want(selection.topics ?? []))
    }

    mutating func assign(_ partitions: [TopicPartition]) throws(ConsumerError) {
        try ensureOpen()
        switch selection {
        case .nothing, .partitions: break
        default: throw TopicSelection.conflict
        }
        handOut()
        if configuration.commitsAutomatically { commitConsumed(then: .nothing) }
        selection = partitions.isEmpty ? .nothing : .partitions
        replacePositions(partitions)
    }

    mutating func unsubscribe() throws(ConsumerError) {
        try ensureOpen()
        giveUp(then: .nothing)
    }

    /// Gives up everything; `closed` follows when what is to be committed is, and the group knows.
    mutating func close() {
        guard !isClosed else { return }
        let awaitsCommit = giveUp(then: .closed)
        isClosed = true
        failPolls(Self.closedError)
        if membership.phase == .out, !awaitsCommit { effects.append(.closed) }
    }

    /// - Returns: whether a commit was begun that `after` comes after; the group's own rules see to the others.
    @discardableResult
    private mutating func giveUp(then after: AfterCommit) -> Bool {
        var mustCommit = false
        if case .partitions = selection {
            handOut()
            mustCommit = configuration.commitsAutomatically && !positions.consumed.isEmpty
            if mustCommit { commitConsumed(then: after) }
            replacePositions([])
        }
        selection = .nothing
        apply(membership.leave())
        return mustCommit
    }

    // MARK: Membership

    mutating func apply(_ actions: [ConsumerMembership.Action]) {
        for action in actions {
            switch action {
            case .revoke(let ticket): revoke(ticket)
            case .join(let ticket, let memberID, let protocols):
                effects.append(.join(ticket: ticket, memberID: memberID, protocols: protocols))
            case .sync(let ticket, let member, let protocolName, let assignments):
                effects.append(
                    .sync(
                        ticket: ticket, member: member, protocolName: protocolName, assignments: assignments))
            case .leave(let memberID): effects.append(.leave(memberID: memberID))
            case .assigned(let partitions): replacePositions(partitions)
            case .failed(let error):
                failPolls(ConsumerError(joining: configuration.group, error))
            }
        }
        if isClosed, membership.phase == .out, !actions.isEmpty { effects.append(.closed) }
    }

    private mutating func revoke(_ ticket: UInt64) {
        handOut()
        guard configuration.commitsAutomatically, !positions.consumed.isEmpty else {
            return apply(membership.revoked(ticket: ticket))
        }
        commitConsumed(then: .revoked(ticket: ticket))
    }

    mutating func committed(_ after: AfterCommit) {
        switch after {
        case .nothing: break
        case .revoked(let ticket): apply(membership.revoked(ticket: ticket))
        case .closed: effects.append(.closed)
        }
    }

    /// Looks at the topics there are, and asks the coordinator how things are.
    ///
    /// - Parameter names: all topics, or nil if they are the same as the last time.
    mutating func tick(names: Set<TopicName>?, partitionCount: (TopicName) -> Int?) {
        if let names, case .pattern(var expression) = selection {
            let hasChanged = expression.look(at: names)
            selection = .pattern(expression)
            if hasChanged { apply(membership.want(expression.matched.sorted())) }
        }
        apply(membership.topicsChanged(partitionCount: partitionCount))
        if membership.hasHeartbeat { effects.append(.heartbeat(membership.identity)) }
    }

    // MARK: Commits

    /// Who commits, or why nobody can just now.
    func committer() throws(ConsumerError) -> GroupMemberIdentity {
        try ensureOpen()
        switch membership.phase {
        case .stable, .revoking: return membership.identity
        case .out: return GroupMemberIdentity()
        case .joining, .syncing:
            throw ConsumerError(
                .rebalancing,
                "the group \(configuration.group) shares out its partitions anew: poll, then commit")
        }
    }

    mutating func commitConsumed(then after: AfterCommit) {
        let positions = positions.consumed
        guard !positions.isEmpty, let member = try? committer() else { return }
        effects.append(.commit(positions, member, then: after))
    }
}
