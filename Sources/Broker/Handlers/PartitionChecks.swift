import KafkaWire
import StreamModel

/// What is asked of every partition that a client names.
enum PartitionChecks {
    /// The partition of a name and number from the wire; nil if no partition can be called so.
    static func partition(_ topic: String, _ index: Int32) -> TopicPartition? {
        guard index >= 0, let name = TopicName(topic) else { return nil }
        return TopicPartition(name, PartitionIndex(index))
    }

    /// What a client is told that believes in a later leader; -1 stands for no belief.
    static func error(ofLeaderEpoch epoch: Int32) -> KafkaErrorCode? {
        epoch > KafkaBroker.leaderEpoch ? .unknownLeaderEpoch : nil
    }
}
