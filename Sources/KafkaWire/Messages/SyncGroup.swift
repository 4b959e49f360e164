// SyncGroup (key 14), versions 0-5.

package import NIOCore

/// Asks for the sender's assignment; the leader brings everybody's.
package struct SyncGroupRequest: KafkaRequest {
    package typealias Response = SyncGroupResponse
    package static let api = APIKey.syncGroup

    package struct Assignment: Sendable {
        package var memberID: String
        package var assignment: ByteBuffer
    }

    package var groupID: String
    package var generationID: Int32
    package var memberID: String
    package var groupInstanceID: String?
    package var protocolType: String?
    package var protocolName: String?
    package var assignments: [Assignment]

    package init(_ reader: inout WireReader, version: Int16) throws(KafkaWireError) {
        groupID = try reader.string()
        generationID = try reader.int32()
        memberID = try reader.string()
        groupInstanceID = version >= 3 ? try reader.nullableString() : nil
        protocolType = version >= 5 ? try reader.nullableString() : nil
        protocolName = version >= 5 ? try reader.nullableString() : nil
        assignments = try reader.array { (reader) throws(KafkaWireError) in
            let entry = Assignment(memberID: try reader.string(), assignment: try reader.bytes())
            try reader.skipTaggedFields()
            return entry
        }
        try reader.skipTaggedFields()
    }
}

package struct SyncGroupResponse: KafkaResponse {
    package var error: KafkaErrorCode
    package var protocolType: String?
    package var protocolName: String?
    package var assignment: ByteBuffer

    package init(
        error: KafkaErrorCode, protocolType: String? = nil, protocolName: String? = nil,
        assignment: ByteBuffer = ByteBuffer()
    ) {
        self.error = error
        self.protocolType = protocolType
        self.protocolName = protocolName
        self.assignment = assignment
    }

    package func write(to writer: inout WireWriter, version: Int16) {
        if version >= 1 { writer.int32(0) }
        writer.error(error)
        if version >= 5 {
            writer.nullableString(protocolType)
            writer.nullableString(protocolName)
        }
        writer.bytes(assignment)
        writer.emptyTaggedFields()
    }
}
