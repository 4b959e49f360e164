// DeleteTopics (key 20), versions 1-6.

/// Asks for topics to be deleted with all they hold.
package struct DeleteTopicsRequest: KafkaRequest {
    package typealias Response = DeleteTopicsResponse
    package static let api = APIKey.deleteTopics

    package struct Topic: Sendable, Equatable {
        /// Nil if the topic goes by its id.
        package var name: String?
        /// Zero if the topic goes by its name.
        package var id: WireUUID

        package init(name: String?, id: WireUUID = .zero) {
            self.name = name
            self.id = id
        }
    }

    package var topics: [Topic]
    package var timeoutMilliseconds: Int32

    package init(_ reader: inout WireReader, version: Int16) throws(KafkaWireError) {
        topics = try reader.array { reader throws(KafkaWireError) in
            guard version >= 6 else { return Topic(name: try reader.string()) }
            let topic = Topic(name: try reader.nullableString(), id: try reader.uuid())
            try reader.skipTaggedFields()
            return topic
        }
        timeoutMilliseconds = try reader.int32()
        try reader.skipTaggedFields()
    }
}

package struct DeleteTopicsResponse: KafkaResponse {
    package struct Topic: Sendable, Equatable {
        package var name: String?
        package var id: WireUUID
        package var error: KafkaErrorCode
        package var errorMessage: String?

        package init(name: String?, id: WireUUID, error: KafkaErrorCode, errorMessage: String? = nil) {
            self.name = name
            self.id = id
            self.error = error
            self.errorMessage = errorMessage
        }
    }

    package var topics: [Topic]

    package init(topics: [Topic]) {
        self.topics = topics
    }

    package func write(to writer: inout WireWriter, version: Int16) {
        writer.int32(0)
        writer.array(topics) { writer, topic in
            if version >= 6 {
                writer.nullableString(topic.name)
                writer.uuid(topic.id)
            } else {
                writer.string(topic.name ?? "")
            }
            writer.error(topic.error)
            if version >= 5 { writer.nullableString(topic.errorMessage) }
            writer.emptyTaggedFields()
        }
        writer.emptyTaggedFields()
    }
}
