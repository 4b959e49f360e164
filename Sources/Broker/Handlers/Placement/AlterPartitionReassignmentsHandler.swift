// AlterPartitionReassignments (key 45), version 0.
// Unlike Apache Kafka: there is one broker, where every partition stays; a move to it is done at once.

import KafkaWire

struct AlterPartitionReassignmentsHandler: RequestHandler {
    let shared: AdministrationHandlers

    func handle(
        _ request: AlterPartitionReassignmentsRequest, _ client: RequestContext,
        _ reply: Reply<AlterPartitionReassignmentsResponse>
    ) {
        guard shared.mayCluster(.alter, client.asker) else {
            return reply(AlterPartitionReassignmentsResponse(error: .clusterAuthorizationFailed))
        }
        reply(
            AlterPartitionReassignmentsResponse(
                topics: request.topics.map { topic in
                    PartitionVerdicts(
                        topic: topic.name,
                        partitions: topic.partitions.map { verdict(on: $0, of: topic.name) })
                }))
    }

    private func verdict(
        on partition: AlterPartitionReassignmentsRequest.Partition, of topic: String
    ) -> PartitionVerdicts.Partition {
        guard shared.holds(topic, partition.index) else {
            return .init(
                index: partition.index, error: .unknownTopicOrPartition,
                message: "Unable to find a topic or partition named \(topic)-\(partition.index).")
        }
        guard let brokerIDs = partition.brokerIDs else {
            return .init(index: partition.index, error: .noReassignmentInProgress)
        }
        do throws(AdministrationError) {
            try PartitionAssignments(brokerID: shared.brokerID).check([brokerIDs])
            return .init(index: partition.index)
        } catch {
            return .init(index: partition.index, error: error.code, message: error.message)
        }
    }
}
