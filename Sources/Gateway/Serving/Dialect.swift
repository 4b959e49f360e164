import NIOCore

/// A family of paths with its own manner of answering errors.
protocol Dialect: Sendable {
    /// With which part its paths begin, whatever stage name stands before.
    var anchors: Set<String> { get }

    /// What serves a path; nil if it is none of this dialect's.
    ///
    /// - Parameter path: the decoded parts, beginning with an anchor.
    func endpoint(_ path: ArraySlice<String>, _ query: QueryItems) -> Endpoint?

    /// What serves the path `/`; asked of one dialect after the other.
    func root(_ head: HTTPRequestHead) -> Endpoint?

    func response(to fault: GatewayFault) -> GatewayResponse

    /// What it serves, as an OpenAPI document tells it.
    var description: APIDescription? { get }
}

extension Dialect {
    func root(_ head: HTTPRequestHead) -> Endpoint? { nil }
    var description: APIDescription? { nil }
}

/// A path that is served, and by what.
struct Endpoint: Sendable {
    /// The path with its variable parts named, such as `/topics/{topic}`.
    var template: String
    var handlers: [HTTPMethod: any GatewayHandler]
    /// Where records posted to this path go; a way of its own, which makes no `Exchange`.
    var produce: ProducePath?

    init(
        _ template: String, _ handlers: [HTTPMethod: any GatewayHandler] = [:], produce: ProducePath? = nil
    ) {
        self.template = template
        self.handlers = handlers
        self.produce = produce
    }

    var methods: [HTTPMethod] {
        handlers.keys.sorted { $0.rawValue < $1.rawValue } + (produce == nil ? [] : [.post])
    }
}

/// Serves the requests of one method and path.
protocol GatewayHandler: Sendable {
    /// Runs on the connection's event loop and must not block; answers through `exchange`, exactly once, from any
    /// thread.
    func handle(_ request: GatewayRequest, _ exchange: Exchange)
}

/// Serves requests whose bodies are worked on as they come.
protocol StreamingHandler: GatewayHandler {
    /// Called when the head is there; `request.body` is empty. Runs on the connection's event loop.
    func open(_ request: GatewayRequest, _ exchange: Exchange) -> any BodyReceiver
}

extension StreamingHandler {
    func handle(_ request: GatewayRequest, _ exchange: Exchange) {
        let receiver = open(request, exchange)
        if request.body.readableBytes > 0 { receiver.receive(request.body) }
        receiver.end()
    }
}

/// Takes a body as it comes; called on the connection's event loop alone.
protocol BodyReceiver: AnyObject {
    func receive(_ part: ByteBuffer)
    /// The body is complete.
    func end()
    /// The connection was lost before the body was complete.
    func aborted()
    /// False while it has enough to do; `Exchange.resumeReading()` tells when it can take more.
    var wantsMore: Bool { get }
}

/// A handler that is a closure.
struct ClosureHandler: GatewayHandler {
    private let body: @Sendable (GatewayRequest, Exchange) -> Void

    init(_ body: @escaping @Sendable (GatewayRequest, Exchange) -> Void) {
        self.body = body
    }

    func handle(_ request: GatewayRequest, _ exchange: Exchange) { body(request, exchange) }
}
