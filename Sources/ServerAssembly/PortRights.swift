import Broker
import Gateway
import StreamModel

/// The rights of the Kafka port, for the ports that speak other languages.
struct PortRights: AccessControl {
    let authorizer: any Authorizer

    func allows(
        _ name: String?, from address: String, _ operation: AccessOperation, on resource: AccessResource
    ) -> Bool {
        let principal = name.map { Principal(name: $0) } ?? .anonymous
        let (type, resourceName) = Self.resource(resource, by: authorizer)
        return authorizer.allows(
            principal, from: address, Self.operation(operation), on: type, named: resourceName)
    }

    private static func resource(
        _ resource: AccessResource, by authorizer: some Authorizer
    ) -> (ACLResourceType, String) {
        switch resource {
        case .topic(let name): (.topic, name)
        case .group(let name): (.group, name)
        case .cluster: (.cluster, type(of: authorizer).clusterName)
        }
    }

    private static func operation(_ operation: AccessOperation) -> ACLOperation {
        switch operation {
        case .read: .read
        case .write: .write
        case .create: .create
        case .delete: .delete
        case .alter: .alter
        case .describe: .describe
        case .describeConfigs: .describeConfigs
        case .alterConfigs: .alterConfigs
        }
    }
}

/// The users of `pinline users`, for the ports that speak other languages.
struct UserPasswords: PasswordVerifier {
    let credentials: ScramCredentialStore

    func isPassword(_ password: String, of user: String) throws -> Bool {
        try credentials.isPassword(password, of: user)
    }
}
