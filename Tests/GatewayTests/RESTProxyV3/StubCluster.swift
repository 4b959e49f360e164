import StreamModel

@testable import Gateway

/// A cluster that says what it is told to.
struct StubCluster: ClusterAdministration {
    var clusterID = "c/1"
    var createsTopicsOnFirstUse = true
    var known: [ClusterTopic] = []
    var lags: [ClusterGroupOffset] = []

    private static let absent = ClusterError(.unknownTopic, "absent")

    func nodes(for caller: ClusterCaller) async throws(ClusterError) -> [ClusterNode] {
        [ClusterNode(id: 0, host: "h", port: 9092)]
    }

    func topics(for caller: ClusterCaller) async throws(ClusterError) -> [ClusterTopic] { known }

    func topic(_ name: String, for caller: ClusterCaller) async throws(ClusterError) -> ClusterTopic {
        guard let topic = known.first(where: { $0.name.rawValue == name }) else { throw Self.absent }
        return topic
    }

    func createTopic(
        _ topic: NewClusterTopic, validateOnly: Bool, by caller: ClusterCaller
    ) async throws(ClusterError) -> ClusterTopic { throw Self.absent }

    func deleteTopic(_ name: String, by caller: ClusterCaller) async throws(ClusterError) {}

    func addPartitions(to name: String, total: Int32, by caller: ClusterCaller) async throws(ClusterError) {}

    func offsets(
        ofPartition partition: Int32, of topic: String, for caller: ClusterCaller
    ) async throws(ClusterError) -> ClusterPartitionOffsets { throw Self.absent }

    func settings(
        of resource: ClusterResource, for caller: ClusterCaller
    ) async throws(ClusterError) -> [ClusterSetting] { [] }

    func changeSettings(
        of resource: ClusterResource, _ changes: [SettingChange], validateOnly: Bool, by caller: ClusterCaller
    ) async throws(ClusterError) {}

    func groups(for caller: ClusterCaller) async throws(ClusterError) -> [ClusterGroup] { [] }

    func group(_ id: String, for caller: ClusterCaller) async throws(ClusterError) -> ClusterGroup {
        throw Self.absent
    }

    func committedOffsets(
        of id: String, for caller: ClusterCaller
    ) async throws(ClusterError) -> [ClusterGroupOffset] { lags }

    func acls(
        matching filter: ClusterACLFilter, for caller: ClusterCaller
    ) async throws(ClusterError) -> [ClusterACL] { [] }

    func createACLs(_ acls: [ClusterACL], by caller: ClusterCaller) async throws(ClusterError) {}

    func deleteACLs(
        matching filter: ClusterACLFilter, by caller: ClusterCaller
    ) async throws(ClusterError) -> [ClusterACL] { [] }
}

extension V3Dialect {
    /// With a cluster that says what it is told to.
    init(_ appender: any RecordAppender, maxRecordBytes: Int = 100_000) {
        self.init(
            V3Services(
                cluster: StubCluster(), appender: appender, counters: GatewayCounters(),
                maxRecordBytes: maxRecordBytes, maxJSONDepth: 32, clock: WallClock { 1_000_000 }))
    }
}
