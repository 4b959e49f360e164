// ListPartitionReassignments (key 46), version 0.
// Unlike Apache Kafka: there is one broker, so nothing is ever on its way.

import KafkaWire

struct ListPartitionReassignmentsHandler: RequestHandler {
    let shared: AdministrationHandlers

    func handle(
        _ request: ListPartitionReassignmentsRequest, _ client: RequestContext,
        _ reply: Reply<ListPartitionReassignmentsResponse>
    ) {
        let isAllowed = shared.mayCluster(.describe, client.asker)
        reply(ListPartitionReassignmentsResponse(error: isAllowed ? .none : .clusterAuthorizationFailed))
    }
}
