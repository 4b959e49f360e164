import CRdKafka
import KafkaWire

extension KafkaAdmin {
    /// - Throws: `refused` if the server has no access rules, or the login may not change them.
    package func createACLs(_ acls: [KafkaACL]) throws(RemoteLogError) {
        var bindings: [OpaquePointer?] = []
        defer { for binding in bindings { rd_kafka_AclBinding_destroy(binding) } }
        for acl in acls { bindings.append(try Self.binding(acl)) }
        try handle.request(RD_KAFKA_ADMIN_OP_CREATEACLS) { client, options, queue in
            rd_kafka_CreateAcls(client, &bindings, bindings.count, options, queue)
        } _: { event throws(RemoteLogError) in
            var count = 0
            let results = rd_kafka_CreateAcls_result_acls(rd_kafka_event_CreateAcls_result(event), &count)
            for result in pointers(results, count) {
                try KafkaClientHandle.check(rd_kafka_acl_result_error(result), of: "access rule")
            }
        }
    }

    /// - Throws: `refused` if the server has no access rules, or the login may not see them.
    package func acls(_ filter: KafkaACLFilter) throws(RemoteLogError) -> [KafkaACL] {
        // librdkafka 2.0 would tell of a refusal as of no rules.
        let answer = try call(DescribeACLsCall(filter: Self.fields(filter)))
        try Self.check(answer.verdict, of: "access rules")
        return answer.acls.compactMap(Self.acl).sorted(by: Self.isBefore)
    }

    /// - Returns: the rules that are gone.
    package func deleteACLs(_ filter: KafkaACLFilter) throws(RemoteLogError) -> [KafkaACL] {
        let binding = try Self.binding(filter)
        defer { rd_kafka_AclBinding_destroy(binding) }
        return try handle.request(RD_KAFKA_ADMIN_OP_DELETEACLS) { client, options, queue in
            var filters: [OpaquePointer?] = [binding]
            rd_kafka_DeleteAcls(client, &filters, 1, options, queue)
        } _: { event throws(RemoteLogError) in
            var count = 0
            let result = rd_kafka_event_DeleteAcls_result(event)
            var gone: [KafkaACL] = []
            for response in pointers(rd_kafka_DeleteAcls_result_responses(result, &count), count) {
                try KafkaClientHandle.check(
                    rd_kafka_DeleteAcls_result_response_error(response), of: "access rules")
                var matches = 0
                let acls = rd_kafka_DeleteAcls_result_response_matching_acls(response, &matches)
                gone += pointers(acls, matches).compactMap(Self.acl)
            }
            return gone.sorted(by: Self.isBefore)
        }
    }

    // MARK: librdkafka's form

    private static let operations: [(KafkaACL.Operation, rd_kafka_AclOperation_t)] = [
        (.all, RD_KAFKA_ACL_OPERATION_ALL), (.read, RD_KAFKA_ACL_OPERATION_READ),
        (.write, RD_KAFKA_ACL_OPERATION_WRITE), (.create, RD_KAFKA_ACL_OPERATION_CREATE),
        (.delete, RD_KAFKA_ACL_OPERATION_DELETE), (.alter, RD_KAFKA_ACL_OPERATION_ALTER),
        (.describe, RD_KAFKA_ACL_OPERATION_DESCRIBE),
        (.clusterAction, RD_KAFKA_ACL_OPERATION_CLUSTER_ACTION),
        (.describeConfigs, RD_KAFKA_ACL_OPERATION_DESCRIBE_CONFIGS),
        (.alterConfigs, RD_KAFKA_ACL_OPERATION_ALTER_CONFIGS),
        (.idempotentWrite, RD_KAFKA_ACL_OPERATION_IDEMPOTENT_WRITE),
    ]
    // librdkafka calls the cluster by the broker, which has the same number.
    private static let resources: [(KafkaACL.Resource, rd_kafka_ResourceType_t)] = [
        (.topic, RD_KAFKA_RESOURCE_TOPIC), (.group, RD_KAFKA_RESOURCE_GROUP),
        (.cluster, RD_KAFKA_RESOURCE_BROKER),
    ]
    private static let patterns: [(KafkaACL.Pattern, rd_kafka_ResourcePatternType_t)] = [
        (.literal, RD_KAFKA_RESOURCE_PATTERN_LITERAL), (.prefixed, RD_KAFKA_RESOURCE_PATTERN_PREFIXED),
    ]
    private static let permissions: [(KafkaACL.Permission, rd_kafka_AclPermissionType_t)] = [
        (.allow, RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW), (.deny, RD_KAFKA_ACL_PERMISSION_TYPE_DENY),
    ]

    private static func number<Name: Equatable, Number>(
        _ name: Name?, _ table: [(Name, Number)], any: Number
    ) -> Number {
        table.first { $0.0 == name }?.1 ?? any
    }

