import NIOCore

/// Decides whether a request is let in, and who its caller is.
protocol RequestGate: Sendable {
    /// Called on the connection's event loop, before the request is served; must not block.
    func admit(_ head: HTTPRequestHead, from connection: ConnectionFacts) -> Admission
}

/// What is known of a connection before its requests.
struct ConnectionFacts: Sendable {
    /// The client's address, without port.
    var address: String
    var isSecure = false
    let loop: any EventLoop
}

/// What a gate says of a request.
enum Admission: Sendable {
    case admitted(Caller)
    case refused(GatewayFault)
    /// It is being found out; on the connection's loop.
    case later(EventLoopFuture<Admission>)
}

/// Lets everybody in.
struct OpenGate: RequestGate {
    func admit(_ head: HTTPRequestHead, from connection: ConnectionFacts) -> Admission {
        .admitted(.anonymous(from: connection.address))
    }
}
