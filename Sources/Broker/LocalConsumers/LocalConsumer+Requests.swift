import KafkaWire
import LogStorage
import NIOCore
import StreamModel

extension LocalConsumer {
    // MARK: Subscription

    func subscribe(to topics: [TopicName]) throws(ConsumerError) {
        guard !topics.isEmpty else { return try unsubscribe() }
        try change { (core) throws(ConsumerError) in
            try core.subscribe(to: .topics(Set(topics)), names: [])
        }
    }

    func subscribe(toPattern pattern: String) throws(ConsumerError) {
        let expression = try TopicExpression(pattern)
        let names = visible(surroundings.topics.names(isFresh: true).all)
        try change { (core) throws(ConsumerError) in
            try core.subscribe(to: .pattern(expression), names: names)
        }
    }

    func unsubscribe() throws(ConsumerError) {
        try change { (core) throws(ConsumerError) in try core.unsubscribe() }
    }

    func subscription() throws(ConsumerError) -> [TopicName] {
        try look { (core) throws(ConsumerError) in
            try core.ensureOpen()
            return core.selection.topics ?? []
        }
    }

    func assign(_ partitions: [TopicPartition]) throws(ConsumerError) {
        try change { (core) throws(ConsumerError) in try core.assign(partitions) }
    }

    func assignment() throws(ConsumerError) -> [TopicPartition] {
        try look { (core) throws(ConsumerError) in
            try core.ensureOpen()
            return core.positions.partitions
        }
    }

    // MARK: Commits

    func commitConsumed() async throws(ConsumerError) {
        let (positions, member) = try look { (core) throws(ConsumerError) in
            try core.ensureOpen()
            let positions = core.positions.consumed
            return (positions, positions.isEmpty ? GroupMemberIdentity() : try core.committer())
        }
        try await commit(positions, by: member)
    }

    func commit(_ positions: [CommittedPosition]) async throws(ConsumerError) {
        for position in positions {
            let topic = position.partition.topic.rawValue
            guard configuration.caller.may(.read, .topic, topic, surroundings.authorizer) else {
                throw ConsumerError(.denied, "Not authorized to access topics: [\(topic)]")
            }
            let count = surroundings.log.partitionCount(of: position.partition.topic) ?? 0
            guard (0..<count).contains(Int(position.partition.partition.rawValue)) else {
                throw ConsumerError(.unknownPartition, "there is no partition \(position.partition)")
            }
            guard position.offset >= Offset(0) else {
                throw ConsumerError(
                    .offsetRefused, "\(position.offset) is no offset: \(position.partition) begins at 0")
            }
        }
        let member = try look { (core) throws(ConsumerError) in try core.committer() }
        try await commit(positions, by: member)
    }

    private func commit(
        _ positions: [CommittedPosition], by member: GroupMemberIdentity
    ) async throws(ConsumerError) {
        if positions.isEmpty { return }
        let error = await withCheckedContinuation { continuation in
            commit(positions, by: member) { continuation.resume(returning: $0) }
        }
        if let error { throw error }
    }

    /// Answers once the offsets are durable or refused.
    func commit(
        _ positions: [CommittedPosition], by member: GroupMemberIdentity,
        then reply: @escaping @Sendable (ConsumerError?) -> Void
    ) {
        let now = surroundings.offsets.clock.milliseconds
        let offsets = positions.map {
            OffsetToCommit(
                partition: $0.partition,
                offset: CommittedOffset(
                    offset: $0.offset.rawValue, leaderEpoch: KafkaBroker.leaderEpoch, metadata: $0.metadata,
                    commitTime: now))
        }
        surroundings.offsets.commit(offsets, group: configuration.group, by: member) { outcomes in
            let error = outcomes.first { $0.error != .none }?.error
            reply(error.map { ConsumerError(committing: self.configuration.group, $0) })
        }
    }

