/// Who asks something of the cluster: rights are looked up for it.
package struct ClusterCaller: Sendable, Hashable {
    /// `User:name`.
    package var principal: String
    /// The client's address without port.
    package var host: String

    package init(principal: String = Self.anonymous, host: String) {
        self.principal = principal
        self.host = host
    }

    /// A client that did not log in, where that is allowed.
    package static let anonymous = "User:ANONYMOUS"
}
