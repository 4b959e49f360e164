import JSONText
import StreamModel

/// What REST Proxy v2 tells of topics, partitions and brokers.
struct MetadataEndpoints: Sendable {
    let cluster: any ClusterAdministration

    private typealias Answer =
        @Sendable (GatewayRequest, ClusterCaller) async throws(ClusterError) ->
        GatewayResponse

    private func tell(_ answer: @escaping Answer) -> any GatewayHandler {
        RESTProxyHandler { (request) throws(RESTProxyError) in
            guard AcceptHeader.allowsJSON(request.head.accept) else { throw .notAcceptable }
            do throws(ClusterError) {
                return try await answer(request, ClusterCaller(request.caller))
            } catch {
                throw RESTProxyError(error)
            }
        }
    }

    /// `GET /brokers`.
    var brokers: any GatewayHandler {
        tell { (request, caller) throws(ClusterError) in
            let nodes = try await cluster.nodes(for: caller)
            return .json(for: request) { json in
                json.object {
                    $0.member("brokers", array: { for node in nodes { $0.integer(node.id) } })
                }
            }
        }
    }

    /// `GET /topics`.
    var topics: any GatewayHandler {
        tell { (request, caller) throws(ClusterError) in
            let topics = try await cluster.topics(for: caller)
            return .json(for: request) { json in
                json.array { for topic in topics { $0.string(topic.name.rawValue) } }
            }
        }
    }

    /// `GET /topics/{topic}`.
    func topic(_ name: String) -> any GatewayHandler {
        tell { (request, caller) throws(ClusterError) in
            let topic = try await cluster.topic(name, for: caller)
            let settings = try await cluster.settings(of: .topic(name), for: caller)
            let nodes = try await cluster.nodes(for: caller)
            return .json(for: request) { json in
                json.object {
                    $0.member("name", topic.name.rawValue)
                    $0.member(
                        "configs",
                        object: { for setting in settings { $0.member(setting.name, orNull: setting.value) } }
                    )
                    $0.member("partitions", array: { Self.write(topic, nodes, to: &$0) })
                }
            }
        }
    }

    /// `GET /topics/{topic}/partitions`.
    func partitions(of name: String) -> any GatewayHandler {
        tell { (request, caller) throws(ClusterError) in
            let topic = try await cluster.topic(name, for: caller)
            let nodes = try await cluster.nodes(for: caller)
            return .json(for: request) { json in json.array { Self.write(topic, nodes, to: &$0) } }
        }
    }

    /// `GET /topics/{topic}/partitions/{partition}`.
    func partition(_ index: Int32, of name: String) -> any GatewayHandler {
        tell { (request, caller) throws(ClusterError) in
            let topic = try await cluster.topic(name, for: caller)
            guard index >= 0, Int(index) < topic.partitionCount else {
                throw ClusterError(.unknownPartition, "\(name) has \(topic.partitionCount) partitions")
            }
            let nodes = try await cluster.nodes(for: caller)
            return .json(for: request) { json in Self.write(Int(index), nodes, to: &json) }
        }
    }

    /// `GET /topics/{topic}/partitions/{partition}/offsets`.
    func offsets(ofPartition index: Int32, of name: String) -> any GatewayHandler {
        tell { (request, caller) throws(ClusterError) in
            let offsets = try await cluster.offsets(ofPartition: index, of: name, for: caller)
            return .json(for: request) { json in
                json.object {
                    $0.member("beginning_offset", offsets.earliest.rawValue)
                    $0.member("end_offset", offsets.latest.rawValue)
                }
            }
        }
    }

    // MARK: Partitions

    private static func write(_ topic: ClusterTopic, _ nodes: [ClusterNode], to json: inout JSONWriter) {
        for index in 0..<topic.partitionCount { write(index, nodes, to: &json) }
    }

    /// Every node holds every partition; the first one leads it.
    private static func write(_ index: Int, _ nodes: [ClusterNode], to json: inout JSONWriter) {
        json.object {
            $0.member("partition", index)
            $0.member("leader", nodes.first?.id ?? -1)
            $0.member(
                "replicas",
                array: {
                    for node in nodes {
                        $0.object {
                            $0.member("broker", node.id)
                            $0.member("leader", node.id == nodes.first?.id)
                            $0.member("in_sync", true)
                        }
                    }
                })
        }
    }
}
