/// A consumer group as administration sees it.
package struct ClusterGroup: Sendable, Equatable {
    package struct Member: Sendable, Equatable {
        package var id: String
        /// The name that outlives a restart of the member.
        package var instanceID: String?
        package var clientID: String
        package var host: String
        /// The partitions that were given to it, sorted; empty while the group is rebalancing.
        package var assignment: [TopicPartition]

        package init(
            id: String, instanceID: String?, clientID: String, host: String, assignment: [TopicPartition]
        ) {
            self.id = id
            self.instanceID = instanceID
            self.clientID = clientID
            self.host = host
            self.assignment = assignment
        }
    }

    package var id: String
    /// In Kafka's names for REST clients: `STABLE`, `PREPARING_REBALANCE`, `COMPLETING_REBALANCE`, `EMPTY`.
    package var state: String
    /// How partitions are shared out; empty unless the group is stable.
    package var assignor: String
    /// Offsets without members: consumers that choose their partitions themselves.
    package var isSimple: Bool
    package var members: [Member]

    package init(id: String, state: String, assignor: String, isSimple: Bool, members: [Member]) {
        self.id = id
        self.state = state
        self.assignor = assignor
        self.isSimple = isSimple
        self.members = members
    }
}

/// How far a group has come in one partition.
package struct ClusterGroupOffset: Sendable, Equatable {
    package var partition: TopicPartition
    package var committed: Offset
    package var metadata: String
    /// One past the last record that consumers may read.
    package var end: Offset

    package var lag: Int64 {
        max(0, end.rawValue.subtractingReportingOverflow(committed.rawValue).partialValue)
    }

    package init(partition: TopicPartition, committed: Offset, metadata: String, end: Offset) {
        self.partition = partition
        self.committed = committed
        self.metadata = metadata
        self.end = end
    }
}

/// What clients ask about groups.
package protocol GroupDirectory: Sendable {
    /// The groups that the caller may see, sorted by name.
    func groups(for caller: ClusterCaller) async throws(ClusterError) -> [ClusterGroup]

    /// - Throws: `notFound`, `denied`.
    func group(_ id: String, for caller: ClusterCaller) async throws(ClusterError) -> ClusterGroup

    /// The group's committed offsets, sorted by partition; topics that are gone are left out.
    ///
    /// - Throws: `denied`.
    func committedOffsets(
        of id: String, for caller: ClusterCaller
    ) async throws(ClusterError) -> [ClusterGroupOffset]
}
