package import ObjectStore
package import StreamModel

/// The S3 sink's object names: `{topics.dir}/{topic}/partition={p}/{topic}+{p}+{offset}.json`, the offset that of
/// the object's first record, padded to ten digits.
///
/// A topic that was made anew under the name of another begins at offset 0 again: its objects are named
/// `{topic}~{life}+{p}+{offset}.json`, which no other topic's can be, since `~` is in none of their names.
package enum ObjectNaming {
    /// The longest name of a file, in bytes; a directory cannot hold longer ones.
    static let maxNameBytes = 255

    /// True if every offset of the partition has a name that is not too long.
    static func fits(_ partition: TopicPartition, life: Int = 0) -> Bool {
        stem(partition.topic, life).utf8.count + "+\(partition.partition)+\(Int64.max).json".utf8.count
            <= maxNameBytes
    }

    package static func key(
        directory: String, _ partition: TopicPartition, life: Int = 0, firstOffset: Offset,
        suffix: String = ".json"
    ) -> ObjectKey? {
        let digits = String(firstOffset.rawValue)
        let padded = String(repeating: "0", count: max(0, 10 - digits.count)) + digits
        let number = partition.partition.rawValue
        let folder = prefix(directory: directory, partition.topic) + "partition=\(number)/"
        return ObjectKey("\(folder)\(stem(partition.topic, life))+\(number)+\(padded)\(suffix)")
    }

    /// What the keys of a topic's objects begin with.
    static func prefix(directory: String, _ topic: TopicName) -> String {
        (directory.isEmpty ? "" : directory + "/") + "\(topic)/"
    }

    private static func stem(_ topic: TopicName, _ life: Int) -> String {
        life == 0 ? topic.rawValue : "\(topic)~\(life)"
    }

    /// The number of the last topic of this name that has left objects; nil if none has.
    ///
    /// - Parameter keys: those that begin with the topic's prefix.
    static func lastLife(of topic: TopicName, among keys: [ObjectKey]) -> Int? {
        keys.compactMap { key in
            let name = key.rawValue[(key.rawValue.lastIndex(of: "/") ?? key.rawValue.startIndex)...]
                .dropFirst()
            guard name.hasPrefix(topic.rawValue) else { return nil }
            let rest = name.dropFirst(topic.rawValue.count)
            if rest.first == "+" { return 0 }
            guard rest.first == "~", let end = rest.firstIndex(of: "+") else { return nil }
            return Int(rest[..<end].dropFirst())
        }.max()
    }
}
