// DescribeLogDirs (key 35), versions 0-4.

/// Asks how much of the disk partitions take.
package struct DescribeLogDirsRequest: KafkaRequest {
    package typealias Response = DescribeLogDirsResponse
    package static let api = APIKey.describeLogDirs

    package struct Topic: Sendable, Equatable {
        package var name: String
        package var partitions: [Int32]

        package init(name: String, partitions: [Int32]) {
            self.name = name
            self.partitions = partitions
        }
    }

    /// Nil asks for all.
    package var topics: [Topic]?

    package init(_ reader: inout WireReader, version: Int16) throws(KafkaWireError) {
        topics = try reader.nullableArray { reader throws(KafkaWireError) in
            let name = try reader.string()
            let partitions = try reader.array { reader throws(KafkaWireError) in try reader.int32() }
            try reader.skipTaggedFields()
            return Topic(name: name, partitions: partitions)
        }
        try reader.skipTaggedFields()
    }
}

package struct DescribeLogDirsResponse: KafkaResponse {
    package struct Partition: Sendable, Equatable {
        package var index: Int32
        package var byteCount: Int64

        package init(index: Int32, byteCount: Int64) {
            self.index = index
            self.byteCount = byteCount
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

    package struct Directory: Sendable, Equatable {
        package var error = KafkaErrorCode.none
        package var path: String
        package var topics: [Topic]
        /// Of the file system; -1 where it is not known.
        package var totalBytes: Int64 = -1
        package var usableBytes: Int64 = -1

        package init(path: String, topics: [Topic]) {
            self.path = path
            self.topics = topics
        }
    }

    package var error = KafkaErrorCode.none
    package var directories: [Directory]

    package init(directories: [Directory]) {
        self.directories = directories
    }

    package func write(to writer: inout WireWriter, version: Int16) {
        writer.int32(0)
        if version >= 3 { writer.error(error) }
        writer.array(directories) { writer, directory in
            writer.error(directory.error)
            writer.string(directory.path)
            writer.array(directory.topics) { writer, topic in
                writer.string(topic.name)
                writer.array(topic.partitions) { writer, partition in
                    writer.int32(partition.index)
                    writer.int64(partition.byteCount)
                    // Neither a replica that lags nor one on its way to another disk.
                    writer.int64(0)
                    writer.bool(false)
                    writer.emptyTaggedFields()
                }
                writer.emptyTaggedFields()
            }
            if version >= 4 {
                writer.int64(directory.totalBytes)
                writer.int64(directory.usableBytes)
            }
            writer.emptyTaggedFields()
        }
        writer.emptyTaggedFields()
    }
}
