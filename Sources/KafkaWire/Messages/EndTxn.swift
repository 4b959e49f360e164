// EndTxn (key 26), versions 0-3.

/// Commits or aborts a transaction.
package struct EndTxnRequest: KafkaRequest {
    package typealias Response = EndTxnResponse
    package static let api = APIKey.endTxn

    package var transactionalID: String
    package var producerID: Int64
    package var producerEpoch: Int16
    package var isCommit: Bool

    package init(_ reader: inout WireReader, version: Int16) throws(KafkaWireError) {
        transactionalID = try reader.string()
        producerID = try reader.int64()
        producerEpoch = try reader.int16()
        isCommit = try reader.bool()
        try reader.skipTaggedFields()
    }
}

package struct EndTxnResponse: KafkaResponse, Equatable {
    package var error: KafkaErrorCode

    package init(error: KafkaErrorCode) {
        self.error = error
    }

    package func write(to writer: inout WireWriter, version: Int16) {
        writer.int32(0)
        writer.error(error)
        writer.emptyTaggedFields()
    }
}
