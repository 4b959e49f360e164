// DescribeProducers (key 61), version 0.
// Unlike Apache Kafka: producers that are remembered without an open transaction are told of as well as those with one,
// as there, but for as long as `log.producer.id.expiration.ms` says.
import KafkaWire
import LogStorage
import StreamModel

struct DescribeProducersHandler: RequestHandler {
    let shared: AdministrationHandlers

    func handle(
        _ request: DescribeProducersRequest, _ client: RequestContext,
        _ reply: Reply<DescribeProducersResponse>
    ) {
        let topics = request.topics.map { topic in
            let isAllowed = shared.mayTopic(.read, topic.name, client.asker)
            let partitions = topic.partitions.map { index in
                isAllowed ? describe(topic.name, index) : refusal(.topicAuthorizationFailed, index)
            }
            return DescribeProducersResponse.Topic(name: topic.name, partitions: partitions)
        }
        reply(DescribeProducersResponse(topics: topics))
    }

    private func describe(_ topic: String, _ index: Int32) -> DescribeProducersResponse.Partition {
        guard let partition = PartitionChecks.partition(topic, index) else {
            return refusal(.unknownTopicOrPartition, index)
        }
        do throws(LogStorageError) {
            var answer = DescribeProducersResponse.Partition(index: index)
            answer.producers = try shared.log.producers(of: partition).map { .init($0) }
            return answer
        } catch {
            return refusal(KafkaErrorCode(error.code), index)
        }
    }

    private func refusal(_ error: KafkaErrorCode, _ index: Int32) -> DescribeProducersResponse.Partition {
        var answer = DescribeProducersResponse.Partition(index: index)
        answer.error = error
        return answer
    }
}

extension DescribeProducersResponse.Producer {
    fileprivate init(_ producer: ActiveProducer) {
        self.init(
            id: producer.producerID, epoch: Int32(producer.epoch), lastSequence: producer.lastSequence,
            lastTimestamp: producer.lastTimestamp, coordinatorEpoch: producer.coordinatorEpoch,
            transactionStartOffset: producer.transactionStart?.rawValue ?? -1)
    }
}
