// DeleteRecords (key 21), versions 0-2.
// Unlike Apache Kafka: partitions are taken one after the other, and those whose turn comes after the request's time
// are refused as timed out.
import KafkaWire
import LogStorage
import StreamModel

struct DeleteRecordsHandler: RequestHandler {
    let shared: AdministrationHandlers

    func handle(
        _ request: DeleteRecordsRequest, _ client: RequestContext, _ reply: Reply<DeleteRecordsResponse>
    ) {
        let deadline = RequestDeadline(milliseconds: request.timeoutMilliseconds)
        shared.answer(reply) {
            DeleteRecordsResponse(
                topics: request.topics.map { topic in
                    let isAllowed = shared.mayTopic(.delete, topic.name, client.asker)
                    let partitions = topic.partitions.map { partition in
                        guard isAllowed else {
                            return DeleteRecordsResponse.Partition(
                                index: partition.index, error: .topicAuthorizationFailed)
                        }
                        return delete(partition, of: topic.name, deadline)
                    }
                    return DeleteRecordsResponse.Topic(name: topic.name, partitions: partitions)
                })
        }
    }

    private func delete(
        _ partition: DeleteRecordsRequest.Partition, of topic: String, _ deadline: RequestDeadline
    ) -> DeleteRecordsResponse.Partition {
        do throws(AdministrationError) {
            guard let name = TopicName(topic), let description = shared.log.topicDescription(name),
                partition.index >= 0, partition.index < description.partitionCount
            else { throw .unknownTopic }
            guard deletesOldRecords(description) else { throw AdministrationError(.policyViolation) }
            if deadline.hasPassed() { throw .timedOut }
            let start = try deleteRecords(
                of: TopicPartition(name, PartitionIndex(partition.index)), before: partition.offset)
            return DeleteRecordsResponse.Partition(index: partition.index, lowWatermark: start.rawValue)
        } catch {
            return DeleteRecordsResponse.Partition(index: partition.index, error: error.code)
        }
    }

    /// A topic that is only compacted keeps the newest record of each key for ever.
    private func deletesOldRecords(_ topic: TopicDescription) -> Bool {
        guard let key = TopicConfiguration.key("cleanup.policy") else { return true }
        let policy = topic.configuration.value(of: key, in: shared.logSettings)
        return LogSettings.CleanupPolicy(policy)?.deletes ?? true
    }

    private func deleteRecords(
        of partition: TopicPartition, before offset: Int64
    ) throws(AdministrationError) -> Offset {
        guard offset >= -1 else { throw AdministrationError(.offsetOutOfRange) }
        do throws(LogStorageError) {
            return try shared.log.deleteRecords(of: partition, before: offset == -1 ? nil : Offset(offset))
        } catch {
            throw AdministrationError(error)
        }
    }
}
