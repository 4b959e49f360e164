// AlterReplicaLogDirs (key 34), versions 0-2.
// Unlike Apache Kafka: there is one folder, where every partition is already.

import KafkaWire
import LogStorage

struct AlterReplicaLogDirsHandler: RequestHandler {
    let shared: AdministrationHandlers

    func handle(
        _ request: AlterReplicaLogDirsRequest, _ client: RequestContext,
        _ reply: Reply<AlterReplicaLogDirsResponse>
    ) {
        let isAllowed = shared.mayCluster(.alter, client.asker)
        var topics: [AlterReplicaLogDirsResponse.Topic] = []
        for directory in request.directories {
            for topic in directory.topics {
                let partitions = topic.partitions.map { index in
                    AlterReplicaLogDirsResponse.Partition(
                        index: index,
                        error: isAllowed
                            ? error(of: topic.topic, index, directory.path) : .clusterAuthorizationFailed)
                }
                topics.append(.init(name: topic.topic, partitions: partitions))
            }
        }
        reply(AlterReplicaLogDirsResponse(topics: topics))
    }

    private func error(of topic: String, _ index: Int32, _ path: String) -> KafkaErrorCode {
        guard path == shared.log.directory else { return .logDirNotFound }
        return shared.holds(topic, index) ? .none : .unknownTopicOrPartition
    }
}
