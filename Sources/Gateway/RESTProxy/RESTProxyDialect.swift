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
    let anchors: Set<String> = ["topics", "consumers", "brokers"]
    private let metadata: MetadataEndpoints?
    private let consumers: ConsumerEndpoints?

    /// - Parameters:
    ///   - cluster: what is told of topics and brokers; without it records can only be sent.
    ///   - consumers: what reads for clients; without it nothing can be read.
    ///   - schemas: without it there are no formats with schemas.
    init(
        cluster: (any ClusterAdministration)? = nil, consumers: ConsumerInstances? = nil,
        schemas: SchemaRegistry? = nil
    ) {
        metadata = cluster.map { MetadataEndpoints(cluster: $0) }
        self.consumers = consumers.map { ConsumerEndpoints(instances: $0, schemas: schemas) }
    }

    func endpoint(_ path: ArraySlice<String>, _ query: QueryItems) -> Endpoint? {
        let rest = path.dropFirst()
        switch path.first {
        case "consumers": return consumers?.endpoint(rest)
        case "brokers" where rest.isEmpty: return metadata.map { Endpoint("/brokers", [.get: $0.brokers]) }
        case "topics": return topicEndpoint(Array(rest))
        default: return nil
        }
    }

    private func topicEndpoint(_ parts: [String]) -> Endpoint? {
        if parts.isEmpty { return metadata.map { Endpoint("/topics", [.get: $0.topics]) } }
        let topic = parts[0]
        if parts.count == 1 {
            return Endpoint("/topics/{topic}", gets(metadata?.topic(topic)), produce: produce(topic))
        }
        guard parts[1] == "partitions" else { return nil }
        if parts.count == 2 {
            return metadata.map {
                Endpoint("/topics/{topic}/partitions", [.get: $0.partitions(of: topic)])
            }
        }
        guard let partition = Int32(parts[2]) else { return nil }
        let template = "/topics/{topic}/partitions/{partition}"
        switch parts.count {
        case 3:
            return Endpoint(
                template, gets(metadata?.partition(partition, of: topic)), produce: produce(topic, partition))
        case 4 where parts[3] == "offsets":
            return metadata.map {
                Endpoint(template + "/offsets", [.get: $0.offsets(ofPartition: partition, of: topic)])
            }
        default: return nil
        }
    }

    private func gets(_ handler: (any GatewayHandler)?) -> [HTTPMethod: any GatewayHandler] {
        handler.map { [.get: $0] } ?? [:]
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

    var description: APIDescription? { consumers?.schemas == nil ? Self.api : Self.api.withSchemas }

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
