// ListTransactions (key 66), version 0.

import KafkaWire

struct ListTransactionsHandler: RequestHandler {
    let coordinator: TransactionCoordinator
    let access: TransactionAccess

    func handle(
        _ request: ListTransactionsRequest, _ context: RequestContext,
        _ reply: Reply<ListTransactionsResponse>
    ) {
        let wanted = Set(request.stateFilters)
        let producers = Set(request.producerIDFilters)
        let unknown = wanted.filter { TransactionState.Status(rawValue: $0) == nil }
        let states = coordinator.states().filter { state in
            state.pending != .dead
                && (wanted.isEmpty || wanted.contains(state.status.rawValue))
                && (producers.isEmpty || producers.contains(state.producerID))
                && access.mayDescribe(state.transactionalID, context)
        }
        reply(
            ListTransactionsResponse(
                error: .none, unknownStateFilters: unknown.sorted(),
                transactions: states.map { state in
                    .init(
                        transactionalID: state.transactionalID, producerID: state.producerID,
                        state: state.status.rawValue)
                }))
    }
}
