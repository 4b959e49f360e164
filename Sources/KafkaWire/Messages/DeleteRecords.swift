// DeleteRecords (key 21), versions 0-2.

/// Asks for the records before an offset to be deleted.
package struct DeleteRecordsRequest: KafkaRequest {
    package typealias Response = DeleteRecordsResponse
    package static let api = APIKey.deleteRecords

    package struct Partition: Sendable, Equatable {
        package var index: Int32
        /// The first offset to be kept; -1 stands for the partition's end.
        package var offset: Int64
    }

    package struct Topic: Sendable, Equatable {
        package var name: String
        package var partitions: [Partition]
    }

    package var topics: [Topic]
    package var timeoutMilliseconds: Int32

    package init(_ reader: inout WireReader, version: Int16) throws(KafkaWireError) {
        topics = try reader.array { reader throws(KafkaWireError) in
            let name = try reader.string()
            let partitions = try reader.array { reader throws(KafkaWireError) in
                let partition = Partition(index: try reader.int32(), offset: try reader.int64())
                try reader.skipTaggedFields()
                return partition
            }
            try reader.skipTaggedFields()
            return Topic(name: name, partitions: partitions)
        }
        timeoutMilliseconds = try reader.int32()
        try reader.skipTaggedFields()
    }
}

package struct DeleteRecordsResponse: KafkaResponse {
    package struct Partition: Sendable, Equatable {
        package var index: Int32
        /// The first offset that is left; -1 with an error.
        package var lowWatermark: Int64
        package var error: KafkaErrorCode

        package init(index: Int32, lowWatermark: Int64 = -1, error: KafkaErrorCode = .none) {
            self.index = index
            self.lowWatermark = lowWatermark
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
                writer.int64(partition.lowWatermark)
                writer.error(partition.error)
                writer.emptyTaggedFields()
            }
            writer.emptyTaggedFields()
        }
        writer.emptyTaggedFields()
    }
}
