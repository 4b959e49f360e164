// Heartbeat (key 12), versions 0-4.

/// Says that a member of a group is alive.
package struct HeartbeatRequest: KafkaRequest {
    package typealias Response = HeartbeatResponse
    package static let api = APIKey.heartbeat

    package var groupID: String
    package var generationID: Int32
    package var memberID: String
    package var groupInstanceID: String?

    package init(_ reader: inout WireReader, version: Int16) throws(KafkaWireError) {
        groupID = try reader.string()
        generationID = try reader.int32()
        memberID = try reader.string()
        groupInstanceID = version >= 3 ? try reader.nullableString() : nil
        try reader.skipTaggedFields()
    }
}

package struct HeartbeatResponse: KafkaResponse {
    package var error: KafkaErrorCode

    package init(error: KafkaErrorCode) {
        self.error = error
    }

    package func write(to writer: inout WireWriter, version: Int16) {
        if version >= 1 { writer.int32(0) }
        writer.error(error)
        writer.emptyTaggedFields()
    }
}
