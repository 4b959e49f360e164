// AlterReplicaLogDirs (key 34), versions 0-2.

/// Asks for replicas to move to other folders of their broker.
package struct AlterReplicaLogDirsRequest: KafkaRequest {
    package typealias Response = AlterReplicaLogDirsResponse
    package static let api = APIKey.alterReplicaLogDirs

    package struct Directory: Sendable, Equatable {
        package var path: String
        package var topics: [PartitionNumbers]
    }

    package var directories: [Directory]

    package init(_ reader: inout WireReader, version: Int16) throws(KafkaWireError) {
        directories = try reader.array { reader throws(KafkaWireError) in
            let path = try reader.string()
            let topics = try reader.array { reader throws(KafkaWireError) in try PartitionNumbers(&reader) }
            try reader.skipTaggedFields()
            return Directory(path: path, topics: topics)
        }
        try reader.skipTaggedFields()
    }
}

/// Some partitions of a topic, by their numbers.
package struct PartitionNumbers: Sendable, Equatable {
    package var topic: String
    package var partitions: [Int32]

    init(_ reader: inout WireReader) throws(KafkaWireError) {
        topic = try reader.string()
        partitions = try reader.array { reader throws(KafkaWireError) in try reader.int32() }
        try reader.skipTaggedFields()
    }
}

package struct AlterReplicaLogDirsResponse: KafkaResponse {
    package struct Partition: Sendable, Equatable {
        package var index: Int32
        package var error: KafkaErrorCode

        package init(index: Int32, error: KafkaErrorCode) {
            self.index = index
            self.error = error
        }
    }

    package struct Topic: Sendable, Equatable {
        package var name: String
        package var partitions: [Partition]

        package init(name: String, partitions: [Partition]) {
            self.name = name
            self.partitions = partitions
        }
    }

    package var topics: [Topic]

    package init(topics: [Topic]) {
        self.topics = topics
    }

    package func write(to writer: inout WireWriter, version: Int16) {
        writer.int32(0)
        writer.array(topics) { writer, topic in
            writer.string(topic.name)
            writer.array(topic.partitions) { writer, partition in
                writer.int32(partition.index)
                writer.error(partition.error)
                writer.emptyTaggedFields()
            }
            writer.emptyTaggedFields()
        }
        writer.emptyTaggedFields()
    }
}
