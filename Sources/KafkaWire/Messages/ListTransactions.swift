// ListTransactions (key 66), version 0.

/// Asks for the transactional ids, all or those of some states and producers.
package struct ListTransactionsRequest: KafkaRequest {
    package typealias Response = ListTransactionsResponse
    package static let api = APIKey.listTransactions

    /// Empty for every state.
    package var stateFilters: [String]
    /// Empty for every producer.
    package var producerIDFilters: [Int64]

    package init(_ reader: inout WireReader, version: Int16) throws(KafkaWireError) {
        stateFilters = try reader.array { (reader) throws(KafkaWireError) in try reader.string() }
        producerIDFilters = try reader.array { (reader) throws(KafkaWireError) in try reader.int64() }
        try reader.skipTaggedFields()
    }
}

package struct ListTransactionsResponse: KafkaResponse, Equatable {
    package struct Transaction: Sendable, Equatable {
        package var transactionalID: String
        package var producerID: Int64
        package var state: String

        package init(transactionalID: String, producerID: Int64, state: String) {
            self.transactionalID = transactionalID
            self.producerID = producerID
            self.state = state
        }
    }

    package var error: KafkaErrorCode
    package var unknownStateFilters: [String]
    package var transactions: [Transaction]

    package init(error: KafkaErrorCode, unknownStateFilters: [String], transactions: [Transaction]) {
        self.error = error
        self.unknownStateFilters = unknownStateFilters
        self.transactions = transactions
    }

    package func write(to writer: inout WireWriter, version: Int16) {
        writer.int32(0)
        writer.error(error)
        writer.array(unknownStateFilters) { writer, state in writer.string(state) }
        writer.array(transactions) { writer, transaction in
            writer.string(transaction.transactionalID)
            writer.int64(transaction.producerID)
            writer.string(transaction.state)
            writer.emptyTaggedFields()
        }
        writer.emptyTaggedFields()
    }
}
