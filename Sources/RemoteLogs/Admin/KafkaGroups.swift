/// A consumer group in a list.
package struct KafkaGroupListing: Sendable, Equatable {
    package var id: String
    /// As Kafka names it: Stable, Empty, PreparingRebalance, CompletingRebalance, Dead.
    package var state: String
    /// Whether it only commits offsets, without members that share partitions.
    package var isSimple: Bool
}

/// A consumer group with its members.
package struct KafkaGroup: Sendable, Equatable {
    package struct Member: Sendable, Equatable {
        package var id: String
        package var clientID: String
        package var host: String
        /// The name of a static member.
        package var instanceID: String?
        package var partitions: [KafkaPartitionID]
    }

    package var id: String
    package var state: String
    /// How members share partitions.
    package var assignor: String
    package var members: [Member]

    /// Whether its offsets may be set from outside.
    package var isAtRest: Bool { members.isEmpty && ["Empty", "Dead", "Unknown"].contains(state) }
}
