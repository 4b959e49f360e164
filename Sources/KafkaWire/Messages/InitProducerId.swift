// InitProducerId (key 22), versions 0-4.

/// Asks for a producer id, and begins a session of a transactional producer.
package struct InitProducerIdRequest: KafkaRequest {
    package typealias Response = InitProducerIdResponse
    package static let api = APIKey.initProducerID

    /// Nil for a producer that is idempotent only.
    package var transactionalID: String?
    package var transactionTimeoutMilliseconds: Int32
    /// The producer's id so far, when it goes on after an error; -1 for none.
    package var producerID: Int64 = -1
    package var producerEpoch: Int16 = -1

    package init(_ reader: inout WireReader, version: Int16) throws(KafkaWireError) {
        transactionalID = try reader.nullableString()
        transactionTimeoutMilliseconds = try reader.int32()
        if version >= 3 {
            producerID = try reader.int64()
            producerEpoch = try reader.int16()
        }
        try reader.skipTaggedFields()
    }
}

package struct InitProducerIdResponse: KafkaResponse, Equatable {
    package var error: KafkaErrorCode
    package var producerID: Int64
    package var producerEpoch: Int16

    package init(error: KafkaErrorCode, producerID: Int64 = -1, producerEpoch: Int16 = -1) {
        self.error = error
        self.producerID = producerID
        self.producerEpoch = producerEpoch
    }

    package func write(to writer: inout WireWriter, version: Int16) {
        writer.int32(0)
        writer.error(error)
        writer.int64(producerID)
        writer.int16(producerEpoch)
        writer.emptyTaggedFields()
    }
}
