// ListGroups (key 16), versions 0-4.

/// Asks for all groups.
package struct ListGroupsRequest: KafkaRequest {
    package typealias Response = ListGroupsResponse
    package static let api = APIKey.listGroups

    /// Empty: whatever their state.
    package var statesFilter: [String] = []

    package init(_ reader: inout WireReader, version: Int16) throws(KafkaWireError) {
        if version >= 4 {
            statesFilter = try reader.array { (reader) throws(KafkaWireError) in try reader.string() }
        }
        try reader.skipTaggedFields()
    }
}

package struct ListGroupsResponse: KafkaResponse {
    package struct Group: Sendable {
        package var groupID: String
        package var protocolType: String
        package var groupState: String

        package init(groupID: String, protocolType: String, groupState: String) {
            self.groupID = groupID
            self.protocolType = protocolType
            self.groupState = groupState
        }
    }

    package var error: KafkaErrorCode
    package var groups: [Group]

    package init(error: KafkaErrorCode, groups: [Group]) {
        self.error = error
        self.groups = groups
    }

    package func write(to writer: inout WireWriter, version: Int16) {
        if version >= 1 { writer.int32(0) }
        writer.error(error)
        writer.array(groups) { writer, group in
            writer.string(group.groupID)
            writer.string(group.protocolType)
            if version >= 4 { writer.string(group.groupState) }
            writer.emptyTaggedFields()
        }
        writer.emptyTaggedFields()
    }
}
