// DescribeAcls (key 29), versions 0-2.

/// What a filter of ACLs looks like on the wire, in DescribeAcls and DeleteAcls.
package struct ACLFilterFields: Sendable, Equatable {
    package var resourceType: Int8
    package var resourceName: String?
    package var patternType: Int8
    package var principal: String?
    package var host: String?
    package var operation: Int8
    package var permission: Int8

    /// Version 0 knows literal names only.
    static let literal: Int8 = 3

    package init(
        resourceType: Int8, resourceName: String?, patternType: Int8, principal: String?, host: String?,
        operation: Int8, permission: Int8
    ) {
        self.resourceType = resourceType
        self.resourceName = resourceName
        self.patternType = patternType
        self.principal = principal
        self.host = host
        self.operation = operation
        self.permission = permission
    }

    init(_ reader: inout WireReader, version: Int16) throws(KafkaWireError) {
        resourceType = try reader.int8()
        resourceName = try reader.nullableString()
        patternType = version >= 1 ? try reader.int8() : Self.literal
        principal = try reader.nullableString()
        host = try reader.nullableString()
        operation = try reader.int8()
        permission = try reader.int8()
        try reader.skipTaggedFields()
    }
}

/// What an ACL looks like on the wire; the order of its fields differs between requests.
package struct ACLFields: Sendable, Equatable {
    package var resourceType: Int8
    package var resourceName: String
    package var patternType: Int8
    package var principal: String
    package var host: String
    package var operation: Int8
    package var permission: Int8

    package init(
        resourceType: Int8, resourceName: String, patternType: Int8, principal: String, host: String,
        operation: Int8, permission: Int8
    ) {
        self.resourceType = resourceType
        self.resourceName = resourceName
        self.patternType = patternType
        self.principal = principal
        self.host = host
        self.operation = operation
        self.permission = permission
    }

    /// As CreateAcls has it.
    init(_ reader: inout WireReader, version: Int16) throws(KafkaWireError) {
        resourceType = try reader.int8()
        resourceName = try reader.string()
        patternType = version >= 1 ? try reader.int8() : ACLFilterFields.literal
        principal = try reader.string()
        host = try reader.string()
        operation = try reader.int8()
        permission = try reader.int8()
        try reader.skipTaggedFields()
    }
}

/// Asks which ACLs match a filter.
package struct DescribeACLsRequest: KafkaRequest {
    package typealias Response = DescribeACLsResponse
    package static let api = APIKey.describeACLs

    package var filter: ACLFilterFields

    package init(_ reader: inout WireReader, version: Int16) throws(KafkaWireError) {
        filter = try ACLFilterFields(&reader, version: version)
    }
}

package struct DescribeACLsResponse: KafkaResponse {
    /// The ACLs of one pattern.
    package struct Resource: Sendable {
        package var resourceType: Int8
        package var resourceName: String
        package var patternType: Int8
        package var acls: [ACLFields]

        package init(resourceType: Int8, resourceName: String, patternType: Int8, acls: [ACLFields]) {
            self.resourceType = resourceType
            self.resourceName = resourceName
            self.patternType = patternType
            self.acls = acls
        }
    }

    package var error: KafkaErrorCode
    package var message: String?
    package var resources: [Resource]

    package init(error: KafkaErrorCode, message: String? = nil, resources: [Resource] = []) {
        self.error = error
        self.message = message
        self.resources = resources
    }

    package func write(to writer: inout WireWriter, version: Int16) {
        writer.int32(0)
        writer.error(error)
        writer.nullableString(message)
        writer.array(resources) { writer, resource in
            writer.int8(resource.resourceType)
            writer.string(resource.resourceName)
            if version >= 1 { writer.int8(resource.patternType) }
            writer.array(resource.acls) { writer, acl in
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
