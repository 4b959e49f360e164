import NIOCore
import StreamModel

/// Where a produce request's records go.
struct ProducePath: Equatable, Sendable {
    /// Nil where the text is no valid name.
    var topic: TopicName?
    var text: String
    var partition: Int32?
}

/// REST Proxy v2.
struct RESTProxyDialect: Dialect {
    let anchors: Set<String> = ["topics"]

    func endpoint(_ path: ArraySlice<String>, _ query: QueryItems) -> Endpoint? {
        let parts = Array(path.dropFirst())
        switch parts.count {
        case 1:
            return Endpoint("/topics/{topic}", produce: produce(parts[0]))
        case 3 where parts[1] == "partitions":
            guard let partition = Int32(parts[2]) else { return nil }
            return Endpoint("/topics/{topic}/partitions/{partition}", produce: produce(parts[0], partition))
        default: return nil
        }
    }

    func root(_ head: HTTPRequestHead) -> Endpoint? {
        Endpoint(
            "/",
            [
                .get: ClosureHandler { _, exchange in
                    exchange.answer(
                        GatewayResponse(
                            status: 200, contentType: MediaType.kafkaV2, body: ByteBuffer(string: "{}")))
                }
            ])
    }

    private func produce(_ topic: String, _ partition: Int32? = nil) -> ProducePath {
        ProducePath(topic: TopicName(topic), text: topic, partition: partition)
    }

    var description: APIDescription? { Self.api }

    func response(to fault: GatewayFault) -> GatewayResponse {
        RESTProxyError(fault).response(headers: fault.responseHeaders)
    }
}

extension RESTProxyError {
    init(_ fault: GatewayFault) {
        switch fault.kind {
        case .malformed(let status): self.init(Code(rawValue: status) ?? .unreadableRequest, fault.message)
        case .unauthenticated: self.init(.unauthenticated, fault.message)
        case .forbidden: self.init(.forbidden, fault.message)
        case .notFound: self = .notFound
        case .methodNotAllowed: self.init(.methodNotAllowed, "HTTP 405 Method Not Allowed")
        case .tooManyRequests: self.init(.tooManyRequests, fault.message)
        case .unavailable: self.init(.brokerNotAvailable, fault.message)
        case .internalError: self.init(.internalError, fault.message)
        }
    }

    /// The answer that tells it.
    func response(headers: [(name: String, value: String)] = []) -> GatewayResponse {
        var body = ByteBuffer()
        RESTProxyAnswer.write(self, to: &body)
        let retry = retryAfter.map { [(name: "Retry-After", value: String($0))] } ?? []
        return GatewayResponse(
            status: code.status, contentType: MediaType.kafkaV2, headers: headers + retry, body: body)
    }
}
