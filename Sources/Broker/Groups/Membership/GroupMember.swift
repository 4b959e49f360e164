import KafkaWire
import NIOCore

/// A name by which the members of a group can work together, and what a member tells the others under it.
struct GroupProtocol: Sendable, Equatable {
    var name: String
    var metadata: ByteBuffer
}

/// Stands for a request that waits for its answer.
struct ReplyTicket: Hashable, Sendable {
    var id: UInt64
}

/// One member of a group.
struct GroupMember: Sendable {
    var id: String
    /// The name that outlives a restart of the member: static membership.
    var instanceID: String?
    var clientID: String
    var clientHost: String
    var rebalanceTimeout: TimeAmount
    var sessionTimeout: TimeAmount
    var protocols: [GroupProtocol]
    var assignment = ByteBuffer()
    var awaitingJoin: ReplyTicket?
    var awaitingSync: ReplyTicket?
    /// True until its first rebalance is over: it has no id yet to send heartbeats with.
    var isNew = true
    /// When it counts as dead; nil while it waits for an answer.
    var deadline: NIODeadline?
    /// Who was there first.
    var order: UInt64 = 0

    func metadata(for protocolName: String?) -> ByteBuffer {
        protocols.first { $0.name == protocolName }?.metadata ?? ByteBuffer()
    }

    /// How long a member that waits for its first generation is kept.
    static let newMemberTimeout = TimeAmount.minutes(5)
}

/// What a member brings when it joins.
struct JoinAttempt: Sendable {
    /// Empty if it has none yet.
    var memberID: String
    /// The id it gets if it has none.
    var freshMemberID: String
    var instanceID: String?
    var clientID: String
    var clientHost: String
    var rebalanceTimeout: TimeAmount
    var sessionTimeout: TimeAmount
    var protocolType: String
    var protocols: [GroupProtocol]
    /// Whether a new member is only given its id and has to come again with it (JoinGroup 4 on).
    var requiresKnownMemberID: Bool
    var ticket: ReplyTicket
}

/// The answer to a member that joins.
struct JoinAnswer: Sendable, Equatable {
    var error: KafkaErrorCode = .none
    var memberID: String
    var generation: Int32 = -1
    var protocolType: String?
    var protocolName: String?
    var leaderID: String = ""
    /// For the leader alone.
    var members: [Member] = []

    struct Member: Sendable, Equatable {
        var id: String
        var instanceID: String?
        var metadata: ByteBuffer
    }
}

/// What a member sends when it wants its assignment; the leader brings all.
struct SyncAttempt: Sendable {
    var member: GroupMemberIdentity
    /// Nil in versions that do not carry it.
    var protocolType: String?
    var protocolName: String?
    var assignments: [String: ByteBuffer]
    var ticket: ReplyTicket
}

/// The answer to a member that wants its assignment.
struct SyncAnswer: Sendable, Equatable {
    var error: KafkaErrorCode = .none
    var protocolType: String?
    var protocolName: String?
    var assignment = ByteBuffer()
}
