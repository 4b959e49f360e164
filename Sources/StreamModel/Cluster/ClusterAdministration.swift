/// A node of the cluster, and where clients find it.
package struct ClusterNode: Sendable, Equatable {
    package var id: Int32
    package var host: String
    package var port: Int32

    package init(id: Int32, host: String, port: Int32) {
        self.id = id
        self.host = host
        self.port = port
    }
}

/// Which cluster this is, and what it consists of.
package protocol ClusterDirectory: Sendable {
    var clusterID: String { get }

    /// The nodes that hold partitions, the controller first.
    func nodes(for caller: ClusterCaller) async throws(ClusterError) -> [ClusterNode]

    /// Whether a record for a topic that is not there makes it.
    var createsTopicsOnFirstUse: Bool { get }
}

/// Everything that can be asked of a cluster but records: the embedded one, or a remote one behind the same face.
package protocol ClusterAdministration: ACLDirectory, ClusterDirectory, GroupDirectory, SettingAdministration,
    TopicAdministration
{}
