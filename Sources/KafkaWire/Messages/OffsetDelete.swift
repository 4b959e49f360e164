// OffsetDelete (key 47), version 0.

/// Deletes committed offsets of a group.
package struct OffsetDeleteRequest: KafkaRequest {
    package typealias Response = OffsetDeleteResponse
    package static let api = APIKey.offsetDelete

    package struct Topic: Sendable {
        package var name: String
        package var partitionIndexes: [Int32]
    }

    package var groupID: String
    package var topics: [Topic]

    package init(_ reader: inout WireReader, version: Int16) throws(KafkaWireError) {
        groupID = try reader.string()
        topics = try reader.array { (reader) throws(KafkaWireError) in
            Topic(
                name: try reader.string(),
                partitionIndexes: try reader.array { (reader) throws(KafkaWireError) in try reader.int32() })
        }
    }
}

package struct OffsetDeleteResponse: KafkaResponse {
    package typealias Topic = OffsetCommitResponse.Topic

    /// Of the request as a whole; then there are no topics.
    package var error: KafkaErrorCode
    package var topics: [Topic]

    package init(error: KafkaErrorCode, topics: [Topic] = []) {
        self.error = error
        self.topics = topics
    }

    package func write(to writer: inout WireWriter, version: Int16) {
        writer.error(error)
        writer.int32(0)
        writer.array(topics) { writer, topic in
            writer.string(topic.name)
            writer.array(topic.partitions) { writer, partition in
                writer.int32(partition.index)
                writer.error(partition.error)
            }
        }
    }
}
