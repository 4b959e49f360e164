// AddOffsetsToTxn (key 25), versions 0-3.
//
// Unlike Apache Kafka: offsets of groups lie in no topic, so the transaction takes in the group itself; past
// `kafka.transaction.max.groups` the answer is POLICY_VIOLATION.

import KafkaWire

struct AddOffsetsToTxnHandler: RequestHandler {
    let coordinator: TransactionCoordinator
    let access: TransactionAccess

    func handle(
        _ request: AddOffsetsToTxnRequest, _ context: RequestContext, _ reply: Reply<AddOffsetsToTxnResponse>
    ) {
        guard access.mayUse(request.transactionalID, context) else {
            return reply(AddOffsetsToTxnResponse(error: .transactionalIDAuthorizationFailed))
        }
        guard access.allows(.read, on: .group, named: request.groupID, context) else {
            return reply(AddOffsetsToTxnResponse(error: .groupAuthorizationFailed))
        }
        guard !request.groupID.isEmpty else {
            return reply(AddOffsetsToTxnResponse(error: .invalidGroupID))
        }
        let producer = ProducerIdentity(id: request.producerID, epoch: request.producerEpoch)
        coordinator.add(group: request.groupID, to: request.transactionalID, by: producer) { error in
            reply(AddOffsetsToTxnResponse(error: error.asKnown(context.apiVersion >= 2)))
        }
    }
}