    func committed(_ partitions: [TopicPartition]) throws(ConsumerError) -> [CommittedPosition] {
        try look { (core) throws(ConsumerError) in try core.ensureOpen() }
        let found = surroundings.offsets.fetch(
            partitions, group: configuration.group, requireStable: false)
        return zip(partitions, found).compactMap { partition, result in
            guard case .success(let offset?) = result else { return nil }
            return CommittedPosition(
                partition: partition, offset: Offset(offset.offset), metadata: offset.metadata)
        }
    }

    // MARK: Seeking

    func seek(_ positions: [TopicPartition: Offset]) throws(ConsumerError) {
        try move(positions.mapValues { .at($0) })
    }

    func seekToBeginning(_ partitions: [TopicPartition]) throws(ConsumerError) {
        try move(Dictionary(partitions.map { ($0, .beginning) }) { first, _ in first })
    }

    func seekToEnd(_ partitions: [TopicPartition]) throws(ConsumerError) {
        try move(Dictionary(partitions.map { ($0, .end) }) { first, _ in first })
    }

    private func move(_ places: [TopicPartition: ConsumerPositions.Place]) throws(ConsumerError) {
        try change { (core) throws(ConsumerError) in try core.seek(places) }
    }

    func seek(toTimes times: [TopicPartition: Int64]) async throws(ConsumerError) {
        // Before the disk is asked: a partition that is not ours is refused in any case.
        try look { (core) throws(ConsumerError) in try core.checkAssigned(times.keys) }
        let result = await withCheckedContinuation { continuation in
            surroundings.threads.run { [log = surroundings.log] in
                try times.reduce(into: [TopicPartition: ConsumerPositions.Place]()) { places, time in
                    let found = try log.firstRecord(of: time.key, atOrAfter: time.value)
                    let end = try log.offsets(of: time.key).lastStable
                    places[time.key] = found.flatMap { $0.offset < end ? .at($0.offset) : nil } ?? .end
                }
            } then: {
                continuation.resume(returning: $0)
            }
        }
        switch result {
        case .success(let places): try move(places)
        case .failure(let error as LogStorageError): throw ConsumerError(error)
        case .failure(let error): throw ConsumerError(.failed, "the log cannot be read: \(error)")
        }
    }
}

extension ConsumerError {
    /// Why a group takes no such member.
    init(joining group: String, _ error: KafkaErrorCode) {
        switch error {
        case .inconsistentGroupProtocol:
            self.init(
                .groupRefused,
                "the members of group \(group) share out partitions by other rules than "
                    + "range and roundrobin: use another group, or set their partition.assignment.strategy")
        case .groupMaxSizeReached:
            self.init(.groupRefused, "group \(group) has as many members as kafka.group.max.size allows")
        case .policyViolation:
            self.init(.groupRefused, "there are as many groups as kafka.group.max.count allows")
        case .coordinatorNotAvailable, .notCoordinator:
            self.init(.rebalancing, "the coordinator of group \(group) is not available: try again shortly")
        default: self.init(.groupRefused, "group \(group) refused the consumer: \(error)")
        }
    }

    /// Why offsets were not committed.
    init(committing group: String, _ error: KafkaErrorCode) {
        switch error {
        case .illegalGeneration, .unknownMemberID, .fencedInstanceID:
            self.init(
                .notAMember,
                "Offset commit cannot be completed since the consumer is not part of an active group for "
                    + "auto partition assignment; poll to join group \(group) again")
        case .rebalanceInProgress:
            self.init(
                .rebalancing,
                "Offset commit cannot be completed since group \(group) is rebalancing: poll, then commit")
        case .offsetMetadataTooLarge:
            self.init(
                .offsetRefused, "the metadata of an offset is longer than kafka.offset.metadata.max.bytes")
        case .policyViolation:
            self.init(.offsetRefused, "there are as many groups as kafka.group.max.count allows")
        default: self.init(.failed, "offsets of group \(group) were not committed: \(error); try again")
        }
    }
}

extension TimeAmount {
    /// Cut to milliseconds, and to a day.
    init(_ duration: Duration) {
        let seconds = min(max(duration.components.seconds, 0), 86_400)
        let rest = duration.components.attoseconds / 1_000_000_000_000_000
        self = .milliseconds(seconds * 1000 + max(rest, 0))
    }
}
