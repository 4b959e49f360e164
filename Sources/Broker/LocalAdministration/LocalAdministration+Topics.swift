import KafkaWire
import LogStorage
package import StreamModel

extension LocalAdministration {
    package func topics(for caller: ClusterCaller) async throws(ClusterError) -> [ClusterTopic] {
        let asker = Asker(caller)
        return shared.log.topicDescriptions().filter { shared.mayTopic(.describe, $0.name.rawValue, asker) }
            .map { clusterTopic($0, asker) }
    }

    package func topic(_ name: String, for caller: ClusterCaller) async throws(ClusterError) -> ClusterTopic {
        let asker = Asker(caller)
        return clusterTopic(try atOnce { () throws(AdministrationError) in try find(name, asker) }, asker)
    }

    package func createTopic(
        _ topic: NewClusterTopic, validateOnly: Bool, by caller: ClusterCaller
    ) async throws(ClusterError) -> ClusterTopic {
        let asker = Asker(caller)
        let wanted = CreateTopicsRequest.Topic(topic)
        return try await onThread { () throws(AdministrationError) in
            guard shared.mayCluster(.create, asker) || shared.mayTopic(.create, topic.name, asker) else {
                throw AdministrationError(.topicAuthorizationFailed, "Authorization failed.")
            }
            guard TopicNaming.repeated(topic.settings.map(\.name)).isEmpty else {
                throw AdministrationError(.invalidConfig, "A setting is named more than once.")
            }
            var partitions = 0
            let (checked, made) = try shared.create(
                wanted, validateOnly: validateOnly, partitionsSoFar: &partitions)
            return clusterTopic(
                made
                    ?? TopicDescription(
                        name: checked.name, id: TopicID(high: 0, low: 0),
                        partitionCount: checked.partitionCount, configuration: checked.configuration), asker)
        }
    }

    package func deleteTopic(_ name: String, by caller: ClusterCaller) async throws(ClusterError) {
        let asker = Asker(caller)
        try await onThread { () throws(AdministrationError) in
            let found = try shared.find(DeleteTopicsRequest.Topic(name: name, id: .zero), asker)
            guard shared.mayTopic(.delete, name, asker) else { throw .topicAuthorization }
            try shared.delete(found)
        }
    }

    package func addPartitions(
        to name: String, total: Int32, by caller: ClusterCaller
    ) async throws(ClusterError) {
        let asker = Asker(caller)
        try await onThread { () throws(AdministrationError) in
            guard shared.mayTopic(.alter, name, asker) else { throw .topicAuthorization }
            var added = 0
            try shared.grow(
                CreatePartitionsRequest.Topic(name: name, count: total), validateOnly: false, &added)
        }
    }

    package func offsets(
        ofPartition partition: Int32, of topic: String, for caller: ClusterCaller
    ) async throws(ClusterError) -> ClusterPartitionOffsets {
        let found = try atOnce { () throws(AdministrationError) in try find(topic, Asker(caller)) }
        guard partition >= 0, Int(partition) < found.partitionCount else {
            throw ClusterError(.unknownPartition, "\(topic) has no partition \(partition).")
        }
        do throws(LogStorageError) {
            let offsets = try shared.log.offsets(of: TopicPartition(found.name, PartitionIndex(partition)))
            return ClusterPartitionOffsets(
                earliest: offsets.start, latest: offsets.end, lastStable: offsets.lastStable)
        } catch {
            throw ClusterError(AdministrationError(error))
        }
    }

    private func find(
        _ name: String, _ asker: Asker
    ) throws(AdministrationError) -> TopicDescription {
        guard shared.mayTopic(.describe, name, asker) else { throw .topicAuthorization }
        guard let name = TopicName(name), let found = shared.log.topicDescription(name) else {
            throw .unknownTopic
        }
        return found
    }

    private func clusterTopic(_ topic: TopicDescription, _ asker: Asker) -> ClusterTopic {
        ClusterTopic(
            name: topic.name, id: topic.id, partitionCount: topic.partitionCount,
            allowedOperations: shared.authorizer.operations(of: asker, on: .topic, named: topic.name.rawValue)
                .map(\.kafkaName))
    }
}

extension CreateTopicsRequest.Topic {
    fileprivate init(_ topic: NewClusterTopic) {
        self.init(
            name: topic.name, partitionCount: topic.assignments.isEmpty ? topic.partitionCount ?? -1 : -1,
            replicationFactor: topic.assignments.isEmpty ? topic.replicationFactor ?? -1 : -1)
        assignments = topic.assignments.sorted { $0.key < $1.key }.map {
            CreateTopicsRequest.Assignment(partitionIndex: $0.key, brokerIDs: $0.value)
        }
        configs = topic.settings.map { CreateTopicsRequest.Config(name: $0.name, value: $0.value) }
    }
}
