// ListOffsets (key 2), versions 1-7.

import KafkaWire
import LogStorage
import StreamModel

struct ListOffsetsHandler: RequestHandler {
    typealias Answer = ListOffsetsResponse.Partition

    let log: CommitLog
    let threads: BrokerThreads
    let authorizer: any Authorizer

    func handle(
        _ request: ListOffsetsRequest, _ context: RequestContext, _ reply: Reply<ListOffsetsResponse>
    ) {
        let allowed = request.topics.map { topic in
            authorizer.allows(
                context.principal, from: context.clientHost, .describe, on: .topic, named: topic.name)
        }
        // The two ends are known; any other time has to be looked up on the disk.
        let needsDisk = request.topics.contains { topic in
            topic.partitions.contains {
                $0.timestamp != ListOffsetsRequest.SpecialTimestamp.latest
                    && $0.timestamp != ListOffsetsRequest.SpecialTimestamp.earliest
            }
        }
        guard needsDisk else { return reply(answer(request, allowed, context.apiVersion)) }
        let version = context.apiVersion
        threads.run {
            answer(request, allowed, version)
        } then: { result in
            switch result {
            case .success(let response): reply(response)
            case .failure: reply(refusal(of: request))
            }
        }
    }

    private func answer(
        _ request: ListOffsetsRequest, _ allowed: [Bool], _ version: Int16
    ) -> ListOffsetsResponse {
        let repeated = repeatedPartitions(request)
        let topics = zip(request.topics, allowed).map { topic, isAllowed in
            ListOffsetsResponse.Topic(
                name: topic.name,
                partitions: topic.partitions.map { asked in
                    guard isAllowed else {
                        return Answer(index: asked.index, error: .topicAuthorizationFailed)
                    }
                    guard let partition = PartitionChecks.partition(topic.name, asked.index) else {
                        return Answer(index: asked.index, error: .unknownTopicOrPartition)
                    }
                    guard !repeated.contains(partition) else {
                        return Answer(index: asked.index, error: .invalidRequest)
                    }
                    return find(asked, partition, isCommitted: request.isolationLevel == 1, version)
                })
        }
        return ListOffsetsResponse(topics: topics)
    }

    /// Partitions that are asked for twice: which of the two times would count cannot be told from the answer.
    private func repeatedPartitions(_ request: ListOffsetsRequest) -> Set<TopicPartition> {
        var seen: Set<TopicPartition> = []
        var repeated: Set<TopicPartition> = []
        for topic in request.topics {
            for asked in topic.partitions {
                guard let partition = PartitionChecks.partition(topic.name, asked.index) else { continue }
                if !seen.insert(partition).inserted { repeated.insert(partition) }
            }
        }
        return repeated
    }

    private func find(
        _ asked: ListOffsetsRequest.Partition, _ partition: TopicPartition, isCommitted: Bool,
        _ version: Int16
    ) -> Answer {
        do throws(LogStorageError) {
            let offsets = try log.offsets(of: partition)
            if let error = PartitionChecks.error(ofLeaderEpoch: asked.currentLeaderEpoch) {
                return Answer(index: asked.index, error: error)
            }
            let end = isCommitted ? offsets.lastStable : offsets.end
            switch asked.timestamp {
            case ListOffsetsRequest.SpecialTimestamp.latest: return found(asked, end, timestamp: -1)
            case ListOffsetsRequest.SpecialTimestamp.earliest:
                return found(asked, offsets.start, timestamp: -1)
            case ListOffsetsRequest.SpecialTimestamp.newest where version >= 7:
                return found(asked, try log.newestRecord(of: partition), before: nil)
            case 0...:
                let record = try log.firstRecord(of: partition, atOrAfter: asked.timestamp)
                return found(asked, record, before: end)
            default: return Answer(index: asked.index, error: .unsupportedVersion)
            }
        } catch {
            return Answer(index: asked.index, error: KafkaErrorCode(error.code))
        }
    }

    private func found(
        _ asked: ListOffsetsRequest.Partition, _ offset: Offset, timestamp: Int64
    ) -> Answer {
        Answer(
            index: asked.index, error: .none, timestamp: timestamp, offset: offset.rawValue,
            leaderEpoch: KafkaBroker.leaderEpoch)
    }

    /// No record is no error: the answer has no offset.
    private func found(
        _ asked: ListOffsetsRequest.Partition, _ record: TimestampedOffset?, before end: Offset?
    ) -> Answer {
        guard let record, end.map({ record.offset < $0 }) ?? true else {
            return Answer(index: asked.index, error: .none)
        }
        return found(asked, record.offset, timestamp: record.timestamp)
    }

    /// The server is being shut down.
    private func refusal(of request: ListOffsetsRequest) -> ListOffsetsResponse {
        ListOffsetsResponse(
            topics: request.topics.map { topic in
                .init(
                    name: topic.name,
                    partitions: topic.partitions.map { Answer(index: $0.index, error: .notLeaderOrFollower) })
            })
    }
}
