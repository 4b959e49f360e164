// OffsetForLeaderEpoch (key 23), versions 2-4.
// Unlike Apache Kafka: there has only ever been one leader, with epoch 0, whose records end where the log does.

import KafkaWire
import LogStorage
import StreamModel

struct OffsetForLeaderEpochHandler: RequestHandler {
    typealias Answer = OffsetForLeaderEpochResponse.Partition

    let log: CommitLog
    let authorizer: any Authorizer

    func handle(
        _ request: OffsetForLeaderEpochRequest, _ context: RequestContext,
        _ reply: Reply<OffsetForLeaderEpochResponse>
    ) {
        let topics = request.topics.map { topic in
            let isAllowed = authorizer.allows(
                context.principal, from: context.clientHost, .describe, on: .topic, named: topic.name)
            return OffsetForLeaderEpochResponse.Topic(
                name: topic.name,
                partitions: topic.partitions.map { asked in
                    isAllowed
                        ? find(asked, topic.name)
                        : Answer(index: asked.index, error: .topicAuthorizationFailed)
                })
        }
        reply(OffsetForLeaderEpochResponse(topics: topics))
    }

    private func find(_ asked: OffsetForLeaderEpochRequest.Partition, _ topic: String) -> Answer {
        guard let partition = PartitionChecks.partition(topic, asked.index) else {
            return Answer(index: asked.index, error: .unknownTopicOrPartition)
        }
        do throws(LogStorageError) {
            let offsets = try log.offsets(of: partition)
            if let error = PartitionChecks.error(ofLeaderEpoch: asked.currentLeaderEpoch) {
                return Answer(index: asked.index, error: error)
            }
            // A reign that has not been is no error: the answer has no offset.
            guard asked.leaderEpoch == KafkaBroker.leaderEpoch else {
                return Answer(index: asked.index, error: .none)
            }
            return Answer(
                index: asked.index, error: .none, leaderEpoch: KafkaBroker.leaderEpoch,
                endOffset: offsets.end.rawValue)
        } catch {
            return Answer(index: asked.index, error: KafkaErrorCode(error.code))
        }
    }
}