    private static func binding(_ acl: KafkaACL) throws(RemoteLogError) -> OpaquePointer {
        var message = [CChar](repeating: 0, count: KafkaClientHandle.textSize)
        let binding = rd_kafka_AclBinding_new(
            number(acl.resource, resources, any: RD_KAFKA_RESOURCE_UNKNOWN), acl.name,
            number(acl.pattern, patterns, any: RD_KAFKA_RESOURCE_PATTERN_UNKNOWN), acl.principal, acl.host,
            number(acl.operation, operations, any: RD_KAFKA_ACL_OPERATION_UNKNOWN),
            number(acl.permission, permissions, any: RD_KAFKA_ACL_PERMISSION_TYPE_UNKNOWN), &message,
            message.count)
        guard let binding else { throw RemoteLogError(.refused, KafkaClientHandle.string(message)) }
        return binding
    }

    private static func binding(_ filter: KafkaACLFilter) throws(RemoteLogError) -> OpaquePointer {
        var message = [CChar](repeating: 0, count: KafkaClientHandle.textSize)
        let binding = rd_kafka_AclBindingFilter_new(
            number(filter.resource, resources, any: RD_KAFKA_RESOURCE_ANY), filter.name,
            number(filter.pattern, patterns, any: RD_KAFKA_RESOURCE_PATTERN_ANY), filter.principal,
            filter.host, number(filter.operation, operations, any: RD_KAFKA_ACL_OPERATION_ANY),
            number(filter.permission, permissions, any: RD_KAFKA_ACL_PERMISSION_TYPE_ANY), &message,
            message.count)
        guard let binding else { throw RemoteLogError(.refused, KafkaClientHandle.string(message)) }
        return binding
    }

    private static func acl(_ binding: OpaquePointer) -> KafkaACL? {
        acl(
            ACLFields(
                resourceType: Int8(truncatingIfNeeded: rd_kafka_AclBinding_restype(binding).rawValue),
                resourceName: text(rd_kafka_AclBinding_name(binding)) ?? "",
                patternType: Int8(
                    truncatingIfNeeded: rd_kafka_AclBinding_resource_pattern_type(binding).rawValue),
                principal: text(rd_kafka_AclBinding_principal(binding)) ?? "",
                host: text(rd_kafka_AclBinding_host(binding)) ?? "",
                operation: Int8(truncatingIfNeeded: rd_kafka_AclBinding_operation(binding).rawValue),
                permission: Int8(truncatingIfNeeded: rd_kafka_AclBinding_permission_type(binding).rawValue)))
    }

    // MARK: The wire's form; librdkafka's numbers are Kafka's

    private static func fields(_ filter: KafkaACLFilter) -> ACLFilterFields {
        ACLFilterFields(
            resourceType: Int8(
                truncatingIfNeeded: number(filter.resource, resources, any: RD_KAFKA_RESOURCE_ANY).rawValue),
            resourceName: filter.name,
            patternType: Int8(
                truncatingIfNeeded:
                    number(filter.pattern, patterns, any: RD_KAFKA_RESOURCE_PATTERN_ANY).rawValue),
            principal: filter.principal, host: filter.host,
            operation: Int8(
                truncatingIfNeeded:
                    number(filter.operation, operations, any: RD_KAFKA_ACL_OPERATION_ANY).rawValue),
            permission: Int8(
                truncatingIfNeeded:
                    number(filter.permission, permissions, any: RD_KAFKA_ACL_PERMISSION_TYPE_ANY).rawValue))
    }

    /// Nil for what only a newer Kafka knows.
    private static func acl(_ fields: ACLFields) -> KafkaACL? {
        let pattern = rd_kafka_ResourcePatternType_t(rawValue: .init(fields.patternType))
        let operation = rd_kafka_AclOperation_t(rawValue: .init(fields.operation))
        let permission = rd_kafka_AclPermissionType_t(rawValue: .init(fields.permission))
        let resource = rd_kafka_ResourceType_t(rawValue: .init(fields.resourceType))
        guard let pattern = patterns.first(where: { $0.1 == pattern })?.0,
            let operation = operations.first(where: { $0.1 == operation })?.0,
            let permission = permissions.first(where: { $0.1 == permission })?.0
        else { return nil }
        return KafkaACL(
            resource: resources.first { $0.1 == resource }?.0 ?? .other,
            name: fields.resourceName, pattern: pattern, principal: fields.principal, host: fields.host,
            operation: operation, permission: permission)
    }

    private static func isBefore(_ left: KafkaACL, _ right: KafkaACL) -> Bool {
        func key(_ acl: KafkaACL) -> [String] {
            [
                acl.resource.rawValue, acl.name, acl.pattern.rawValue, acl.principal, acl.operation.rawValue,
                acl.permission.rawValue, acl.host,
            ]
        }
        return key(left).lexicographicallyPrecedes(key(right))
    }
}
