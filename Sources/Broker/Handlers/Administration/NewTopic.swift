import KafkaWire
import LogStorage
import StreamModel

/// A topic that a client wants, after every check that needs no log.
struct NewTopic: Equatable {
    /// The most partitions that one request may bring into being.
    static let maxPartitionsPerRequest = 10_000

    var name: TopicName
    var partitionCount: Int
    var configuration: TopicConfiguration

    /// - Throws: the error Apache Kafka gives, and its words.
    init(
        _ topic: CreateTopicsRequest.Topic, defaultPartitionCount: Int, assignments: PartitionAssignments
    ) throws(AdministrationError) {
        name = try TopicNaming.validated(topic.name)
        partitionCount =
            topic.assignments.isEmpty
            ? try Self.plainCount(topic, default: defaultPartitionCount, assignments)
            : try Self.assignedCount(topic, assignments)
        configuration = try ConfigurationChange.replacement(topic.configs.map { ($0.name, $0.value) })
    }

    private static func plainCount(
        _ topic: CreateTopicsRequest.Topic, default defaultCount: Int, _ assignments: PartitionAssignments
    ) throws(AdministrationError) -> Int {
        try assignments.check(replicationFactor: topic.replicationFactor)
        guard topic.partitionCount != -1 else { return defaultCount }
        guard topic.partitionCount > 0 else {
            throw AdministrationError(
                .invalidPartitions, "Number of partitions was set to an invalid non-positive value.")
        }
        return Int(topic.partitionCount)
    }

    private static func assignedCount(
        _ topic: CreateTopicsRequest.Topic, _ assignments: PartitionAssignments
    ) throws(AdministrationError) -> Int {
        for (what, isDefault) in [
            ("replication factor", topic.replicationFactor == -1),
            ("numPartitions", topic.partitionCount == -1),
        ] where !isDefault {
            throw AdministrationError(
                .invalidRequest, "A manual partition assignment was specified, but \(what) was not set to -1."
            )
        }
        var indices: Set<Int32> = []
        for assignment in topic.assignments where !indices.insert(assignment.partitionIndex).inserted {
            throw AdministrationError(
                .invalidReplicaAssignment,
                "Found multiple manual partition assignments for partition \(assignment.partitionIndex)")
        }
        try assignments.check(topic.assignments.map(\.brokerIDs))
        guard indices.min() == 0, Int(indices.max() ?? 0) == indices.count - 1 else {
            throw AdministrationError(
                .invalidReplicaAssignment, "partitions should be a consecutive 0-based integer sequence")
        }
        return indices.count
    }
}
