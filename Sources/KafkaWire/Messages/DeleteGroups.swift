// DeleteGroups (key 42), versions 0-2.

/// Deletes groups that have no members.
package struct DeleteGroupsRequest: KafkaRequest {
    package typealias Response = DeleteGroupsResponse
    package static let api = APIKey.deleteGroups

    package var groupNames: [String]

    package init(_ reader: inout WireReader, version: Int16) throws(KafkaWireError) {
        groupNames = try reader.array { (reader) throws(KafkaWireError) in try reader.string() }
        try reader.skipTaggedFields()
    }
}

package struct DeleteGroupsResponse: KafkaResponse {
    package struct Outcome: Sendable {
        package var groupID: String
        package var error: KafkaErrorCode

        package init(groupID: String, error: KafkaErrorCode) {
            self.groupID = groupID
            self.error = error
        }
    }

    package var results: [Outcome]

    package init(results: [Outcome]) {
        self.results = results
    }

    package func write(to writer: inout WireWriter, version: Int16) {
        writer.int32(0)
        writer.array(results) { writer, result in
            writer.string(result.groupID)
            writer.error(result.error)
            writer.emptyTaggedFields()
        }
        writer.emptyTaggedFields()
    }
}
