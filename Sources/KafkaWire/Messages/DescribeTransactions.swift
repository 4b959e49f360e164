// DescribeTransactions (key 65), version 0.

/// Asks for the state of transactional ids.
package struct DescribeTransactionsRequest: KafkaRequest {
    package typealias Response = DescribeTransactionsResponse
    package static let api = APIKey.describeTransactions

    package var transactionalIDs: [String]

    package init(_ reader: inout WireReader, version: Int16) throws(KafkaWireError) {
        transactionalIDs = try reader.array { (reader) throws(KafkaWireError) in try reader.string() }
        try reader.skipTaggedFields()
    }
}

package struct DescribeTransactionsResponse: KafkaResponse, Equatable {
    package struct Topic: Sendable, Equatable {
        package var name: String
        package var partitions: [Int32]

        package init(name: String, partitions: [Int32]) {
            self.name = name
            self.partitions = partitions
        }
    }

    package struct Transaction: Sendable, Equatable {
        package var error: KafkaErrorCode
        package var transactionalID: String
        package var state = ""
        package var timeoutMilliseconds: Int32 = 0
        /// Milliseconds since 1970; -1 before the first transaction.
        package var startTimestamp: Int64 = 0
        package var producerID: Int64 = 0
        package var producerEpoch: Int16 = 0
        package var topics: [Topic] = []

        package init(error: KafkaErrorCode, transactionalID: String) {
            self.error = error
            self.transactionalID = transactionalID
        }
    }

    package var transactions: [Transaction]

    package init(transactions: [Transaction]) {
        self.transactions = transactions
    }

    package func write(to writer: inout WireWriter, version: Int16) {
        writer.int32(0)
        writer.array(transactions) { writer, transaction in
            writer.error(transaction.error)
            writer.string(transaction.transactionalID)
            writer.string(transaction.state)
            writer.int32(transaction.timeoutMilliseconds)
            writer.int64(transaction.startTimestamp)
            writer.int64(transaction.producerID)
            writer.int16(transaction.producerEpoch)
            writer.array(transaction.topics) { writer, topic in
                writer.string(topic.name)
                writer.array(topic.partitions) { writer, index in writer.int32(index) }
                writer.emptyTaggedFields()
            }
            writer.emptyTaggedFields()
        }
        writer.emptyTaggedFields()
    }
}
