import KafkaWire
import StreamModel

extension GroupOffsets: TransactionalOffsets {
    func commitPending(
        _ commit: TransactionalOffsetCommit,
        then completion: @escaping @Sendable ([TopicPartition: KafkaErrorCode]) -> Void
    ) {
        let now = clock.milliseconds
        let offsets = commit.positions.map { position in
            OffsetToCommit(
                partition: position.partition,
                offset: CommittedOffset(
                    offset: position.offset, leaderEpoch: position.leaderEpoch, metadata: position.metadata,
                    commitTime: now))
        }
        let member = GroupMemberIdentity(
            memberID: commit.memberID, instanceID: commit.groupInstanceID, generation: commit.generation)
        commitPending(offsets, group: commit.group, by: member, producerID: commit.producerID) { outcomes in
            // A client may name a partition twice.
            completion(
                Dictionary(outcomes.map { ($0.partition, $0.error) }, uniquingKeysWith: { _, last in last }))
        }
    }
}
