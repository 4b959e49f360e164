/// The requests of the Kafka protocol that are answered here, and in which versions.
///
/// Source: Apache Kafka protocol guide, "The Protocol"; the caps and their reasons stand beside each.
package enum APIKey: Int16, CaseIterable, Sendable {
    case produce = 0
    case fetch = 1
    case listOffsets = 2
    case metadata = 3
    case offsetCommit = 8
    case offsetFetch = 9
    case findCoordinator = 10
    case joinGroup = 11
    case heartbeat = 12
    case leaveGroup = 13
    case syncGroup = 14
    case describeGroups = 15
    case listGroups = 16
    case saslHandshake = 17
    case apiVersions = 18
    case createTopics = 19
    case deleteTopics = 20
    case deleteRecords = 21
    case initProducerID = 22
    case offsetForLeaderEpoch = 23
    case addPartitionsToTxn = 24
    case addOffsetsToTxn = 25
    case endTxn = 26
    case txnOffsetCommit = 28
    case describeACLs = 29
    case createACLs = 30
    case deleteACLs = 31
    case describeConfigs = 32
    case alterConfigs = 33
    case alterReplicaLogDirs = 34
    case describeLogDirs = 35
    case saslAuthenticate = 36
    case createPartitions = 37
    case deleteGroups = 42
    case electLeaders = 43
    case incrementalAlterConfigs = 44
    case alterPartitionReassignments = 45
    case listPartitionReassignments = 46
    case offsetDelete = 47
    case describeCluster = 60
    case describeProducers = 61
    case describeTransactions = 65
    case listTransactions = 66

    /// The versions that are understood.
    package var versions: ClosedRange<Int16> {
        switch self {
        case .produce: 3...9
        // From 13 on topics go by their id only.
        case .fetch: 4...12
        case .listOffsets: 1...7
        case .metadata: 0...12
        case .offsetCommit: 2...8
        case .offsetFetch: 1...8
        case .findCoordinator: 0...4
        case .joinGroup: 0...7
        case .heartbeat: 0...4
        case .leaveGroup: 0...5
        case .syncGroup: 0...5
        case .describeGroups: 0...5
        case .listGroups: 0...4
        case .saslHandshake: 0...1
        case .apiVersions: 0...3
        case .createTopics: 2...7
        case .deleteTopics: 1...6
        case .deleteRecords: 0...2
        case .initProducerID: 0...4
        case .offsetForLeaderEpoch: 2...4
        case .addPartitionsToTxn: 0...3
        case .addOffsetsToTxn: 0...3
        case .endTxn: 0...3
        case .txnOffsetCommit: 0...3
        case .describeACLs, .createACLs, .deleteACLs: 0...2
        case .describeConfigs: 0...4
        case .alterConfigs: 0...2
        case .alterReplicaLogDirs: 0...2
        case .describeLogDirs: 0...4
        case .saslAuthenticate: 0...2
        case .createPartitions: 0...3
        case .deleteGroups: 0...2
        case .electLeaders: 0...2
        case .incrementalAlterConfigs: 0...1
        case .alterPartitionReassignments: 0...0
        case .listPartitionReassignments: 0...0
        case .offsetDelete: 0...0
        case .describeCluster: 0...1
        case .describeProducers: 0...0
        case .describeTransactions: 0...0
        case .listTransactions: 0...0
        }
    }

    /// The versions that ApiVersions tells of.
    ///
    /// Produce is told of from 0, though 0 to 2 are refused: librdkafka before 2.12 compresses only if the range
    /// holds 0.
    package var advertisedVersions: ClosedRange<Int16> {
        self == .produce ? 0...versions.upperBound : versions
    }

    /// Whether this version has compact types and tagged fields.
    package func isFlexible(_ version: Int16) -> Bool {
        guard let first = firstFlexibleVersion else { return false }
        return version >= first
    }

    private var firstFlexibleVersion: Int16? {
        switch self {
        case .saslHandshake, .offsetDelete: nil
        case .produce, .metadata: 9
        case .fetch: 12
        case .listOffsets, .offsetFetch, .joinGroup: 6
        case .offsetCommit: 8
        case .findCoordinator, .listGroups, .apiVersions, .addPartitionsToTxn, .addOffsetsToTxn, .endTxn,
            .txnOffsetCommit:
            3
        case .heartbeat, .leaveGroup, .syncGroup, .deleteTopics, .offsetForLeaderEpoch, .describeConfigs: 4
        case .describeGroups, .createTopics: 5
        case .deleteRecords, .initProducerID, .describeACLs, .createACLs, .deleteACLs, .alterConfigs,
            .describeLogDirs, .saslAuthenticate, .createPartitions, .deleteGroups, .alterReplicaLogDirs,
            .electLeaders:
            2
        case .incrementalAlterConfigs: 1
        case .describeCluster, .describeProducers, .describeTransactions, .listTransactions,
            .alterPartitionReassignments, .listPartitionReassignments:
            0
        }
    }

    /// Whether the answer's header ends with tagged fields; ApiVersions never has them, since its client may be older.
    package func hasFlexibleResponseHeader(_ version: Int16) -> Bool {
        self != .apiVersions && isFlexible(version)
    }
}
