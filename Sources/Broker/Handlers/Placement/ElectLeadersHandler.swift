// ElectLeaders (key 43), versions 0-2.
// Unlike Apache Kafka: there is one broker, which leads every partition: no election is ever needed.

import KafkaWire

struct ElectLeadersHandler: RequestHandler {
    let shared: AdministrationHandlers

    func handle(
        _ request: ElectLeadersRequest, _ client: RequestContext, _ reply: Reply<ElectLeadersResponse>
    ) {
        guard shared.mayCluster(.alter, client.asker) else {
            return reply(ElectLeadersResponse(error: .clusterAuthorizationFailed))
        }
        // Asked for all, Apache Kafka tells of those alone that it has elected a leader for.
        let topics = (request.topics ?? []).map { topic in
            PartitionVerdicts(
                topic: topic.topic,
                partitions: topic.partitions.map { index in
                    shared.holds(topic.topic, index)
                        ? .init(
                            index: index, error: .electionNotNeeded,
                            message: "Leader election not needed for topic partition.")
                        : .init(
                            index: index, error: .unknownTopicOrPartition,
                            message: "No such partition as \(topic.topic)-\(index)")
                })
        }
        reply(ElectLeadersResponse(topics: topics))
    }
}
