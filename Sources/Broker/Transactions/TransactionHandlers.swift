import KafkaWire

/// The handlers of the transaction coordinator's APIs.
enum TransactionHandlers {
    static func handlers(
        coordinator: TransactionCoordinator, authorizer: any Authorizer
    ) -> [any RequestHandler] {
        let access = TransactionAccess(authorizer: authorizer)
        return [
            InitProducerIdHandler(coordinator: coordinator, access: access),
            AddPartitionsToTxnHandler(coordinator: coordinator, access: access),
            AddOffsetsToTxnHandler(coordinator: coordinator, access: access),
            EndTxnHandler(coordinator: coordinator, access: access),
            TxnOffsetCommitHandler(coordinator: coordinator, access: access),
            DescribeTransactionsHandler(coordinator: coordinator, access: access),
            ListTransactionsHandler(coordinator: coordinator, access: access),
        ]
    }
}

/// What the principal of a request may do with transactions.
struct TransactionAccess: Sendable {
    var authorizer: any Authorizer

    func allows(
        _ operation: ACLOperation, on type: ACLResourceType, named name: String, _ context: RequestContext
    ) -> Bool {
        authorizer.allows(context.principal, from: context.clientHost, operation, on: type, named: name)
    }

    func mayUse(_ transactionalID: String, _ context: RequestContext) -> Bool {
        allows(.write, on: .transactionalID, named: transactionalID, context)
    }

    func mayDescribe(_ transactionalID: String, _ context: RequestContext) -> Bool {
        allows(.describe, on: .transactionalID, named: transactionalID, context)
    }

    /// Whoever may write to any topic may do so as an idempotent producer.
    func mayBeIdempotent(_ context: RequestContext) -> Bool {
        allows(.idempotentWrite, on: .cluster, named: OpenAuthorizer.clusterName, context)
            || authorizer.allowsOnAny(context.principal, from: context.clientHost, .write, on: .topic)
    }
}

extension KafkaErrorCode {
    /// Clients of older versions know a fenced producer by another number.
    func asKnown(_ isKnown: Bool) -> KafkaErrorCode {
        self == .producerFenced && !isKnown ? .invalidProducerEpoch : self
    }
}
