/// Which names an ACL holds for; the numbers are Kafka's.
package enum ACLPatternType: Int8, Sendable, CaseIterable {
    case unknown = 0
    /// Only in filters: every kind.
    case any = 1
    /// Only in filters: every ACL that a resource of this name falls under.
    case match = 2
    /// This name alone, or every name if it is `*`.
    case literal = 3
    /// Every name that begins so.
    case prefixed = 4
}

/// Whether an ACL gives or takes a right; the numbers are Kafka's.
package enum ACLPermission: Int8, Sendable, CaseIterable {
    case unknown = 0
    case any = 1
    case deny = 2
    case allow = 3
}

/// One ACL: who may, or may not, do what, on what, from where.
package struct ACLBinding: Hashable, Sendable {
    package static let wildcard = "*"
    package static let everyone = "User:*"

    package var resourceType: ACLResourceType
    package var resourceName: String
    package var patternType: ACLPatternType
    /// `User:name`, or `User:*` for everyone.
    package var principal: String
    /// An address, or `*` for all.
    package var host: String
    package var operation: ACLOperation
    package var permission: ACLPermission

    package init(
        resourceType: ACLResourceType, resourceName: String, patternType: ACLPatternType = .literal,
        principal: String, host: String = Self.wildcard, operation: ACLOperation, permission: ACLPermission
    ) {
        self.resourceType = resourceType
        self.resourceName = resourceName
        self.patternType = patternType
        self.principal = principal
        self.host = host
        self.operation = operation
        self.permission = permission
    }

    /// Why this cannot be an ACL, in Apache Kafka's words; nil if it can.
    package var fault: String? {
        let bytes = [resourceName, principal, host].map(\.utf8.count)
        if resourceType == .unknown || resourceType == .any { return "Invalid resourceType" }
        if patternType != .literal && patternType != .prefixed { return "Invalid patternType" }
        if operation == .unknown || operation == .any { return "Invalid operation" }
        if permission == .unknown || permission == .any { return "Invalid permissionType" }
        if resourceName.isEmpty { return "Resource name should not be empty" }
        if resourceType == .cluster, resourceName != OpenAuthorizer.clusterName {
            return "The only valid name for the CLUSTER resource is \(OpenAuthorizer.clusterName)"
        }
        if Principal(principal) == nil { return "Could not parse principal from `\(principal)`" }
        if host.isEmpty { return "Host should not be empty" }
        if bytes.contains(where: { $0 > ACLStore.maxTextBytes }) { return "A text is too long" }
        return nil
    }
}

/// Which ACLs are meant; nil and `any` stand for all.
package struct ACLFilter: Hashable, Sendable {
    package var resourceType: ACLResourceType
    package var resourceName: String?
    package var patternType: ACLPatternType
    package var principal: String?
    package var host: String?
    package var operation: ACLOperation
    package var permission: ACLPermission

    package init(
        resourceType: ACLResourceType = .any, resourceName: String? = nil, patternType: ACLPatternType = .any,
        principal: String? = nil, host: String? = nil, operation: ACLOperation = .any,
        permission: ACLPermission = .any
    ) {
        self.resourceType = resourceType
        self.resourceName = resourceName
        self.patternType = patternType
        self.principal = principal
        self.host = host
        self.operation = operation
        self.permission = permission
    }

    /// A number that is not known is in the filter.
    package var isUnknown: Bool {
        resourceType == .unknown || patternType == .unknown || operation == .unknown || permission == .unknown
    }

    package func matches(_ acl: ACLBinding) -> Bool {
        (resourceType == .any || resourceType == acl.resourceType)
            && (principal ?? acl.principal) == acl.principal
            && (host ?? acl.host) == acl.host
            && (operation == .any || operation == acl.operation)
            && (permission == .any || permission == acl.permission)
            && matchesPattern(of: acl)
    }

    private func matchesPattern(of acl: ACLBinding) -> Bool {
        switch patternType {
        case .unknown: return false
        case .any: return (resourceName ?? acl.resourceName) == acl.resourceName
        case .literal, .prefixed:
            return patternType == acl.patternType && (resourceName ?? acl.resourceName) == acl.resourceName
        case .match:
            guard let resourceName else { return true }
            return acl.patternType == .prefixed
                ? resourceName.utf8.starts(with: acl.resourceName.utf8)
                : acl.resourceName == resourceName || acl.resourceName == ACLBinding.wildcard
        }
    }
}
