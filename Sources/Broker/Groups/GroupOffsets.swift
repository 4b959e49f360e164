import KafkaWire
import Logging
import NIOCore
import StateStore
import StreamModel
import Synchronization

/// The committed offsets of all groups: a table in memory that mirrors `state.sqlite`.
///
/// A commit is answered once it is durable. Changes reach the table in memory in the order in which they became
/// durable, so that what one reads here would also be read after a restart.
final class GroupOffsets: Sendable {
    struct Table {
        var committed: [TopicPartition: CommittedOffset] = [:]
        /// Offsets of transactions that have not ended, by producer id.
        var pending: [Int64: [TopicPartition: CommittedOffset]] = [:]

        var isEmpty: Bool { committed.isEmpty && pending.isEmpty }
    }

    struct State {
        var groups: [String: Table] = [:]
        var nextSequence: Int64 = 1
    }

    let state: Mutex<State>
    let groups: GroupCoordinator
    let writer: StateWriter
    let settings: GroupSettings
    let clock: WallClock
    let logger: Logger

    init(
        _ stored: StoredGroups, groups: GroupCoordinator, writer: StateWriter, settings: GroupSettings,
        clock: WallClock, logger: Logger
    ) {
        self.groups = groups
        self.writer = writer
        self.settings = settings
        self.clock = clock
        self.logger = logger
        state = Mutex(State(groups: stored.tables, nextSequence: stored.lastSequence + 1))
    }

    // MARK: Commits

    /// Commits offsets of a member, or of a consumer without membership while the group has no members.
    ///
    /// `completion` runs once, when the offsets are durable or refused; on any thread.
    func commit(
        _ offsets: [OffsetToCommit], group: String, by member: GroupMemberIdentity,
        then completion: @escaping @Sendable ([OffsetCommitOutcome]) -> Void
    ) {
        let error = groups.validateCommit(group, by: member, isTransactional: false)
        store(offsets, group: group, error: error, completion) { offsets in
            { try GroupTables.put(offsets, group: group, in: $0) }
        } apply: { table, offset in
            // An older commit never comes after a newer one, but for those of a transaction that ends.
            table.committed[offset.partition] = offset.offset
        }
    }

    /// Commits offsets as part of a transaction: they count once `completePending` says that it was committed.
    ///
    /// They are durable as pending when `completion` runs. The transaction itself (that it is under way, that the
    /// producer's epoch is its latest, and that the group was added to it) is to be checked before.
    /// A member id and generation (TxnOffsetCommit 3) are checked against the group as for any commit.
    func commitPending(
        _ offsets: [OffsetToCommit], group: String, by member: GroupMemberIdentity, producerID: Int64,
        then completion: @escaping @Sendable ([OffsetCommitOutcome]) -> Void
    ) {
        let error = groups.validateCommit(group, by: member, isTransactional: true)
        store(offsets, group: group, error: error, completion) { offsets in
            { try GroupTables.putPending(offsets, group: group, producerID: producerID, in: $0) }
        } apply: { table, offset in
            table.pending[producerID, default: [:]][offset.partition] = offset.offset
        }
    }

    /// Ends the transaction of a producer for all groups it committed offsets of: they count, or are dropped.
    ///
    /// May be repeated: without pending offsets nothing happens. `completion` runs once that is durable, with an
    /// error if it is not; then it is to be tried again.
    func completePending(
        producerID: Int64, commit: Bool, then completion: @escaping @Sendable ((any Error)?) -> Void
    ) {
        writer.write {
            try GroupTables.completePending(producerID: producerID, commit: commit, in: $0)
        } then: { [self] error in
            if error == nil {
                state.withLock { $0.completePending(producerID: producerID, commit: commit) }
            }
            completion(error)
        }
    }

