// InitProducerId (key 22), versions 0-4.
//
// Unlike Apache Kafka: where the transaction of an earlier session is aborted first, CONCURRENT_TRANSACTIONS is answered
// once the abort is complete, so that the client's next try finds its way free. A transactional id longer than 32,767
// bytes is refused, and past `kafka.transactional.id.max.count` a new one is, with POLICY_VIOLATION.

import KafkaWire

struct InitProducerIdHandler: RequestHandler {
    let coordinator: TransactionCoordinator
    let access: TransactionAccess

    func handle(
        _ request: InitProducerIdRequest, _ context: RequestContext, _ reply: Reply<InitProducerIdResponse>
    ) {
        if let transactionalID = request.transactionalID {
            guard access.mayUse(transactionalID, context) else {
                return reply(InitProducerIdResponse(error: .transactionalIDAuthorizationFailed))
            }
        } else if !access.mayBeIdempotent(context) {
            return reply(InitProducerIdResponse(error: .clusterAuthorizationFailed))
        }
        let hasID = request.producerID != TransactionState.noProducerID
        guard hasID == (request.producerEpoch != TransactionState.noEpoch) else {
            return reply(InitProducerIdResponse(error: .invalidRequest))
        }
        coordinator.initProducerID(
            transactionalID: request.transactionalID,
            timeoutMilliseconds: request.transactionTimeoutMilliseconds,
            expected: hasID ? ProducerIdentity(id: request.producerID, epoch: request.producerEpoch) : nil
        ) { response in
            var response = response
            response.error = response.error.asKnown(context.apiVersion >= 4)
            reply(response)
        }
    }
}
