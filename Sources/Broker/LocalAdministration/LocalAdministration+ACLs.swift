import KafkaWire
package import StreamModel

extension LocalAdministration {
    package func acls(
        matching filter: ClusterACLFilter, for caller: ClusterCaller
    ) async throws(ClusterError) -> [ClusterACL] {
        try check(.describe, caller)
        let wanted = try ACLFilter(filter)
        return acls.authorizer?.index.acls.filter { wanted.matches($0) }.map(ClusterACL.init).sorted() ?? []
    }

    package func createACLs(_ wanted: [ClusterACL], by caller: ClusterCaller) async throws(ClusterError) {
        try check(.alter, caller)
        var bindings: [ACLBinding] = []
        for acl in wanted {
            let binding = try ACLBinding(acl)
            if let fault = binding.fault { throw ClusterError(.refused, fault) }
            bindings.append(binding)
        }
        let wereAdded = try await change { [bindings] in try $0.add(bindings) }
        guard wereAdded else {
            throw ClusterError(.refused, "There would be more than \(ACLStore.maxACLs) ACLs.")
        }
    }

    package func deleteACLs(
        matching filter: ClusterACLFilter, by caller: ClusterCaller
    ) async throws(ClusterError) -> [ClusterACL] {
        try check(.alter, caller)
        let wanted = try ACLFilter(filter)
        let removed = try await change { try $0.remove([wanted]) }
        return removed.joined().map(ClusterACL.init).sorted()
    }

    private func check(_ operation: ACLOperation, _ caller: ClusterCaller) throws(ClusterError) {
        guard let error = acls.refusal(Asker(caller), operation) else { return }
        throw error == .securityDisabled
            ? ClusterError(.refused, ACLService.disabled) : ClusterError(.clusterAuthorization)
    }

    private func change<Value: Sendable>(
        _ body: @escaping @Sendable (ACLStore) throws -> Value
    ) async throws(ClusterError) -> Value {
        let value = await withCheckedContinuation { continuation in
            acls.change(body) { continuation.resume(returning: $0) }
        }
        guard let value else { throw ClusterError(.failed, "The ACLs cannot be written.") }
        return value
    }
}

/// A kind that Kafka has a name and a number for.
protocol KafkaNamed: CaseIterable {
    var kafkaName: String { get }
    /// Stands for every kind in filters.
    static var any: Self { get }
}

extension KafkaNamed {
    /// As one writes constants: `DESCRIBE_CONFIGS`.
    var kafkaName: String {
        "\(self)".reduce(into: "") { name, letter in
            // Two capitals in a row are one word: TRANSACTIONAL_ID.
            if letter.isUppercase, let last = name.last, last != "I" || letter != "D" { name.append("_") }
            name.append(letter.uppercased())
        }
    }

    fileprivate init(named name: String?, _ what: String) throws(ClusterError) {
        guard let name else {
            self = .any
            return
        }
        guard let found = Self.allCases.first(where: { $0.kafkaName == name.uppercased() }) else {
            throw ClusterError(.refused, "\(what): there is no \(name)")
        }
        self = found
    }
}

extension ACLOperation: KafkaNamed {}
extension ACLResourceType: KafkaNamed {}
extension ACLPatternType: KafkaNamed {}
extension ACLPermission: KafkaNamed {}

extension ACLFilter {
    init(_ filter: ClusterACLFilter) throws(ClusterError) {
        self.init(
            resourceType: try ACLResourceType(named: filter.resourceType, "resource_type"),
            resourceName: filter.resourceName,
            patternType: try ACLPatternType(named: filter.patternType, "pattern_type"),
            principal: filter.principal, host: filter.host,
            operation: try ACLOperation(named: filter.operation, "operation"),
            permission: try ACLPermission(named: filter.permission, "permission"))
        if isUnknown { throw ClusterError(.refused, Self.unknownMessage) }
    }
}

extension ACLBinding {
    init(_ acl: ClusterACL) throws(ClusterError) {
        self.init(
            resourceType: try ACLResourceType(named: acl.resourceType, "resource_type"),
            resourceName: acl.resourceName,
            patternType: try ACLPatternType(named: acl.patternType, "pattern_type"),
            principal: acl.principal, host: acl.host,
            operation: try ACLOperation(named: acl.operation, "operation"),
            permission: try ACLPermission(named: acl.permission, "permission"))
    }
}

extension ClusterACL {
    init(_ acl: ACLBinding) {
        self.init(
            resourceType: acl.resourceType.kafkaName, resourceName: acl.resourceName,
            patternType: acl.patternType.kafkaName, principal: acl.principal, host: acl.host,
            operation: acl.operation.kafkaName, permission: acl.permission.kafkaName)
    }
}
