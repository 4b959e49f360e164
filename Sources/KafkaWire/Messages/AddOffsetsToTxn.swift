// AddOffsetsToTxn (key 25), versions 0-3.

/// Tells the coordinator that a transaction will commit offsets of a group.
package struct AddOffsetsToTxnRequest: KafkaRequest {
    package typealias Response = AddOffsetsToTxnResponse
    package static let api = APIKey.addOffsetsToTxn

    package var transactionalID: String
    package var producerID: Int64
    package var producerEpoch: Int16
    package var groupID: String

    package init(_ reader: inout WireReader, version: Int16) throws(KafkaWireError) {
        transactionalID = try reader.string()
        producerID = try reader.int64()
        producerEpoch = try reader.int16()
        groupID = try reader.string()
        try reader.skipTaggedFields()
    }
}

package struct AddOffsetsToTxnResponse: KafkaResponse, Equatable {
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
