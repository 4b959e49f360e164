// AddPartitionsToTxn (key 24), versions 0-3.

/// Tells the coordinator which partitions a transaction will write to.
package struct AddPartitionsToTxnRequest: KafkaRequest {
    package typealias Response = AddPartitionsToTxnResponse
    package static let api = APIKey.addPartitionsToTxn

    package struct Topic: Sendable, Equatable {
        package var name: String
        package var partitions: [Int32]
    }

    package var transactionalID: String
    package var producerID: Int64
    package var producerEpoch: Int16
    package var topics: [Topic]

    package init(_ reader: inout WireReader, version: Int16) throws(KafkaWireError) {
        transactionalID = try reader.string()
        producerID = try reader.int64()
        producerEpoch = try reader.int16()
        topics = try reader.array { (reader) throws(KafkaWireError) in
            let name = try reader.string()
            let partitions = try reader.array { (reader) throws(KafkaWireError) in try reader.int32() }
            try reader.skipTaggedFields()
            return Topic(name: name, partitions: partitions)
        }
        try reader.skipTaggedFields()
    }
}

package struct AddPartitionsToTxnResponse: KafkaResponse, Equatable {
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
