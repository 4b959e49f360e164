package import ObjectStore
package import StreamModel

/// The S3 sink's object names: `{topics.dir}/{topic}/partition={p}/{topic}+{p}+{offset}.json`, the offset that of
/// the object's first record, padded to ten digits.
package enum ObjectNaming {
    /// The longest name of a file, in bytes; a directory cannot hold longer ones.
    static let maxNameBytes = 255

    /// True if every offset of the partition has a name that is not too long.
    static func fits(_ partition: TopicPartition) -> Bool {
        partition.topic.rawValue.utf8.count + "+\(partition.partition)+\(Int64.max).json".utf8.count
            <= maxNameBytes
    }

    package static func key(
        directory: String, _ partition: TopicPartition, firstOffset: Offset, suffix: String = ".json"
    ) -> ObjectKey? {
        let digits = String(firstOffset.rawValue)
        let padded = String(repeating: "0", count: max(0, 10 - digits.count)) + digits
        let topic = partition.topic.rawValue
        let number = partition.partition.rawValue
        let prefix = directory.isEmpty ? "" : directory + "/"
        return ObjectKey("\(prefix)\(topic)/partition=\(number)/\(topic)+\(number)+\(padded)\(suffix)")
    }
}
