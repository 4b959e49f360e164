/// Who a client has proved to be.
package struct Principal: Hashable, Sendable, CustomStringConvertible {
    /// Kafka's kind of principal; always `User` but for what plugins invent.
    package var type: String
    package var name: String

    package init(type: String = "User", name: String) {
        self.type = type
        self.name = name
    }

    /// Reads `User:name`; nil if kind or name is missing.
    package init?(_ text: String) {
        guard let colon = text.firstIndex(of: ":"), colon != text.startIndex,
            text.index(after: colon) != text.endIndex
        else { return nil }
        self.init(type: String(text[..<colon]), name: String(text[text.index(after: colon)...]))
    }

    /// A client that did not log in, where that is allowed.
    package static let anonymous = Principal(name: "ANONYMOUS")

    package var description: String { "\(type):\(name)" }
}

/// What a client wants to do; the numbers are Kafka's.
package enum ACLOperation: Int8, Sendable, CaseIterable {
    case unknown = 0
    case any = 1
    case all = 2
    case read = 3
    case write = 4
    case create = 5
    case delete = 6
    case alter = 7
    case describe = 8
    case clusterAction = 9
    case describeConfigs = 10
    case alterConfigs = 11
    case idempotentWrite = 12
}

/// On what; the numbers are Kafka's.
package enum ACLResourceType: Int8, Sendable, CaseIterable {
    case unknown = 0
    case any = 1
    case topic = 2
    case group = 3
    case cluster = 4
    case transactionalID = 5
    case delegationToken = 6
}

/// Decides who may do what.
package protocol Authorizer: Sendable {
    /// Whether the principal may; called on event loops, so it must not block.
    func allows(
        _ principal: Principal, from host: String, _ operation: ACLOperation, on type: ACLResourceType,
        named name: String
    ) -> Bool

    /// Whether the principal may on one resource of the type at least, whether it exists or not.
    func allowsOnAny(
        _ principal: Principal, from host: String, _ operation: ACLOperation, on type: ACLResourceType
    ) -> Bool
}

extension Authorizer {
    /// The name under which rights on the whole server stand.
    package static var clusterName: String { "kafka-cluster" }
}

/// Everybody may do everything: the server is on loopback and asks for no login.
package struct OpenAuthorizer: Authorizer {
    package init() {}

    package func allows(
        _ principal: Principal, from host: String, _ operation: ACLOperation, on type: ACLResourceType,
        named name: String
    ) -> Bool { true }

    package func allowsOnAny(
        _ principal: Principal, from host: String, _ operation: ACLOperation, on type: ACLResourceType
    ) -> Bool { true }
}
