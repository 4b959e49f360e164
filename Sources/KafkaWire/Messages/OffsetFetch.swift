// OffsetFetch (key 9), versions 1-8.

/// Asks how far groups have come.
package struct OffsetFetchRequest: KafkaRequest {
    package typealias Response = OffsetFetchResponse
    package static let api = APIKey.offsetFetch

    package struct Group: Sendable {
        package var groupID: String
        /// Nil: all that have offsets.
        package var topics: [Topic]?
    }

    package struct Topic: Sendable {
        package var name: String
        package var partitionIndexes: [Int32]
    }

    /// One before version 8.
    package var groups: [Group]
    /// Offsets of partitions for which a transaction has yet to end are not wanted.
    package var requireStable = false

    package init(_ reader: inout WireReader, version: Int16) throws(KafkaWireError) {
        if version <= 7 {
            groups = [try Self.group(&reader, version: version)]
        } else {
            groups = try reader.array { (reader) throws(KafkaWireError) in
                let group = try Self.group(&reader, version: version)
                try reader.skipTaggedFields()
                return group
            }
        }
        if version >= 7 { requireStable = try reader.bool() }
        try reader.skipTaggedFields()
    }

    private static func group(_ reader: inout WireReader, version: Int16) throws(KafkaWireError) -> Group {
        let groupID = try reader.string()
        let topics = try reader.nullableArray { (reader) throws(KafkaWireError) in
            let topic = Topic(
                name: try reader.string(),
                partitionIndexes: try reader.array { (reader) throws(KafkaWireError) in try reader.int32() })
            try reader.skipTaggedFields()
            return topic
        }
        if version == 1, topics == nil {
            throw KafkaWireError(.corrupt, "OffsetFetch 1 has no way to ask for all topics")
        }
        return Group(groupID: groupID, topics: topics)
    }
}

package struct OffsetFetchResponse: KafkaResponse {
    package struct Group: Sendable {
        package var groupID: String
        package var topics: [Topic]
        package var error: KafkaErrorCode

        package init(groupID: String, topics: [Topic], error: KafkaErrorCode = .none) {
            self.groupID = groupID
            self.topics = topics
            self.error = error
        }
    }

    package struct Topic: Sendable {
        package var name: String
        package var partitions: [Partition]

        package init(name: String, partitions: [Partition]) {
            self.name = name
            self.partitions = partitions
        }
    }

    package struct Partition: Sendable {
        package var index: Int32
        /// -1: none is committed.
        package var committedOffset: Int64
        package var committedLeaderEpoch: Int32
        package var metadata: String
        package var error: KafkaErrorCode

        package init(
            index: Int32, committedOffset: Int64 = -1, committedLeaderEpoch: Int32 = -1,
            metadata: String = "", error: KafkaErrorCode = .none
        ) {
            self.index = index
            self.committedOffset = committedOffset
            self.committedLeaderEpoch = committedLeaderEpoch
            self.metadata = metadata
            self.error = error
        }
    }

    /// One for each group of the request.
    package var groups: [Group]

    package init(groups: [Group]) {
        self.groups = groups
    }

    package func write(to writer: inout WireWriter, version: Int16) {
        if version >= 3 { writer.int32(0) }
        if version <= 7 {
            write(groups.first?.topics ?? [], to: &writer, version: version)
            if version >= 2 { writer.error(groups.first?.error ?? .none) }
        } else {
            writer.array(groups) { writer, group in
                writer.string(group.groupID)
                write(group.topics, to: &writer, version: version)
                writer.error(group.error)
                writer.emptyTaggedFields()
            }
        }
        writer.emptyTaggedFields()
    }

    private func write(_ topics: [Topic], to writer: inout WireWriter, version: Int16) {
        writer.array(topics) { writer, topic in
            writer.string(topic.name)
            writer.array(topic.partitions) { writer, partition in
                writer.int32(partition.index)
                writer.int64(partition.committedOffset)
                if version >= 5 { writer.int32(partition.committedLeaderEpoch) }
                writer.nullableString(partition.metadata)
                writer.error(partition.error)
                writer.emptyTaggedFields()
            }
            writer.emptyTaggedFields()
        }
    }
}
