// Metadata (key 3), versions 0-12.

/// Asks where topics lie; clients ask again and again.
package struct MetadataRequest: KafkaRequest {
    package typealias Response = MetadataResponse
    package static let api = APIKey.metadata

    /// A topic by name or, if there is none, by id.
    package struct Topic: Sendable, Equatable {
        package var topicID: WireUUID
        package var name: String?

        package init(topicID: WireUUID = .zero, name: String?) {
            self.topicID = topicID
            self.name = name
        }
    }

    /// Nil for all topics.
    package var topics: [Topic]?
    package var allowAutoTopicCreation = true
    package var includeClusterAuthorizedOperations = false
    package var includeTopicAuthorizedOperations = false

    package init(_ reader: inout WireReader, version: Int16) throws(KafkaWireError) {
        topics = try reader.nullableArray { (reader) throws(KafkaWireError) in
            let id = version >= 10 ? try reader.uuid() : .zero
            let name = version >= 10 ? try reader.nullableString() : try reader.string()
            try reader.skipTaggedFields()
            return Topic(topicID: id, name: name)
        }
        // In version 0 none stands for all.
        if version == 0, topics?.isEmpty == true { topics = nil }
        if version >= 4 { allowAutoTopicCreation = try reader.bool() }
        if (8...10).contains(version) { includeClusterAuthorizedOperations = try reader.bool() }
        if version >= 8 { includeTopicAuthorizedOperations = try reader.bool() }
        try reader.skipTaggedFields()
    }
}

package struct MetadataResponse: KafkaResponse {
    package struct Broker: Sendable {
        package var nodeID: Int32
        package var host: String
        package var port: Int32

        package init(nodeID: Int32, host: String, port: Int32) {
            self.nodeID = nodeID
            self.host = host
            self.port = port
        }
    }

    package struct Topic: Sendable {
        package var error: KafkaErrorCode
        /// Nil where the client asked by an id that is not known; empty in versions that cannot say so.
        package var name: String?
        package var topicID: WireUUID
        /// All partitions are led by the one node there is.
        package var partitionCount: Int
        package var authorizedOperations = Int32.min

        package init(
            error: KafkaErrorCode, name: String?, topicID: WireUUID = .zero, partitionCount: Int = 0
        ) {
            self.error = error
            self.name = name
            self.topicID = topicID
            self.partitionCount = partitionCount
        }
    }

    package var broker: Broker
    package var clusterID: String
    package var topics: [Topic]
    package var clusterAuthorizedOperations = Int32.min

    package init(broker: Broker, clusterID: String, topics: [Topic]) {
        self.broker = broker
        self.clusterID = clusterID
        self.topics = topics
    }

    package func write(to writer: inout WireWriter, version: Int16) {
        if version >= 3 { writer.int32(0) }
        writer.array([broker]) { writer, broker in
            writer.int32(broker.nodeID)
            writer.string(broker.host)
            writer.int32(broker.port)
            if version >= 1 { writer.nullableString(nil) }
            writer.emptyTaggedFields()
        }
        if version >= 2 { writer.nullableString(clusterID) }
        if version >= 1 { writer.int32(broker.nodeID) }
        writer.array(topics) { writer, topic in write(topic, to: &writer, version) }
        if (8...10).contains(version) { writer.int32(clusterAuthorizedOperations) }
        writer.emptyTaggedFields()
    }

    private func write(_ topic: Topic, to writer: inout WireWriter, _ version: Int16) {
        writer.error(topic.error)
        writer.nullableString(version >= 12 ? topic.name : topic.name ?? "")
        if version >= 10 { writer.uuid(topic.topicID) }
        if version >= 1 { writer.bool(false) }
        writer.array(Array(0..<Int32(clamping: topic.partitionCount))) { writer, index in
            writer.error(.none)
            writer.int32(index)
            writer.int32(broker.nodeID)
            if version >= 7 { writer.int32(0) }
            writer.array([broker.nodeID]) { $0.int32($1) }
            writer.array([broker.nodeID]) { $0.int32($1) }
            if version >= 5 { writer.array([Int32]()) { $0.int32($1) } }
            writer.emptyTaggedFields()
        }
        if version >= 8 { writer.int32(topic.authorizedOperations) }
        writer.emptyTaggedFields()
    }
}
