import KafkaWire
import NIOCore

/// Finds the handler of a request, and decodes it.
///
/// Unlike what the protocol guide says, and like Apache Kafka: a version that is not understood closes the connection,
/// since the shape of its answer is not known. ApiVersions and Produce are the exceptions.
struct RequestDispatcher: Sendable {
    /// An answer, or nil if the client expects none, and the version of its shape.
    typealias Answer = @Sendable ((any KafkaResponse)?, Int16) -> Void

    private let handlers: [APIKey: any RequestHandler]

    /// - Parameter handlers: one for each API; ApiVersions comes by itself and tells of those.
    init(_ handlers: [any RequestHandler]) {
        var byKey: [APIKey: any RequestHandler] = [:]
        for handler in handlers { byKey[Self.api(of: handler)] = handler }
        byKey[.apiVersions] = ApiVersionsHandler(apis: Array(byKey.keys))
        self.handlers = byKey
    }

    private static func api<Handler: RequestHandler>(of handler: Handler) -> APIKey { Handler.Request.api }

    /// Begins to work on a request.
    ///
    /// - Parameter answer: called exactly once, on any thread, unless an error is thrown.
    /// - Throws: if the request cannot be understood: the connection has to be closed.
    func start(
        _ header: RequestHeader, _ body: ByteBuffer, _ context: RequestContext, answer: @escaping Answer
    ) throws(KafkaWireError) {
        guard let api = APIKey(rawValue: header.apiKey), let handler = handlers[api] else {
            throw KafkaWireError(.unsupportedRequest, "there is no API of key \(header.apiKey)")
        }
        let version = header.apiVersion
        guard api.versions.contains(version) else {
            if api == .apiVersions { return answer(ApiVersionsHandler.unsupportedVersion, 0) }
            if api == .produce, api.advertisedVersions.contains(version) {
                return answer(try ProduceRequest.refusal(body, version: version), version)
            }
            throw KafkaWireError(.unsupportedRequest, "version \(version) of \(api) is not understood")
        }
        try Self.start(handler, body, context) { answer($0, version) }
    }

    private static func start<Handler: RequestHandler>(
        _ handler: Handler, _ body: ByteBuffer, _ context: RequestContext,
        answer: @escaping @Sendable ((any KafkaResponse)?) -> Void
    ) throws(KafkaWireError) {
        var reader = WireReader(body, isFlexible: Handler.Request.api.isFlexible(context.apiVersion))
        let request = try Handler.Request(&reader, version: context.apiVersion)
        handler.handle(request, context, Reply { answer($0) })
    }
}
