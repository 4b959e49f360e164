// AddPartitionsToTxn (key 24), versions 0-3.
//
// As in Apache Kafka one partition that may not be added keeps out all others of the request.

import KafkaWire
import StreamModel

struct AddPartitionsToTxnHandler: RequestHandler {
    let coordinator: TransactionCoordinator
    let access: TransactionAccess

    func handle(
        _ request: AddPartitionsToTxnRequest, _ context: RequestContext,
        _ reply: Reply<AddPartitionsToTxnResponse>
    ) {
        guard access.mayUse(request.transactionalID, context) else {
            return reply(Self.response(to: request) { _, _ in .transactionalIDAuthorizationFailed })
        }
        var partitions: Set<TopicPartition> = []
        var unauthorized: Set<String> = []
        var isWhole = true
        for topic in request.topics {
            guard access.allows(.write, on: .topic, named: topic.name, context) else {
                unauthorized.insert(topic.name)
                isWhole = isWhole && topic.partitions.isEmpty
                continue
            }
            for index in topic.partitions {
                if let partition = coordinator.parts.log.partition(index, of: topic.name) {
                    partitions.insert(partition)
                } else {
                    isWhole = false
                }
            }
        }
        guard isWhole else {
            return reply(refusal(of: request, unauthorized, found: partitions))
        }
        let producer = ProducerIdentity(id: request.producerID, epoch: request.producerEpoch)
        coordinator.add(partitions, to: request.transactionalID, by: producer) { error in
            let error = error.asKnown(context.apiVersion >= 2)
            reply(Self.response(to: request) { _, _ in error })
        }
    }

    private func refusal(
        of request: AddPartitionsToTxnRequest, _ unauthorized: Set<String>, found: Set<TopicPartition>
    ) -> AddPartitionsToTxnResponse {
        Self.response(to: request) { topic, index in
            if unauthorized.contains(topic) { return .topicAuthorizationFailed }
            guard let name = TopicName(topic), found.contains(TopicPartition(name, PartitionIndex(index)))
            else { return .unknownTopicOrPartition }
            return .operationNotAttempted
        }
    }

    private static func response(
        to request: AddPartitionsToTxnRequest, _ error: (String, Int32) -> KafkaErrorCode
    ) -> AddPartitionsToTxnResponse {
        AddPartitionsToTxnResponse(
            topics: request.topics.map { topic in
                .init(
                    name: topic.name,
                    partitions: topic.partitions.map { .init(index: $0, error: error(topic.name, $0)) })
            })
    }
}
