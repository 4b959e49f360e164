/// One ACL: who may, or may not, do what, on what, from where; kinds in Kafka's names (`TOPIC`, `LITERAL`, `READ`,
/// `ALLOW`).
package struct ClusterACL: Sendable, Hashable, Comparable {
    package var resourceType: String
    package var resourceName: String
    package var patternType: String
    /// `User:name`, or `User:*` for everyone.
    package var principal: String
    /// An address, or `*` for all.
    package var host: String
    package var operation: String
    package var permission: String

    package init(
        resourceType: String, resourceName: String, patternType: String, principal: String, host: String,
        operation: String, permission: String
    ) {
        self.resourceType = resourceType
        self.resourceName = resourceName
        self.patternType = patternType
        self.principal = principal
        self.host = host
        self.operation = operation
        self.permission = permission
    }

    private var order: [String] {
        [resourceType, resourceName, patternType, principal, host, operation, permission]
    }

    package static func < (left: Self, right: Self) -> Bool {
        left.order.lexicographicallyPrecedes(right.order)
    }
}

/// Which ACLs are meant; nil stands for any.
package struct ClusterACLFilter: Sendable, Equatable {
    package var resourceType: String?
    package var resourceName: String?
    /// Also `MATCH`: every ACL that a resource of the name falls under.
    package var patternType: String?
    package var principal: String?
    package var host: String?
    package var operation: String?
    package var permission: String?

    package init() {}
}

/// What clients ask of ACLs.
package protocol ACLDirectory: Sendable {
    /// - Throws: `refused` where no rights are kept, or for a kind that is not known; `denied`.
    func acls(
        matching filter: ClusterACLFilter, for caller: ClusterCaller
    ) async throws(ClusterError) -> [ClusterACL]

    /// Adds all of them, or none; those that are there already stay.
    ///
    /// - Throws: `refused`, `denied`.
    func createACLs(_ acls: [ClusterACL], by caller: ClusterCaller) async throws(ClusterError)

    /// - Returns: those that were deleted.
    /// - Throws: `refused`, `denied`.
    func deleteACLs(
        matching filter: ClusterACLFilter, by caller: ClusterCaller
    ) async throws(ClusterError) -> [ClusterACL]
}