    private func store(
        _ offsets: [OffsetToCommit], group: String, error: KafkaErrorCode?,
        _ completion: @escaping @Sendable ([OffsetCommitOutcome]) -> Void,
        change: ([OffsetToCommit]) -> StateWriter.Change,
        apply: @escaping @Sendable (inout Table, OffsetToCommit) -> Void
    ) {
        if let error { return completion(offsets.map { .init(partition: $0.partition, error: error) }) }
        let mayStore: @Sendable (OffsetToCommit) -> Bool = { [settings] in
            $0.offset.metadata.utf8.count <= settings.offsetMetadataMaxBytes
        }
        let outcome: @Sendable (KafkaErrorCode) -> [OffsetCommitOutcome] = { error in
            offsets.map {
                .init(partition: $0.partition, error: mayStore($0) ? error : .offsetMetadataTooLarge)
            }
        }
        let accepted = offsets.filter(mayStore)
        if accepted.isEmpty { return completion(outcome(.none)) }
        let isRefused: Bool = state.withLock { state in
            if state.groups[group] == nil, state.groups.count >= settings.maxGroups { return true }
            let numbered = accepted.map { state.numbered($0) }
            // Handed over under the lock: the order of the sequence numbers is the order of the writes.
            writer.write(change(numbered)) { [self] failure in
                if let failure { return completion(outcome(refusal(failure, group: group))) }
                self.state.withLock { state in
                    for offset in numbered { apply(&state.groups[group, default: Table()], offset) }
                }
                completion(outcome(.none))
            }
            return false
        }
        if isRefused { completion(outcome(.policyViolation)) }
    }

    /// The consumer may try again: there may be room on the disk by then.
    private func refusal(_ failure: any Error, group: String) -> KafkaErrorCode {
        logger.error(
            "offsets were not committed; the consumer is told to try again",
            metadata: ["group": "\(group)", "error": "\(failure)"])
        return .coordinatorNotAvailable
    }

    // MARK: Reading

    /// The offset committed last for each of these partitions; nil where there is none.
    ///
    /// With `requireStable` a partition for which a transaction has yet to end gives `unstableOffsetCommit`.
    func fetch(
        _ partitions: [TopicPartition], group: String, requireStable: Bool
    ) -> [Result<CommittedOffset?, KafkaErrorCode>] {
        state.withLock { state in
            guard let table = state.groups[group] else { return partitions.map { _ in .success(nil) } }
            return partitions.map { partition in
                if requireStable, table.pending.values.contains(where: { $0[partition] != nil }) {
                    return .failure(.unstableOffsetCommit)
                }
                return .success(table.committed[partition])
            }
        }
    }

    /// The partitions for which the group has committed offsets, sorted.
    func partitions(of group: String) -> [TopicPartition] {
        state.withLock { $0.groups[group]?.committed.keys.sorted() ?? [] }
    }

    /// The groups with committed or pending offsets.
    var groupIDs: [String] { state.withLock { Array($0.groups.keys) } }

    func hasOffsets(_ group: String) -> Bool { state.withLock { $0.groups[group] != nil } }

    /// Every committed offset, for lag.
    func forEachCommitted(_ body: (String, TopicPartition, CommittedOffset) -> Void) {
        let tables = state.withLock { $0.groups }
        for group in tables.keys.sorted() {
            for (partition, offset) in (tables[group]?.committed ?? [:]).sorted(by: { $0.key < $1.key }) {
                body(group, partition, offset)
            }
        }
    }
}

extension GroupOffsets.State {
    fileprivate mutating func numbered(_ offset: OffsetToCommit) -> OffsetToCommit {
        var offset = offset
        offset.offset.sequence = nextSequence
        nextSequence += 1
        return offset
    }

    fileprivate mutating func completePending(producerID: Int64, commit: Bool) {
        for (group, var table) in groups {
            guard let pending = table.pending.removeValue(forKey: producerID) else { continue }
            for (partition, offset) in pending where commit {
                // A commit outside the transaction that came later stands.
                if offset.sequence > table.committed[partition]?.sequence ?? 0 {
                    table.committed[partition] = offset
                }
            }
            groups[group] = table.isEmpty ? nil : table
        }
    }
}
