// DescribeTransactions (key 65), version 0.
//
// Unlike Apache Kafka: groups whose offsets a transaction commits are not shown, since they lie in no topic.

import KafkaWire
import StreamModel

struct DescribeTransactionsHandler: RequestHandler {
    let coordinator: TransactionCoordinator
    let access: TransactionAccess

    func handle(
        _ request: DescribeTransactionsRequest, _ context: RequestContext,
        _ reply: Reply<DescribeTransactionsResponse>
    ) {
        // An id that is named twice is described once.
        var seen: Set<String> = []
        let transactions = request.transactionalIDs.filter { seen.insert($0).inserted }
            .map { describe($0, context) }
        reply(DescribeTransactionsResponse(transactions: transactions))
    }

    private func describe(
        _ transactionalID: String, _ context: RequestContext
    ) -> DescribeTransactionsResponse.Transaction {
        let refused = { (error: KafkaErrorCode) in
            DescribeTransactionsResponse.Transaction(error: error, transactionalID: transactionalID)
        }
        guard access.mayDescribe(transactionalID, context) else {
            return refused(.transactionalIDAuthorizationFailed)
        }
        guard !transactionalID.isEmpty else { return refused(.invalidRequest) }
        guard let state = coordinator.state(of: transactionalID), state.pending != .dead else {
            return refused(.transactionalIDNotFound)
        }
        var transaction = refused(.none)
        transaction.state = state.status.rawValue
        transaction.timeoutMilliseconds = state.timeoutMilliseconds
        transaction.startTimestamp = state.startTimestamp
        transaction.producerID = state.producerID
        transaction.producerEpoch = state.producerEpoch
        let topics = Dictionary(grouping: state.partitions.sorted(), by: \.topic)
        transaction.topics = topics.sorted { $0.key < $1.key }
            .filter { access.allows(.describe, on: .topic, named: $0.key.rawValue, context) }
            .map { .init(name: $0.key.rawValue, partitions: $0.value.map(\.partition.rawValue)) }
        return transaction
    }
}
