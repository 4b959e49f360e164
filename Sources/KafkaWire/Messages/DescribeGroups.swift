// DescribeGroups (key 15), versions 0-5.

package import NIOCore

/// Asks for the members of groups.
package struct DescribeGroupsRequest: KafkaRequest {
    package typealias Response = DescribeGroupsResponse
    package static let api = APIKey.describeGroups

    package var groups: [String]
    package var includeAuthorizedOperations = false

    package init(_ reader: inout WireReader, version: Int16) throws(KafkaWireError) {
        groups = try reader.array { (reader) throws(KafkaWireError) in try reader.string() }
        if version >= 3 { includeAuthorizedOperations = try reader.bool() }
        try reader.skipTaggedFields()
    }
}

package struct DescribeGroupsResponse: KafkaResponse {
    package struct Group: Sendable {
        package var error: KafkaErrorCode
        package var groupID: String
        package var groupState: String
        package var protocolType: String
        package var protocolData: String
        package var members: [Member]
        /// Int32.min if nobody asked.
        package var authorizedOperations: Int32

        package init(
            error: KafkaErrorCode, groupID: String, groupState: String, protocolType: String = "",
            protocolData: String = "", members: [Member] = [], authorizedOperations: Int32 = .min
        ) {
            self.error = error
            self.groupID = groupID
            self.groupState = groupState
            self.protocolType = protocolType
            self.protocolData = protocolData
            self.members = members
            self.authorizedOperations = authorizedOperations
        }
    }

    package struct Member: Sendable {
        package var memberID: String
        package var groupInstanceID: String?
        package var clientID: String
        package var clientHost: String
        package var memberMetadata: ByteBuffer
        package var memberAssignment: ByteBuffer

        package init(
            memberID: String, groupInstanceID: String?, clientID: String, clientHost: String,
            memberMetadata: ByteBuffer, memberAssignment: ByteBuffer
        ) {
            self.memberID = memberID
            self.groupInstanceID = groupInstanceID
            self.clientID = clientID
            self.clientHost = clientHost
            self.memberMetadata = memberMetadata
            self.memberAssignment = memberAssignment
        }
    }

    package var groups: [Group]

    package init(groups: [Group]) {
        self.groups = groups
    }

    package func write(to writer: inout WireWriter, version: Int16) {
        if version >= 1 { writer.int32(0) }
        writer.array(groups) { writer, group in
            writer.error(group.error)
            writer.string(group.groupID)
            writer.string(group.groupState)
            writer.string(group.protocolType)
            writer.string(group.protocolData)
            writer.array(group.members) { writer, member in
                write(member, to: &writer, version: version)
            }
            if version >= 3 { writer.int32(group.authorizedOperations) }
            writer.emptyTaggedFields()
        }
        writer.emptyTaggedFields()
    }

    private func write(_ member: Member, to writer: inout WireWriter, version: Int16) {
        writer.string(member.memberID)
        if version >= 4 { writer.nullableString(member.groupInstanceID) }
        writer.string(member.clientID)
        writer.string(member.clientHost)
        writer.bytes(member.memberMetadata)
        writer.bytes(member.memberAssignment)
        writer.emptyTaggedFields()
    }
}
