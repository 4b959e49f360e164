import KafkaWire
import StreamModel

/// How far a group has come in one partition.
struct CommittedOffset: Sendable, Equatable {
    var offset: Int64
    /// -1 if the consumer did not say.
    var leaderEpoch: Int32 = -1
    /// The consumer's own note.
    var metadata: String = ""
    /// Milliseconds since 1970.
    var commitTime: Int64 = 0
    /// When it may be forgotten, if the consumer said so (OffsetCommit 2-4 with a retention time).
    var expireTime: Int64?
    /// Which of two commits came later, across restarts; given by `GroupOffsets`.
    var sequence: Int64 = 0
}

/// Who commits: what a member knows of itself, or nothing for consumers without group membership.
struct GroupMemberIdentity: Sendable, Equatable {
    var memberID: String = ""
    var instanceID: String?
    var generation: Int32 = -1
}

/// One partition of a commit, as it came: whether topic and partition are there is checked by whoever takes it.
struct OffsetToCommit: Sendable {
    var partition: TopicPartition
    var offset: CommittedOffset
}

/// What became of one partition of a commit.
struct OffsetCommitOutcome: Sendable, Equatable {
    var partition: TopicPartition
    var error: KafkaErrorCode
}
