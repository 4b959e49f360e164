// DeleteAcls (key 31), versions 0-2.

/// Removes the ACLs that match any of the filters.
package struct DeleteACLsRequest: KafkaRequest {
    package typealias Response = DeleteACLsResponse
    package static let api = APIKey.deleteACLs

    package var filters: [ACLFilterFields]

    package init(_ reader: inout WireReader, version: Int16) throws(KafkaWireError) {
        filters = try reader.array { reader throws(KafkaWireError) in
            try ACLFilterFields(&reader, version: version)
        }
        try reader.skipTaggedFields()
    }
}

package struct DeleteACLsResponse: KafkaResponse {
    /// What became of one filter.
    package struct Result: Sendable {
        package var error: KafkaErrorCode
        package var message: String?
        package var removed: [ACLFields]

        package init(error: KafkaErrorCode, message: String? = nil, removed: [ACLFields] = []) {
            self.error = error
            self.message = message
            self.removed = removed
        }
    }

    package var results: [Result]

    package init(results: [Result]) {
        self.results = results
    }

    package func write(to writer: inout WireWriter, version: Int16) {
        writer.int32(0)
        writer.array(results) { writer, result in
            writer.error(result.error)
            writer.nullableString(result.message)
            writer.array(result.removed) { writer, acl in
                writer.error(.none)
                writer.nullableString(nil)
                writer.int8(acl.resourceType)
                writer.string(acl.resourceName)
                if version >= 1 { writer.int8(acl.patternType) }
                writer.string(acl.principal)
                writer.string(acl.host)
                writer.int8(acl.operation)
                writer.int8(acl.permission)
                writer.emptyTaggedFields()
            }
            writer.emptyTaggedFields()
        }
        writer.emptyTaggedFields()
    }
}
