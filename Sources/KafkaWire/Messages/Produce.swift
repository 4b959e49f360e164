// Produce (key 0), versions 3-9; versions 0-2 are read as far as it takes to refuse them.

package import NIOCore

/// Brings record batches.
package struct ProduceRequest: KafkaRequest {
    package typealias Response = ProduceResponse
    package static let api = APIKey.produce

    package struct Partition: Sendable {
        package var index: Int32
        /// Shares the storage of the request.
        package var records: ByteBuffer?
    }

    package struct Topic: Sendable {
        package var name: String
        package var partitions: [Partition]
    }

    package var transactionalID: String?
    package var acks: Int16
    package var timeoutMilliseconds: Int32
    package var topics: [Topic]

    package init(_ reader: inout WireReader, version: Int16) throws(KafkaWireError) {
        transactionalID = version >= 3 ? try reader.nullableString() : nil
        acks = try reader.int16()
        timeoutMilliseconds = try reader.int32()
        topics = try reader.array { (reader) throws(KafkaWireError) in
            let name = try reader.string()
            let partitions = try reader.array { (reader) throws(KafkaWireError) in
                let partition = Partition(index: try reader.int32(), records: try reader.nullableBytes())
                try reader.skipTaggedFields()
                return partition
            }
            try reader.skipTaggedFields()
            return Topic(name: name, partitions: partitions)
        }
        try reader.skipTaggedFields()
    }

    /// The answer to a version of old that clients may try because it is told of; nil if they expect none.
    ///
    /// - Parameter body: what follows the correlation id.
    package static func refusal(_ body: ByteBuffer, version: Int16) throws(KafkaWireError) -> ProduceResponse?
    {
        var reader = WireReader(body, isFlexible: false)
        _ = try reader.nullableString()
        let request = try ProduceRequest(&reader, version: version)
        guard request.acks != 0 else { return nil }
        return ProduceResponse(
            topics: request.topics.map { topic in
                .init(
                    name: topic.name,
                    partitions: topic.partitions.map { .init(index: $0.index, error: .unsupportedVersion) })
            })
    }
}

package struct ProduceResponse: KafkaResponse {
    package struct Partition: Sendable {
        package var index: Int32
        package var error: KafkaErrorCode
        package var baseOffset: Int64
        package var logStartOffset: Int64
        /// What is wrong, for people.
        package var errorMessage: String?

        package init(
            index: Int32, error: KafkaErrorCode, baseOffset: Int64 = -1, logStartOffset: Int64 = -1,
            errorMessage: String? = nil
        ) {
            self.index = index
            self.error = error
            self.baseOffset = baseOffset
            self.logStartOffset = logStartOffset
            self.errorMessage = errorMessage
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

    package var topics: [Topic]

    package init(topics: [Topic]) {
        self.topics = topics
    }

    package func write(to writer: inout WireWriter, version: Int16) {
        writer.array(topics) { writer, topic in
            writer.string(topic.name)
            writer.array(topic.partitions) { writer, partition in
                write(partition, to: &writer, version)
            }
            writer.emptyTaggedFields()
        }
        if version >= 1 { writer.int32(0) }
        writer.emptyTaggedFields()
    }

    private func write(_ partition: Partition, to writer: inout WireWriter, _ version: Int16) {
        writer.int32(partition.index)
        writer.error(partition.error)
        writer.int64(partition.baseOffset)
        // Records keep the time their producer gave them.
        if version >= 2 { writer.int64(-1) }
        if version >= 5 { writer.int64(partition.logStartOffset) }
        if version >= 8 {
            writer.array([Int32]()) { $0.int32($1) }
            writer.nullableString(partition.errorMessage)
        }
        writer.emptyTaggedFields()
    }
}
