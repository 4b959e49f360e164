// CreateAcls (key 30), versions 0-2.

/// Makes ACLs.
package struct CreateACLsRequest: KafkaRequest {
    package typealias Response = CreateACLsResponse
    package static let api = APIKey.createACLs

    package var creations: [ACLFields]

    package init(_ reader: inout WireReader, version: Int16) throws(KafkaWireError) {
        creations = try reader.array { reader throws(KafkaWireError) in
            try ACLFields(&reader, version: version)
        }
        try reader.skipTaggedFields()
    }
}

package struct CreateACLsResponse: KafkaResponse {
    /// One for each ACL of the request.
    package var results: [(error: KafkaErrorCode, message: String?)]

    package init(results: [(error: KafkaErrorCode, message: String?)]) {
        self.results = results
    }

    package func write(to writer: inout WireWriter, version: Int16) {
        writer.int32(0)
        writer.array(results) { writer, result in
            writer.error(result.error)
            writer.nullableString(result.message)
            writer.emptyTaggedFields()
        }
        writer.emptyTaggedFields()
    }
}
