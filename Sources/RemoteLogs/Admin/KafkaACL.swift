/// A rule of access: who may, or may not, do what to which resource.
package struct KafkaACL: Sendable, Hashable {
    package enum Resource: String, Sendable, CaseIterable {
        case topic, group, cluster
        /// One that this client does not know, such as a transactional id; only in lists.
        case other
    }

    package enum Pattern: String, Sendable, CaseIterable {
        case literal, prefixed
    }

    package enum Operation: String, Sendable, CaseIterable {
        case all, read, write, create, delete, alter, describe
        case clusterAction = "cluster-action"
        case describeConfigs = "describe-configs"
        case alterConfigs = "alter-configs"
        case idempotentWrite = "idempotent-write"
    }

    package enum Permission: String, Sendable, CaseIterable {
        case allow, deny
    }

    /// The name of the one resource of kind `cluster`.
    package static let clusterName = "kafka-cluster"

    package var resource: Resource
    package var name: String
    package var pattern: Pattern
    /// As in `User:alice`; `User:*` is everyone.
    package var principal: String
    /// `*` is any.
    package var host: String
    package var operation: Operation
    package var permission: Permission

    package init(
        resource: Resource, name: String, pattern: Pattern, principal: String, host: String,
        operation: Operation, permission: Permission
    ) {
        self.resource = resource
        self.name = name
        self.pattern = pattern
        self.principal = principal
        self.host = host
        self.operation = operation
        self.permission = permission
    }
}

/// Which rules are meant; nil means any.
package struct KafkaACLFilter: Sendable, Equatable {
    package var resource: KafkaACL.Resource?
    package var name: String?
    package var pattern: KafkaACL.Pattern?
    package var principal: String?
    package var host: String?
    package var operation: KafkaACL.Operation?
    package var permission: KafkaACL.Permission?

    package init() {}
}
