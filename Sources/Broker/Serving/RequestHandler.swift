package import KafkaWire
package import NIOCore

/// Answers the requests of one API.
///
/// `handle` is called on the connection's event loop, for the requests of a connection in their order, and must not
/// block: what takes the disk goes to a thread of its own. The answer may be given later, from any thread.
protocol RequestHandler<Request>: Sendable {
    associatedtype Request: KafkaRequest

    func handle(_ request: Request, _ context: RequestContext, _ reply: Reply<Request.Response>)
}

/// Who asks, and how.
struct RequestContext: Sendable {
    var apiVersion: Int16
    /// The name the client gives itself; not to be trusted.
    var clientID: String?
    /// The client's address without port.
    var clientHost: String
    var principal: Principal
    var loop: any EventLoop
}

/// The way back to the client: to be called exactly once.
struct Reply<Response: KafkaResponse>: Sendable {
    private let send: @Sendable (Response?) -> Void

    init(_ send: @escaping @Sendable (Response?) -> Void) {
        self.send = send
    }

    func callAsFunction(_ response: Response) { send(response) }

    /// The client expects no answer: Produce with acks 0.
    func nothing() { send(nil) }
}
