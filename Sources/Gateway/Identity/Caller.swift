import StreamModel

/// Who asks.
struct Caller: Sendable, Equatable {
    /// The name under which rights are kept, `User:<name>` of the Kafka port; nil for a client that proved nothing.
    var name: String?
    /// The address it comes from.
    var address: String
    /// Decides what it may do; nil: everything.
    var access: (any AccessControl)?

    static func anonymous(from address: String) -> Caller { Caller(name: nil, address: address) }

    static func == (left: Self, right: Self) -> Bool {
        left.name == right.name && left.address == right.address
    }

    /// Whether the caller may; asked wherever a request's path does not say all that it touches.
    func allows(_ operation: AccessOperation, on resource: AccessResource) -> Bool {
        access?.allows(name, from: address, operation, on: resource) ?? true
    }

    /// The name in logs and limits: the caller's own, or where it comes from.
    var identity: String { name ?? address }
}
