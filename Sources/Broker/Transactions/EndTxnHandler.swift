// EndTxn (key 26), versions 0-3.
//
// Unlike Apache Kafka: the answer waits until the end of the transaction can be seen on every partition, unless
// something keeps a marker from being written; then it comes, as there, once the decision is durable.

import KafkaWire

struct EndTxnHandler: RequestHandler {
    let coordinator: TransactionCoordinator
    let access: TransactionAccess

    func handle(_ request: EndTxnRequest, _ context: RequestContext, _ reply: Reply<EndTxnResponse>) {
        guard access.mayUse(request.transactionalID, context) else {
            return reply(EndTxnResponse(error: .transactionalIDAuthorizationFailed))
        }
        let producer = ProducerIdentity(id: request.producerID, epoch: request.producerEpoch)
        coordinator.end(request.transactionalID, commit: request.isCommit, by: producer) { error in
            reply(EndTxnResponse(error: error.asKnown(context.apiVersion >= 2)))
        }
    }
}
