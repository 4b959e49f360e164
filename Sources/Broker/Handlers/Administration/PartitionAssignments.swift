import KafkaWire

/// Which brokers hold which partitions: here always the only one.
struct PartitionAssignments {
    var brokerID: Int32

    /// The brokers that a client has chosen for new partitions.
    ///
    /// - Throws: `invalidReplicaAssignment`.
    func check(_ assignments: [[Int32]]) throws(AdministrationError) {
        for brokers in assignments {
            if let fault = fault(in: brokers) {
                throw AdministrationError(
                    .invalidReplicaAssignment, "The manual partition assignment includes " + fault)
            }
        }
    }

    private func fault(in brokers: [Int32]) -> String? {
        guard let first = brokers.first else { return "an empty replica list." }
        if let unknown = brokers.first(where: { $0 != brokerID }) {
            return "broker \(unknown), but no such broker is registered."
        }
        return brokers.count > 1 ? "the broker \(first) more than once." : nil
    }

    /// - Throws: `invalidReplicationFactor`.
    func check(replicationFactor: Int16) throws(AdministrationError) {
        guard replicationFactor != -1, replicationFactor != 1 else { return }
        guard replicationFactor > 0 else {
            throw AdministrationError(
                .invalidReplicationFactor,
                "Replication factor must be larger than 0, or -1 to use the default value.")
        }
        throw AdministrationError(
            .invalidReplicationFactor,
            "Unable to replicate the partition \(replicationFactor) time(s): The target replication factor of "
                + "\(replicationFactor) cannot be reached because only 1 broker(s) are registered.")
    }
}
