/// What a client wants to do; a word each of Kafka's rights.
package enum AccessOperation: Sendable {
    case read, write, create, delete, alter, describe, describeConfigs, alterConfigs
}

/// With what.
package enum AccessResource: Sendable, Equatable {
    case topic(String)
    case group(String)
    /// The server as a whole.
    case cluster
}

/// Decides who may do what: the same rights for every port.
package protocol AccessControl: Sendable {
    /// Whether a client may; called on event loops, so it must not block.
    ///
    /// - Parameters:
    ///   - name: who the client has proved to be; nil for one that proved nothing.
    ///   - address: where it comes from.
    func allows(
        _ name: String?, from address: String, _ operation: AccessOperation, on resource: AccessResource
    ) -> Bool
}
