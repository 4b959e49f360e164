import KafkaWire

extension Authorizer {
    /// The operations that a client may do on something, as Metadata and the Describe requests tell of them: one bit
    /// for each of Kafka's numbers.
    func allowedOperations(
        of context: RequestContext, on type: ACLResourceType, named name: String
    ) -> Int32 {
        operations(of: context.asker, on: type, named: name).reduce(0) { $0 | 1 << Int32($1.rawValue) }
    }

    /// The operations that somebody may do on something.
    func operations(of asker: Asker, on type: ACLResourceType, named name: String) -> [ACLOperation] {
        type.operations.filter { allows(asker.principal, from: asker.host, $0, on: type, named: name) }
    }
}

extension ACLResourceType {
    /// What can be done on it.
    var operations: [ACLOperation] {
        switch self {
        case .topic: [.read, .write, .create, .delete, .alter, .describe, .describeConfigs, .alterConfigs]
        case .group: [.read, .delete, .describe]
        case .cluster:
            [
                .create, .alter, .describe, .clusterAction, .describeConfigs, .alterConfigs, .idempotentWrite,
            ]
        case .transactionalID: [.write, .describe]
        case .delegationToken: [.describe]
        case .unknown, .any: []
        }
    }
}
