/// A topic as administration sees it.
package struct ClusterTopic: Sendable, Equatable {
    package var name: TopicName
    package var id: TopicID
    package var partitionCount: Int
    package var replicationFactor: Int
    /// Made by the server for itself.
    package var isInternal: Bool
    /// What the caller may do with it, in Kafka's names (`READ`, `WRITE`, …).
    package var allowedOperations: [String]

    package init(
        name: TopicName, id: TopicID, partitionCount: Int, replicationFactor: Int = 1,
        isInternal: Bool = false, allowedOperations: [String] = []
    ) {
        self.name = name
        self.id = id
        self.partitionCount = partitionCount
        self.replicationFactor = replicationFactor
        self.isInternal = isInternal
        self.allowedOperations = allowedOperations
    }
}

/// A topic that somebody wants.
package struct NewClusterTopic: Sendable, Equatable {
    package var name: String
    /// Nil leaves it to the server.
    package var partitionCount: Int32?
    /// Nil leaves it to the server.
    package var replicationFactor: Int16?
    /// The brokers of each partition; empty leaves them to the server.
    package var assignments: [Int32: [Int32]]
    /// Settings of its own, each name once.
    package var settings: [(name: String, value: String?)]

    package init(
        name: String, partitionCount: Int32? = nil, replicationFactor: Int16? = nil,
        assignments: [Int32: [Int32]] = [:], settings: [(name: String, value: String?)] = []
    ) {
        self.name = name
        self.partitionCount = partitionCount
        self.replicationFactor = replicationFactor
        self.assignments = assignments
        self.settings = settings
    }

    package static func == (left: Self, right: Self) -> Bool {
        left.name == right.name && left.partitionCount == right.partitionCount
            && left.replicationFactor == right.replicationFactor && left.assignments == right.assignments
            && left.settings.elementsEqual(right.settings) { $0 == $1 }
    }
}

/// What a partition holds, and how far consumers may read in it.
package struct ClusterPartitionOffsets: Sendable, Equatable {
    /// The first offset that is left.
    package var earliest: Offset
    /// One past the last record.
    package var latest: Offset
    /// Where the first transaction begins that has not ended; `latest` without one.
    package var lastStable: Offset

    package init(earliest: Offset, latest: Offset, lastStable: Offset) {
        self.earliest = earliest
        self.latest = latest
        self.lastStable = lastStable
    }
}

/// What clients ask of topics.
///
/// Whatever changes something is durable on return.
package protocol TopicAdministration: Sendable {
    /// The topics that the caller may see, sorted by name.
    func topics(for caller: ClusterCaller) async throws(ClusterError) -> [ClusterTopic]

    /// - Throws: `unknownTopic`, also for names that no topic can have; `denied`.
    func topic(_ name: String, for caller: ClusterCaller) async throws(ClusterError) -> ClusterTopic

    /// Makes a topic, or only checks that it could be made.
    ///
    /// - Returns: the topic as it is, or as it would be (with an id of zeros).
    /// - Throws: `topicExists`, `refused`, `denied`.
    func createTopic(
        _ topic: NewClusterTopic, validateOnly: Bool, by caller: ClusterCaller
    ) async throws(ClusterError) -> ClusterTopic

    /// Deletes a topic with its records and its committed offsets.
    ///
    /// - Throws: `unknownTopic`, `denied`.
    func deleteTopic(_ name: String, by caller: ClusterCaller) async throws(ClusterError)

    /// Gives a topic more partitions.
    ///
    /// - Parameter total: how many it has afterwards.
    /// - Throws: `unknownTopic`, `refused` if it is no increase, `denied`.
    func addPartitions(
        to name: String, total: Int32, by caller: ClusterCaller
    ) async throws(ClusterError)

    /// - Throws: `unknownTopic`, `unknownPartition`, `denied`.
    func offsets(
        ofPartition partition: Int32, of topic: String, for caller: ClusterCaller
    ) async throws(ClusterError) -> ClusterPartitionOffsets
}
