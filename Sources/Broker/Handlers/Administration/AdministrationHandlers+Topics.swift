import KafkaWire
import LogStorage
import StreamModel

// What is done to topics, whichever way a client asks for it; blocks on the disk.

extension AdministrationHandlers {
    /// Makes a topic, or only checks that it could be made; the client's rights were checked.
    ///
    /// - Parameter partitionsSoFar: how many the request has made already; grows.
    /// - Returns: the topic as it was wanted, and as it came to be if it was to be made.
    func create(
        _ wanted: CreateTopicsRequest.Topic, validateOnly: Bool, partitionsSoFar: inout Int
    ) throws(AdministrationError) -> (wanted: NewTopic, made: TopicDescription?) {
        let topic = try NewTopic(
            wanted, defaultPartitionCount: logSettings.partitionsPerTopic,
            assignments: PartitionAssignments(brokerID: brokerID))
        guard log.topicDescription(topic.name) == nil else {
            throw AdministrationError(.topicAlreadyExists, "Topic '\(topic.name)' already exists.")
        }
        let (total, overflow) = partitionsSoFar.addingReportingOverflow(topic.partitionCount)
        guard !overflow, total <= NewTopic.maxPartitionsPerRequest else {
            throw AdministrationError(
                .policyViolation, "Excessively large number of partitions per request.")
        }
        partitionsSoFar = total
        return (topic, try make(topic, validateOnly: validateOnly))
    }

    /// Nil if the topic was only to be checked.
    private func make(
        _ topic: NewTopic, validateOnly: Bool
    ) throws(AdministrationError) -> TopicDescription? {
        do throws(LogStorageError) {
            guard !validateOnly else {
                try log.checkCreation(of: topic.name, partitions: topic.partitionCount)
                return nil
            }
            return try log.createTopic(
                topic.name, partitions: topic.partitionCount, configuration: topic.configuration)
        } catch {
            throw AdministrationError(error)
        }
    }

    /// The topic that is to be deleted, if the client may know that it is there.
    func find(
        _ topic: DeleteTopicsRequest.Topic, _ client: Asker
    ) throws(AdministrationError) -> TopicDescription {
        if let name = topic.name {
            guard mayTopic(.describe, name, client) || mayTopic(.delete, name, client) else {
                throw .topicAuthorization
            }
            guard let name = TopicName(name), let found = log.topicDescription(name) else {
                throw .unknownTopic
            }
            return found
        }
        guard let found = log.topicDescription(id: TopicID(topic.id)),
            mayTopic(.describe, found.name.rawValue, client)
        else { throw .unknownTopicID }
        return found
    }

    func delete(_ topic: TopicDescription) throws(AdministrationError) {
        do throws(LogStorageError) {
            try log.deleteTopic(topic.name)
        } catch {
            throw AdministrationError(error)
        }
        topicDeleted(topic.name, topic.partitionCount)
    }

    /// Gives a topic more partitions; the client's rights were checked.
    ///
    /// - Parameter added: how many the request has added already; grows.
    func grow(
        _ wanted: CreatePartitionsRequest.Topic, validateOnly: Bool, _ added: inout Int
    ) throws(AdministrationError) {
        guard let name = TopicName(wanted.name), let topic = log.topicDescription(name) else {
            throw .unknownTopic
        }
        let more = try PartitionGrowth(
            wanted, currentCount: topic.partitionCount,
            assignments: PartitionAssignments(brokerID: brokerID)
        ).count
        guard added + more <= NewTopic.maxPartitionsPerRequest else {
            throw AdministrationError(
                .policyViolation, "Excessively large number of partitions per request.")
        }
        added += more
        guard !validateOnly else { return }
        do throws(LogStorageError) {
            try log.addPartitions(to: name, total: Int(wanted.count))
        } catch {
            throw AdministrationError(error)
        }
    }
}
