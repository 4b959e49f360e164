// Fetch (key 1), versions 4-12.

package import NIOCore

/// Asks for record batches, or waits for them.
package struct FetchRequest: KafkaRequest {
    package typealias Response = FetchResponse
    package static let api = APIKey.fetch

    package struct Partition: Sendable {
        package var index: Int32
        package var currentLeaderEpoch: Int32
        package var fetchOffset: Int64
        package var maxBytes: Int32
    }

    package struct Topic: Sendable {
        package var name: String
        package var partitions: [Partition]
    }

    package var maxWaitMilliseconds: Int32
    package var minBytes: Int32
    package var maxBytes: Int32
    /// 0 reads what is uncommitted too, 1 only what is committed.
    package var isolationLevel: Int8
    package var sessionID: Int32 = 0
    package var sessionEpoch: Int32 = -1
    package var topics: [Topic]

    package init(_ reader: inout WireReader, version: Int16) throws(KafkaWireError) {
        // The replica that asks: none, there are no others.
        _ = try reader.int32()
        maxWaitMilliseconds = try reader.int32()
        minBytes = try reader.int32()
        maxBytes = try reader.int32()
        isolationLevel = try reader.int8()
        if version >= 7 {
            sessionID = try reader.int32()
            sessionEpoch = try reader.int32()
        }
        topics = try reader.array { (reader) throws(KafkaWireError) in
            let name = try reader.string()
            let partitions = try reader.array { (reader) throws(KafkaWireError) in
                try Partition(&reader, version)
            }
            try reader.skipTaggedFields()
            return Topic(name: name, partitions: partitions)
        }
        if version >= 7 {
            // Topics that an incremental fetch leaves out from now on.
            _ = try reader.array { (reader) throws(KafkaWireError) in
                _ = try reader.string()
                _ = try reader.array { (reader) throws(KafkaWireError) in try reader.int32() }
                try reader.skipTaggedFields()
            }
        }
        // The client's rack.
        if version >= 11 { _ = try reader.string() }
        try reader.skipTaggedFields()
    }
}

extension FetchRequest.Partition {
    fileprivate init(_ reader: inout WireReader, _ version: Int16) throws(KafkaWireError) {
        index = try reader.int32()
        currentLeaderEpoch = version >= 9 ? try reader.int32() : -1
        fetchOffset = try reader.int64()
        // The epoch of the last batch the client has: there was only one.
        if version >= 12 { _ = try reader.int32() }
        // A replica's first offset.
        if version >= 5 { _ = try reader.int64() }
        maxBytes = try reader.int32()
        try reader.skipTaggedFields()
    }
}

package struct FetchResponse: KafkaResponse {
    package struct AbortedTransaction: Sendable, Equatable {
        package var producerID: Int64
        package var firstOffset: Int64

        package init(producerID: Int64, firstOffset: Int64) {
            self.producerID = producerID
            self.firstOffset = firstOffset
        }
    }

    package struct Partition: Sendable {
        package var index: Int32
        package var error: KafkaErrorCode
        package var highWatermark: Int64 = -1
        package var lastStableOffset: Int64 = -1
        package var logStartOffset: Int64 = -1
        /// Nil unless only committed records were asked for.
        package var abortedTransactions: [AbortedTransaction]?
        /// Whole record batches.
        package var records = ByteBuffer()

        package init(index: Int32, error: KafkaErrorCode) {
            self.index = index
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

    package var error: KafkaErrorCode
    package var topics: [Topic]

    package init(error: KafkaErrorCode = .none, topics: [Topic]) {
        self.error = error
        self.topics = topics
    }

    package func write(to writer: inout WireWriter, version: Int16) {
        writer.int32(0)
        if version >= 7 {
            writer.error(error)
            // No session: the client names all its partitions each time.
            writer.int32(0)
        }
        writer.array(topics) { writer, topic in
            writer.string(topic.name)
            writer.array(topic.partitions) { writer, partition in
                write(partition, to: &writer, version)
            }
            writer.emptyTaggedFields()
        }
        writer.emptyTaggedFields()
    }

    private func write(_ partition: Partition, to writer: inout WireWriter, _ version: Int16) {
        writer.int32(partition.index)
        writer.error(partition.error)
        writer.int64(partition.highWatermark)
        writer.int64(partition.lastStableOffset)
        if version >= 5 { writer.int64(partition.logStartOffset) }
        writer.nullableArray(partition.abortedTransactions) { writer, transaction in
            writer.int64(transaction.producerID)
            writer.int64(transaction.firstOffset)
            writer.emptyTaggedFields()
        }
        // No replica is nearer.
        if version >= 11 { writer.int32(-1) }
        writer.records(partition.records)
        writer.emptyTaggedFields()
    }
}
