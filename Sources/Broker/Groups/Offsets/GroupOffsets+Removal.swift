import KafkaWire
import Logging
import NIOCore
import StateStore
import StreamModel
import Synchronization

extension GroupOffsets {
    /// Removes a topic's offsets in all groups; to be called when the topic is deleted.
    func topicDeleted(_ topic: TopicName) {
        writer.write {
            try GroupTables.removeAll(ofTopic: topic, in: $0)
        } then: { [self] error in
            if let error { return complain(error) }
            state.withLock { state in
                for group in state.groups.keys {
                    state.change(group) { table in
                        table.committed = table.committed.filter { $0.key.topic != topic }
                        for producerID in table.pending.keys {
                            let left = table.pending[producerID]?.filter { $0.key.topic != topic } ?? [:]
                            table.pending[producerID] = left.isEmpty ? nil : left
                        }
                    }
                }
            }
        }
    }

    /// Deletes a group without members, and its offsets (DeleteGroups).
    func deleteGroup(_ group: String, then completion: @escaping @Sendable (KafkaErrorCode) -> Void) {
        switch groups.remove(group) {
        case .hasMembers: return completion(.nonEmptyGroup)
        case .absent where !hasOffsets(group): return completion(.groupIDNotFound)
        case .absent, .removed: break
        }
        writer.write {
            try GroupTables.removeAll(of: group, in: $0)
        } then: { [self] error in
            if let error {
                complain(error)
                return completion(.coordinatorNotAvailable)
            }
            state.withLock { $0.groups[group] = nil }
            completion(.none)
        }
    }

    /// Deletes offsets of partitions that no member reads (OffsetDelete).
    ///
    /// `completion` gets what became of each, or why none could be deleted.
    func delete(
        _ partitions: [TopicPartition], group: String,
        then completion: @escaping @Sendable (Result<[OffsetCommitOutcome], KafkaErrorCode>) -> Void
    ) {
        let occupancy = groups.occupancy(of: group)
        guard occupancy != nil || hasOffsets(group) else { return completion(.failure(.groupIDNotFound)) }
        let isEmpty = occupancy.map { $0.state == .empty } ?? true
        guard isEmpty || occupancy?.protocolType == ConsumerGroup.consumerProtocolType else {
            return completion(.failure(.nonEmptyGroup))
        }
        let isRead: (TopicPartition) -> Bool = { partition in
            !isEmpty && occupancy?.subscribedTopics?.contains(partition.topic.rawValue) ?? true
        }
        let outcomes = partitions.map {
            OffsetCommitOutcome(partition: $0, error: isRead($0) ? .groupSubscribedToTopic : .none)
        }
        remove(partitions.filter { !isRead($0) }, group: group) { error in
            completion(error == nil ? .success(outcomes) : .failure(.coordinatorNotAvailable))
        }
    }

    // MARK: Retention

    /// Begins to look for offsets that have been of no use for too long, now and again.
    func startRetention() {
        let interval = max(1000, settings.retentionCheckMilliseconds)
        _ = groups.timers.schedule(at: groups.timers.now + .milliseconds(interval)) { [weak self] in
            self?.expire()
            self?.startRetention()
        }
    }

    /// Forgets offsets whose time is over, and groups of which nothing is left.
    func expire() {
        let now = clock.milliseconds
        let tables = state.withLock { $0.groups }
        for (group, table) in tables {
            let retention = OffsetRetention(
                occupancy: groups.occupancy(of: group), retentionMinutes: settings.offsetsRetentionMinutes)
            let expired = table.committed.filter { partition, offset in
                !table.pending.values.contains { $0[partition] != nil }
                    && retention.isOver(for: offset, of: partition.topic, at: now)
            }
            if !expired.isEmpty { remove(Array(expired.keys), group: group) { _ in } }
        }
        groups.removeVacant { tables[$0] != nil || hasOffsets($0) }
    }

    private func remove(
        _ partitions: [TopicPartition], group: String,
        then completion: @escaping @Sendable ((any Error)?) -> Void
    ) {
        let found: [OffsetToCommit] = state.withLock { state in
            partitions.compactMap { partition in
                state.groups[group]?.committed[partition].map { .init(partition: partition, offset: $0) }
            }
        }
        if found.isEmpty { return completion(nil) }
        writer.write {
            try GroupTables.remove(found, group: group, in: $0)
        } then: { [self] error in
            if let error {
                complain(error)
            } else {
                state.withLock { state in
                    state.change(group) { table in
                        for old in found
                        where table.committed[old.partition]?.sequence ?? 0 <= old.offset.sequence {
                            table.committed[old.partition] = nil
                        }
                    }
                }
            }
            completion(error)
        }
    }

    private func complain(_ error: any Error) {
        logger.error("committed offsets were not removed", metadata: ["error": "\(error)"])
    }
}

extension GroupOffsets.State {
    fileprivate mutating func change(_ group: String, _ body: (inout GroupOffsets.Table) -> Void) {
        guard var table = groups[group] else { return }
        body(&table)
        groups[group] = table.isEmpty ? nil : table
    }
}

/// When a committed offset is of no use any more.
///
/// As Apache Kafka has it: while consumers read a topic, its offsets stay; after a group has lost its last member, or
/// its members have turned to other topics, they stay for the retention time. Consumers without membership have only
/// the time of their commit.
struct OffsetRetention {
    var occupancy: GroupCoordinator.Occupancy?
    var retentionMinutes: Int64

    func isOver(for offset: CommittedOffset, of topic: TopicName, at now: Int64) -> Bool {
        let retention = retentionMinutes.multipliedReportingOverflow(by: 60_000)
        let milliseconds = retention.overflow ? .max : retention.partialValue
        guard let since = unusedSince(offset, topic) else { return false }
        if let expireTime = offset.expireTime { return now >= expireTime }
        return now - max(since, offset.commitTime) >= milliseconds
    }

    /// Nil while it is of use.
    private func unusedSince(_ offset: CommittedOffset, _ topic: TopicName) -> Int64? {
        guard let occupancy, occupancy.protocolType != nil else { return offset.commitTime }
        switch occupancy.state {
        case .empty: return occupancy.emptySince
        case .stable:
            guard let topics = occupancy.subscribedTopics, !topics.contains(topic.rawValue) else {
                return nil
            }
            return offset.commitTime
        case .preparingRebalance, .completingRebalance: return nil
        }
    }
}
