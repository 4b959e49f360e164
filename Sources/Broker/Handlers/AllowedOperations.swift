import KafkaWire

extension Authorizer {
    /// The operations that a client may do on something, as Metadata and the Describe requests tell of them: one bit
    /// for each of Kafka's numbers.
    func allowedOperations(
        of context: RequestContext, on type: ACLResourceType, named name: String
    ) -> Int32 {
        var bits: Int32 = 0
        for operation in type.operations
        where allows(context.principal, from: context.clientHost, operation, on: type, named: name) {
            bits |= 1 << Int32(operation.rawValue)
        }
        return bits
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
