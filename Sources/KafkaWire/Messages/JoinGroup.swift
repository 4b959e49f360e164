// JoinGroup (key 11), versions 0-7.

package import NIOCore

/// Makes the sender a member of a group, or calls all members to share their work anew.
package struct JoinGroupRequest: KafkaRequest {
    package typealias Response = JoinGroupResponse
    package static let api = APIKey.joinGroup

    package struct GroupProtocol: Sendable {
        package var name: String
        package var metadata: ByteBuffer
    }

    package var groupID: String
    package var sessionTimeoutMilliseconds: Int32
    /// The session time-out in version 0.
    package var rebalanceTimeoutMilliseconds: Int32
    package var memberID: String
    package var groupInstanceID: String?
    package var protocolType: String
    package var protocols: [GroupProtocol]

    package init(_ reader: inout WireReader, version: Int16) throws(KafkaWireError) {
        groupID = try reader.string()
        sessionTimeoutMilliseconds = try reader.int32()
        rebalanceTimeoutMilliseconds = version >= 1 ? try reader.int32() : sessionTimeoutMilliseconds
        memberID = try reader.string()
        groupInstanceID = version >= 5 ? try reader.nullableString() : nil
        protocolType = try reader.string()
        protocols = try reader.array { (reader) throws(KafkaWireError) in
            let entry = GroupProtocol(name: try reader.string(), metadata: try reader.bytes())
            try reader.skipTaggedFields()
            return entry
        }
        try reader.skipTaggedFields()
    }
}

package struct JoinGroupResponse: KafkaResponse {
    package struct Member: Sendable {
        package var memberID: String
        package var groupInstanceID: String?
        package var metadata: ByteBuffer

        package init(memberID: String, groupInstanceID: String?, metadata: ByteBuffer) {
            self.memberID = memberID
            self.groupInstanceID = groupInstanceID
            self.metadata = metadata
        }
    }

    package var error: KafkaErrorCode
    package var generationID: Int32
    package var protocolType: String?
    package var protocolName: String?
    package var leader: String
    package var memberID: String
    package var members: [Member]

    package init(
        error: KafkaErrorCode, generationID: Int32 = -1, protocolType: String? = nil,
        protocolName: String? = nil, leader: String = "", memberID: String, members: [Member] = []
    ) {
        self.error = error
        self.generationID = generationID
        self.protocolType = protocolType
        self.protocolName = protocolName
        self.leader = leader
        self.memberID = memberID
        self.members = members
    }

    package func write(to writer: inout WireWriter, version: Int16) {
        if version >= 2 { writer.int32(0) }
        writer.error(error)
        writer.int32(generationID)
        if version >= 7 { writer.nullableString(protocolType) }
        writer.nullableString(version >= 7 ? protocolName : protocolName ?? "")
        writer.string(leader)
        writer.string(memberID)
        writer.array(members) { writer, member in
            writer.string(member.memberID)
            if version >= 5 { writer.nullableString(member.groupInstanceID) }
            writer.bytes(member.metadata)
            writer.emptyTaggedFields()
        }
        writer.emptyTaggedFields()
    }
}
