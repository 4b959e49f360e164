// OffsetFetch (key 9), versions 1-8.

import KafkaWire
import StreamModel

struct OffsetFetchHandler: RequestHandler {
    let services: GroupServices

    func handle(
        _ request: OffsetFetchRequest, _ context: RequestContext, _ reply: Reply<OffsetFetchResponse>
    ) {
        let groups = request.groups.map { group in
            guard services.allows(context, .describe, onGroup: group.groupID) else {
                return Self.refusal(of: group, .groupAuthorizationFailed, context.apiVersion)
            }
            let topics =
                if let named = group.topics {
                    named.map { offsets(of: group.groupID, $0, request.requireStable, context) }
                } else {
                    allOffsets(of: group.groupID, request.requireStable, context)
                }
            return OffsetFetchResponse.Group(groupID: group.groupID, topics: topics)
        }
        reply(.init(groups: groups))
    }

    /// Version 1 has no place for the error but the partitions.
    private static func refusal(
        of group: OffsetFetchRequest.Group, _ error: KafkaErrorCode, _ version: Int16
    ) -> OffsetFetchResponse.Group {
        let topics = version >= 2 ? [] : group.topics ?? []
        return .init(
            groupID: group.groupID,
            topics: topics.map { topic in
                .init(
                    name: topic.name,
                    partitions: topic.partitionIndexes.map { .init(index: $0, error: error) })
            }, error: error)
    }

    private func offsets(
        of group: String, _ topic: OffsetFetchRequest.Topic, _ requireStable: Bool, _ context: RequestContext
    ) -> OffsetFetchResponse.Topic {
        guard services.allows(context, .describe, onTopic: topic.name) else {
            return .init(
                name: topic.name,
                partitions: topic.partitionIndexes.map {
                    .init(index: $0, error: .topicAuthorizationFailed)
                })
        }
        // A name that no topic can have has no offsets either.
        guard let name = TopicName(topic.name) else {
            return .init(name: topic.name, partitions: topic.partitionIndexes.map { .init(index: $0) })
        }
        let partitions = topic.partitionIndexes.map { TopicPartition(name, PartitionIndex($0)) }
        let found = services.offsets.fetch(partitions, group: group, requireStable: requireStable)
        return .init(name: topic.name, partitions: zip(partitions, found).map(Self.partition))
    }

    private func allOffsets(
        of group: String, _ requireStable: Bool, _ context: RequestContext
    ) -> [OffsetFetchResponse.Topic] {
        var topics: [OffsetFetchResponse.Topic] = []
        let partitions = services.offsets.partitions(of: group)
        let found = services.offsets.fetch(partitions, group: group, requireStable: requireStable)
        for (partition, offset) in zip(partitions, found) {
            let name = partition.topic.rawValue
            if topics.last?.name != name { topics.append(.init(name: name, partitions: [])) }
            topics[topics.count - 1].partitions.append(Self.partition(partition, offset))
        }
        return topics.filter { services.allows(context, .describe, onTopic: $0.name) }
    }

    private static func partition(
        _ partition: TopicPartition, _ found: Result<CommittedOffset?, KafkaErrorCode>
    ) -> OffsetFetchResponse.Partition {
        let index = partition.partition.rawValue
        switch found {
        case .failure(let error): return .init(index: index, error: error)
        case .success(nil): return .init(index: index)
        case .success(let offset?):
            return .init(
                index: index, committedOffset: offset.offset, committedLeaderEpoch: offset.leaderEpoch,
                metadata: offset.metadata)
        }
    }
}
