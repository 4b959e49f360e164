// OffsetCommit (key 8), versions 2-8.
// As Apache Kafka: answered once the offsets are durable.

import KafkaWire
import StreamModel

struct OffsetCommitHandler: RequestHandler {
    let services: GroupServices

    func handle(
        _ request: OffsetCommitRequest, _ context: RequestContext, _ reply: Reply<OffsetCommitResponse>
    ) {
        let mayReadGroup = services.allows(context, .read, onGroup: request.groupID)
        let now = services.offsets.clock.milliseconds
        let expireTime = Self.expireTime(request.retentionTimeMilliseconds, now: now)
        var outcomes = OffsetOutcomes()
        var offsets: [OffsetToCommit] = []
        for topic in request.topics {
            outcomes.begin(topic: topic.name)
            let isAllowed = mayReadGroup && services.allows(context, .read, onTopic: topic.name)
            let denial: KafkaErrorCode = mayReadGroup ? .topicAuthorizationFailed : .groupAuthorizationFailed
            for partition in topic.partitions {
                let found = services.find(
                    partition.index, of: topic.name, isAllowed: isAllowed, denial: denial)
                outcomes.add(partition.index, found)
                guard case .success(let topicPartition) = found else { continue }
                let offset = CommittedOffset(
                    offset: partition.committedOffset, leaderEpoch: partition.committedLeaderEpoch,
                    metadata: partition.committedMetadata ?? "", commitTime: now, expireTime: expireTime)
                offsets.append(OffsetToCommit(partition: topicPartition, offset: offset))
            }
        }
        guard !offsets.isEmpty else { return reply(.init(topics: outcomes.topics(with: []))) }
        let member = GroupMemberIdentity(
            memberID: request.memberID, instanceID: request.groupInstanceID, generation: request.generationID)
        services.offsets.commit(offsets, group: request.groupID, by: member) { [outcomes] in
            reply(.init(topics: outcomes.topics(with: $0)))
        }
    }

    private static func expireTime(_ retention: Int64, now: Int64) -> Int64? {
        guard retention >= 0 else { return nil }
        let (time, overflow) = now.addingReportingOverflow(retention)
        return overflow ? .max : time
    }
}
