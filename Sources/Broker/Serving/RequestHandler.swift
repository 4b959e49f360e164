import KafkaWire
import NIOCore

/// Answers the requests of one API.
///
/// `handle` is called on the connection's event loop, for the requests of a connection in their order, and must not
/// block: what takes the disk goes to `BrokerThreads`. The answer may be given later, from any thread.
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
    /// What outlives the request: to be touched on `loop` alone.
    var session = ConnectionSession()
    /// Where this client is to find the broker; what Metadata, FindCoordinator and DescribeCluster answer.
    var advertised = BrokerAddress(host: "127.0.0.1", port: 9092)
}

extension RequestContext {
    var asker: Asker { Asker(principal: principal, host: clientHost) }
}

/// Whose rights are looked up, by whichever way it came.
struct Asker: Sendable {
    var principal: Principal
    /// Its address without port.
    var host: String
}

/// Where clients connect to.
package struct BrokerAddress: Sendable, Equatable {
    package var host: String
    package var port: Int32

    package init(host: String, port: Int32) {
        self.host = host
        self.port = port
    }
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
