// TxnOffsetCommit (key 28), versions 0-3.
//
// Unlike Apache Kafka: the group must be part of the producer's open transaction (AddOffsetsToTxn) in every version,
// and the producer's epoch its latest; otherwise INVALID_TXN_STATE and INVALID_PRODUCER_EPOCH.

import KafkaWire
import StreamModel

struct TxnOffsetCommitHandler: RequestHandler {
    let coordinator: TransactionCoordinator
    let access: TransactionAccess

    func handle(
        _ request: TxnOffsetCommitRequest, _ context: RequestContext, _ reply: Reply<TxnOffsetCommitResponse>
    ) {
        guard access.mayUse(request.transactionalID, context) else {
            return reply(Self.response(to: request, .transactionalIDAuthorizationFailed))
        }
        guard access.allows(.read, on: .group, named: request.groupID, context) else {
            return reply(Self.response(to: request, .groupAuthorizationFailed))
        }
        var unauthorized: Set<String> = []
        var positions: [TransactionalOffsetCommit.Position] = []
        for topic in request.topics {
            guard access.allows(.read, on: .topic, named: topic.name, context) else {
                unauthorized.insert(topic.name)
                continue
            }
            positions += self.positions(topic)
        }
        let commit = TransactionalOffsetCommit(
            group: request.groupID, memberID: request.memberID, groupInstanceID: request.groupInstanceID,
            generation: request.generation, producerID: request.producerID, positions: positions)
        store(commit, of: request) { [unauthorized] errors in
            reply(
                Self.response(to: request) { topic, index in
                    if unauthorized.contains(topic) { return .topicAuthorizationFailed }
                    guard let name = TopicName(topic) else { return .unknownTopicOrPartition }
                    return errors[TopicPartition(name, PartitionIndex(index))] ?? .unknownTopicOrPartition
                })
        }
    }

    private func positions(
        _ topic: TxnOffsetCommitRequest.Topic
    ) -> [TransactionalOffsetCommit.Position] {
        topic.partitions.compactMap { position in
            guard let partition = coordinator.parts.log.partition(position.index, of: topic.name) else {
                return nil
            }
            return TransactionalOffsetCommit.Position(
                partition: partition, offset: position.offset, leaderEpoch: position.leaderEpoch,
                metadata: position.metadata ?? "")
        }
    }

    /// The transaction is kept from ending until the offsets are stored as its own.
    private func store(
        _ commit: TransactionalOffsetCommit, of request: TxnOffsetCommitRequest,
        then completion: @escaping @Sendable ([TopicPartition: KafkaErrorCode]) -> Void
    ) {
        guard !commit.positions.isEmpty else { return completion([:]) }
        let producer = ProducerIdentity(id: request.producerID, epoch: request.producerEpoch)
        let error = coordinator.beginWrite(request.transactionalID) {
            $0.check(producer, commitsOffsetsOf: request.groupID)
        }
        guard error == .none else {
            let pairs = commit.positions.map { ($0.partition, error) }
            return completion(Dictionary(pairs, uniquingKeysWith: { first, _ in first }))
        }
        coordinator.parts.offsets.commitPending(commit) { [coordinator] errors in
            coordinator.endWrite(request.transactionalID)
            completion(errors)
        }
    }

    private static func response(
        to request: TxnOffsetCommitRequest, _ error: KafkaErrorCode
    ) -> TxnOffsetCommitResponse {
        response(to: request) { _, _ in error }
    }

    private static func response(
        to request: TxnOffsetCommitRequest, _ error: (String, Int32) -> KafkaErrorCode
    ) -> TxnOffsetCommitResponse {
        TxnOffsetCommitResponse(
            topics: request.topics.map { topic in
                .init(
                    name: topic.name,
                    partitions: topic.partitions.map {
                        .init(index: $0.index, error: error(topic.name, $0.index))
                    })
            })
    }
}
