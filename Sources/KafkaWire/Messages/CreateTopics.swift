// CreateTopics (key 19), versions 2-7.

/// Asks for topics to be made.
package struct CreateTopicsRequest: KafkaRequest {
    package typealias Response = CreateTopicsResponse
    package static let api = APIKey.createTopics

    package struct Assignment: Sendable, Equatable {
        package var partitionIndex: Int32
        package var brokerIDs: [Int32]

        package init(partitionIndex: Int32, brokerIDs: [Int32]) {
            self.partitionIndex = partitionIndex
            self.brokerIDs = brokerIDs
        }
    }

    package struct Config: Sendable, Equatable {
        package var name: String
        package var value: String?

        package init(name: String, value: String?) {
            self.name = name
            self.value = value
        }
    }

    package struct Topic: Sendable, Equatable {
        package var name: String
        /// -1 stands for the server's default, and for a topic with assignments.
        package var partitionCount: Int32
        /// As `partitionCount`.
        package var replicationFactor: Int16
        package var assignments: [Assignment] = []
        package var configs: [Config] = []

        package init(name: String, partitionCount: Int32, replicationFactor: Int16) {
            self.name = name
            self.partitionCount = partitionCount
            self.replicationFactor = replicationFactor
        }
    }

    package var topics: [Topic]
    package var timeoutMilliseconds: Int32
    package var validateOnly: Bool

    package init(_ reader: inout WireReader, version: Int16) throws(KafkaWireError) {
        topics = try reader.array { reader throws(KafkaWireError) in try Topic(&reader) }
        timeoutMilliseconds = try reader.int32()
        validateOnly = try reader.bool()
        try reader.skipTaggedFields()
    }
}

extension CreateTopicsRequest.Topic {
    fileprivate init(_ reader: inout WireReader) throws(KafkaWireError) {
        name = try reader.string()
        partitionCount = try reader.int32()
        replicationFactor = try reader.int16()
        assignments = try reader.array { reader throws(KafkaWireError) in
            let index = try reader.int32()
            let brokers = try reader.array { reader throws(KafkaWireError) in try reader.int32() }
            try reader.skipTaggedFields()
            return CreateTopicsRequest.Assignment(partitionIndex: index, brokerIDs: brokers)
        }
        configs = try reader.array { reader throws(KafkaWireError) in
            let config = CreateTopicsRequest.Config(
                name: try reader.string(), value: try reader.nullableString())
            try reader.skipTaggedFields()
            return config
        }
        try reader.skipTaggedFields()
    }
}

package struct CreateTopicsResponse: KafkaResponse {
    package struct Config: Sendable, Equatable {
        package var name: String
        package var value: String?
        package var isReadOnly: Bool
        package var source: ConfigSource

        package init(name: String, value: String?, isReadOnly: Bool, source: ConfigSource) {
            self.name = name
            self.value = value
            self.isReadOnly = isReadOnly
            self.source = source
        }
    }

    package struct Topic: Sendable, Equatable {
        package var name: String
        package var id: WireUUID = .zero
        package var error: KafkaErrorCode = .none
        package var errorMessage: String?
        /// -1 where the topic was not made, or its settings are not for the client.
        package var partitionCount: Int32 = -1
        package var replicationFactor: Int16 = -1
        package var configs: [Config]? = []

        package init(name: String) {
            self.name = name
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
            if version >= 7 { writer.uuid(topic.id) }
            writer.error(topic.error)
            writer.nullableString(topic.errorMessage)
            if version >= 5 {
                writer.int32(topic.partitionCount)
                writer.int16(topic.replicationFactor)
                writer.nullableArray(topic.configs) { writer, config in
                    writer.string(config.name)
                    writer.nullableString(config.value)
                    writer.bool(config.isReadOnly)
                    writer.int8(config.source.rawValue)
                    writer.bool(false)
                    writer.emptyTaggedFields()
                }
            }
            writer.emptyTaggedFields()
        }
        writer.emptyTaggedFields()
    }
}
