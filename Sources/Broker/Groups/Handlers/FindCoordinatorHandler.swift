// FindCoordinator (key 10), versions 0-4.
// Unlike Apache Kafka: there is one node, so it looks after every group and transactional id.

import KafkaWire

struct FindCoordinatorHandler: RequestHandler {
    let services: GroupServices

    private enum KeyType: Int8 { case group = 0, transaction = 1 }

    func handle(
        _ request: FindCoordinatorRequest, _ context: RequestContext, _ reply: Reply<FindCoordinatorResponse>
    ) {
        let type = KeyType(rawValue: request.keyType)
        reply(.init(coordinators: request.coordinatorKeys.map { coordinator(of: $0, type, context) }))
    }

    private func coordinator(
        of key: String, _ type: KeyType?, _ context: RequestContext
    ) -> FindCoordinatorResponse.Coordinator {
        if let (error, message) = refusal(of: key, type, context) {
            return .init(key: key, nodeID: -1, host: "", port: -1, error: error, errorMessage: message)
        }
        return .init(key: key, nodeID: 0, host: context.advertised.host, port: context.advertised.port)
    }

    private func refusal(
        of key: String, _ type: KeyType?, _ context: RequestContext
    ) -> (KafkaErrorCode, String)? {
        switch type {
        case .group:
            if key.isEmpty { return (.invalidGroupID, "the group id is empty") }
            guard services.allows(context, .describe, onGroup: key) else {
                return (.groupAuthorizationFailed, "group authorization failed")
            }
        case .transaction:
            if key.isEmpty { return (.invalidRequest, "the transactional id is empty") }
            let isAllowed = services.authorizer.allows(
                context.principal, from: context.clientHost, .describe, on: .transactionalID, named: key)
            guard isAllowed else {
                return (.transactionalIDAuthorizationFailed, "transactional id authorization failed")
            }
        case nil:
            return (.invalidRequest, "there is no such type of coordinator")
        }
        return nil
    }
}
