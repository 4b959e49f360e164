// DescribeProducers (key 61), version 0.

/// Asks which producers a partition remembers.
package struct DescribeProducersRequest: KafkaRequest {
    package typealias Response = DescribeProducersResponse
    package static let api = APIKey.describeProducers

    package struct Topic: Sendable, Equatable {
        package var name: String
        package var partitions: [Int32]
    }

    package var topics: [Topic]

    package init(_ reader: inout WireReader, version: Int16) throws(KafkaWireError) {
        topics = try reader.array { reader throws(KafkaWireError) in
            let name = try reader.string()
            let partitions = try reader.array { reader throws(KafkaWireError) in try reader.int32() }
            try reader.skipTaggedFields()
            return Topic(name: name, partitions: partitions)
        }
        try reader.skipTaggedFields()
    }
}

package struct DescribeProducersResponse: KafkaResponse {
    package struct Producer: Sendable, Equatable {
        package var id: Int64
        package var epoch: Int32
        package var lastSequence: Int32
        package var lastTimestamp: Int64
        package var coordinatorEpoch: Int32
        /// -1 where no transaction is open.
        package var transactionStartOffset: Int64

        package init(
            id: Int64, epoch: Int32, lastSequence: Int32, lastTimestamp: Int64, coordinatorEpoch: Int32,
            transactionStartOffset: Int64
        ) {
            self.id = id
            self.epoch = epoch
            self.lastSequence = lastSequence
            self.lastTimestamp = lastTimestamp
            self.coordinatorEpoch = coordinatorEpoch
            self.transactionStartOffset = transactionStartOffset
        }
    }

    package struct Partition: Sendable, Equatable {
        package var index: Int32
        package var error = KafkaErrorCode.none
        package var errorMessage: String?
        package var producers: [Producer] = []

        package init(index: Int32) {
            self.index = index
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
                writer.nullableString(partition.errorMessage)
                writer.array(partition.producers) { writer, producer in
                    writer.int64(producer.id)
                    writer.int32(producer.epoch)
                    writer.int32(producer.lastSequence)
                    writer.int64(producer.lastTimestamp)
                    writer.int32(producer.coordinatorEpoch)
                    writer.int64(producer.transactionStartOffset)
                    writer.emptyTaggedFields()
                }
                writer.emptyTaggedFields()
            }
            writer.emptyTaggedFields()
        }
        writer.emptyTaggedFields()
    }
}
