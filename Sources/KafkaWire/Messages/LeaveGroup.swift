// LeaveGroup (key 13), versions 0-5.

/// Takes members out of a group: the sender, or from version 3 on any.
package struct LeaveGroupRequest: KafkaRequest {
    package typealias Response = LeaveGroupResponse
    package static let api = APIKey.leaveGroup

    package struct Member: Sendable {
        package var memberID: String
        package var groupInstanceID: String?
    }

    package var groupID: String
    package var members: [Member]

    package init(_ reader: inout WireReader, version: Int16) throws(KafkaWireError) {
        groupID = try reader.string()
        if version <= 2 {
            members = [Member(memberID: try reader.string())]
        } else {
            members = try reader.array { (reader) throws(KafkaWireError) in
                let member = Member(
                    memberID: try reader.string(), groupInstanceID: try reader.nullableString())
                // Why it leaves.
                if version >= 5 { _ = try reader.nullableString() }
                try reader.skipTaggedFields()
                return member
            }
        }
        try reader.skipTaggedFields()
    }
}

package struct LeaveGroupResponse: KafkaResponse {
    package struct Member: Sendable {
        package var memberID: String
        package var groupInstanceID: String?
        package var error: KafkaErrorCode

        package init(memberID: String, groupInstanceID: String?, error: KafkaErrorCode) {
            self.memberID = memberID
            self.groupInstanceID = groupInstanceID
            self.error = error
        }
    }

    /// Of the request as a whole.
    package var error: KafkaErrorCode
    package var members: [Member]

    package init(error: KafkaErrorCode, members: [Member] = []) {
        self.error = error
        self.members = members
    }

    package func write(to writer: inout WireWriter, version: Int16) {
        if version >= 1 { writer.int32(0) }
        if version <= 2 {
            // Without a list the only member's error is the request's.
            writer.error(error == .none ? members.first?.error ?? .none : error)
        } else {
            writer.error(error)
            writer.array(members) { writer, member in
                writer.string(member.memberID)
                writer.nullableString(member.groupInstanceID)
                writer.error(member.error)
                writer.emptyTaggedFields()
            }
        }
        writer.emptyTaggedFields()
    }
}
