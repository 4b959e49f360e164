// OffsetDelete (key 47), version 0.

import KafkaWire
import StreamModel

struct OffsetDeleteHandler: RequestHandler {
    let services: GroupServices

    func handle(
        _ request: OffsetDeleteRequest, _ context: RequestContext, _ reply: Reply<OffsetDeleteResponse>
    ) {
        guard services.allows(context, .delete, onGroup: request.groupID) else {
            return reply(.init(error: .groupAuthorizationFailed))
        }
        var outcomes = OffsetOutcomes()
        var partitions: [TopicPartition] = []
        for topic in request.topics {
            outcomes.begin(topic: topic.name)
            let isAllowed = services.allows(context, .read, onTopic: topic.name)
            for index in topic.partitionIndexes {
                let found = services.find(index, of: topic.name, isAllowed: isAllowed)
                outcomes.add(index, found)
                if case .success(let partition) = found { partitions.append(partition) }
            }
        }
        services.offsets.delete(partitions, group: request.groupID) { [outcomes] result in
            switch result {
            case .failure(let error): reply(.init(error: error))
            case .success(let deleted):
                reply(.init(error: .none, topics: outcomes.topics(with: deleted)))
            }
        }
    }
}
