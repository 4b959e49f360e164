/// A consumer of a group, whichever way its owner reaches the log.
///
/// It shares the partitions of its topics with the other members of its group, native Kafka consumers among them. All
/// of it may be called on any thread; nothing blocks.
package typealias GroupConsumer = OffsetCommitting & PositionSeeking & RecordPolling & TopicSubscribing

/// Makes consumers.
package protocol ConsumerOpening: Sendable {
    /// The consumer lives until it is closed.
    ///
    /// - Throws: `invalidConfiguration`, `denied`.
    func open(_ configuration: ConsumerConfiguration) throws(ConsumerError) -> any GroupConsumer
}

/// What a consumer reads: topics by name or by pattern, whose partitions it shares with its group, or partitions of
/// its own choice. One of the three at a time; `unsubscribe` makes free for another.
package protocol TopicSubscribing: Sendable {
    /// Replaces the topics subscribed to; those that come into being later are picked up. None: as `unsubscribe`.
    ///
    /// - Throws: `illegalState` beside a pattern or chosen partitions, `closed`.
    func subscribe(to topics: [TopicName]) throws(ConsumerError)

    /// Subscribes to all topics whose whole name a regular expression matches, now and later.
    ///
    /// - Throws: `invalidPattern`, `illegalState` beside topics or chosen partitions, `closed`.
    func subscribe(toPattern pattern: String) throws(ConsumerError)

    /// Leaves the group, and forgets partitions of its own choice too.
    func unsubscribe() throws(ConsumerError)

    /// The topics subscribed to, sorted; those that a pattern has matched so far.
    func subscription() throws(ConsumerError) -> [TopicName]

    /// Reads these partitions without being a member; offsets are still committed for the group.
    ///
    /// - Throws: `illegalState` beside a subscription, `closed`.
    func assign(_ partitions: [TopicPartition]) throws(ConsumerError)

    /// The partitions that are its own just now, sorted.
    func assignment() throws(ConsumerError) -> [TopicPartition]
}

/// How records come out of a consumer.
package protocol RecordPolling: Sendable {
    /// Hands out what comes next, once there is enough of it or the time is over; joins the group first if need be.
    ///
    /// Polls of one consumer are served one after the other. A cancelled one hands out nothing.
    ///
    /// - Throws: `closed`, `cancelled`, `noOffset`, `offsetOutOfRange`, `unreadableRecord`, `groupRefused`, `denied`,
    ///   `failed`.
    func poll(_ request: PollRequest) async throws(ConsumerError) -> PolledRecords

    /// Commits if it does so by itself, and leaves the group; returns when both are done.
    func close() async
}

/// How far a group has come.
package protocol OffsetCommitting: Sendable {
    /// Commits the positions of all partitions that are its own: everything handed out counts as consumed.
    ///
    /// - Throws: `closed`, `rebalancing`, `notAMember`, `offsetRefused`, `failed`.
    func commitConsumed() async throws(ConsumerError)

    /// Commits what it is told: the offset of the next record to read.
    ///
    /// - Throws: as `commitConsumed`, and `unknownPartition`, `denied`; nothing is committed then.
    func commit(_ positions: [CommittedPosition]) async throws(ConsumerError)

    /// The offsets that the group committed last; partitions without one are left out.
    func committed(_ partitions: [TopicPartition]) throws(ConsumerError) -> [CommittedPosition]
}

/// Where a consumer reads on.
///
/// All throw `illegalState` for a partition that is not assigned to it, and change nothing then; and `closed`.
package protocol PositionSeeking: Sendable {
    func seek(_ positions: [TopicPartition: Offset]) throws(ConsumerError)

    func seekToBeginning(_ partitions: [TopicPartition]) throws(ConsumerError)

    func seekToEnd(_ partitions: [TopicPartition]) throws(ConsumerError)

    /// To the first record at or after a time, in milliseconds since 1970; to the end if there is none.
    func seek(toTimes times: [TopicPartition: Int64]) async throws(ConsumerError)
}

/// An offset that a group has committed, with the note beside it.
package struct CommittedPosition: Sendable, Equatable {
    package var partition: TopicPartition
    package var offset: Offset
    package var metadata: String

    package init(partition: TopicPartition, offset: Offset, metadata: String = "") {
        self.partition = partition
        self.offset = offset
        self.metadata = metadata
    }
}

/// Why a consumer does not do what it is asked.
package struct ConsumerError: Error, Equatable {
    /// What the caller can do about it.
    package enum Code: Sendable, CaseIterable {
        /// It was closed; open another.
        case closed
        /// The caller went away.
        case cancelled
        case invalidConfiguration
        case invalidPattern
        /// Not now: the message says what stands against it.
        case illegalState
        case unknownPartition
        /// Nothing is committed for a partition, and there is no rule where to begin.
        case noOffset
        /// The position is no longer, or not yet, in the log, and there is no rule where to go on.
        case offsetOutOfRange
        /// A record cannot be handed out in the form asked for; seek past it.
        case unreadableRecord
        /// The group shares out its partitions anew; try again shortly.
        case rebalancing
        /// The group went on without this member; poll to join it again.
        case notAMember
        /// Its caller has not the right to the group or a topic.
        case denied
        /// The group takes no such member.
        case groupRefused
        /// The offset or its note cannot be committed.
        case offsetRefused
        /// The disk or the log; an operator must look.
        case failed
    }

    package var code: Code
    /// What happened, and how to put it right.
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
