import JSONText
import StreamModel

/// The settings of topics, of brokers, and of all brokers at once: three places with the same operations.
struct V3Settings: Sendable {
    /// The path of the settings of one resource.
    private var path: String
    /// What the path of a request stands for.
    private var resource: @Sendable (V3Call) throws -> ClusterResource

    static let operations: [V3Operation] =
        topics.operations + brokers.operations + allBrokers.operations + [allTopics, everyBroker]

    private static let topics = V3Settings(path: "/clusters/{cluster_id}/topics/{topic_name}/configs") {
        .topic($0["topic_name"])
    }
    private static let brokers = V3Settings(path: "/clusters/{cluster_id}/brokers/{broker_id}/configs") {
        .broker(try $0.number("broker_id"))
    }
    private static let allBrokers = V3Settings(path: "/clusters/{cluster_id}/broker-configs") { _ in
        .allBrokers
    }

    private static let allTopics = V3Operation(.get, "/clusters/{cluster_id}/topics/-/configs") { call in
        var found: [V3Setting] = []
        for topic in try await call.cluster.topics(for: call.caller) {
            let resource = ClusterResource.topic(topic.name.rawValue)
            // Nil for one that was deleted meanwhile.
            found += try await settings(call, of: resource) ?? []
        }
        return GatewayResponse.v3List(
            "KafkaTopicConfigList", at: call.links.url("topics", "-", "configs"), found
        ) { $0.write(call.links, &$1) }
    }

    private static let everyBroker = V3Operation(.get, "/clusters/{cluster_id}/brokers/-/configs") { call in
        var found: [V3Setting] = []
        for node in try await call.cluster.nodes(for: call.caller) {
            found += try await call.cluster.settings(of: .broker(node.id), for: call.caller)
                .map { V3Setting(resource: .broker(node.id), setting: $0) }
        }
        return GatewayResponse.v3List(
            "KafkaBrokerConfigList", at: call.links.url("brokers", "-", "configs"), found
        ) { $0.write(call.links, &$1) }
    }

    /// Nil if there is no such topic.
    private static func settings(_ call: V3Call, of resource: ClusterResource) async throws -> [V3Setting]? {
        let found: [ClusterSetting]
        do throws(ClusterError) {
            found = try await call.cluster.settings(of: resource, for: call.caller)
        } catch {
            guard error.code == .unknownTopic else { throw error }
            return nil
        }
        return found.map { V3Setting(resource: resource, setting: $0) }
    }

    private var operations: [V3Operation] {
        let settings = self
        return [
            V3Operation(.get, path) { try await settings.list($0) },
            V3Operation(.get, path + "/{name}") { try await settings.get($0) },
            V3Operation(.put, path + "/{name}") { call in
                let body = try call.body()
                try body.allow("value")
                return try await settings.change(
                    call, [SettingChange(call["name"], value: try body.text("value"))])
            },
            V3Operation(.delete, path + "/{name}") { call in
                try await settings.change(call, [SettingChange(call["name"], .delete, value: nil)])
            },
            V3Operation(.post, path + ":alter") { call in
                let (changes, validateOnly) = try Self.alteration(try call.body())
                return try await settings.change(call, changes, validateOnly: validateOnly)
            },
        ]
    }

    private func list(_ call: V3Call) async throws -> GatewayResponse {
        let resource = try resource(call)
        let found = try await call.cluster.settings(of: resource, for: call.caller)
        return GatewayResponse.v3List(
            resource.kind + "List", at: resource.url(call.links),
            found.sorted { $0.name < $1.name }.map { V3Setting(resource: resource, setting: $0) }
        ) { $0.write(call.links, &$1) }
    }

    private func get(_ call: V3Call) async throws -> GatewayResponse {
        let resource = try resource(call)
        let found = try await call.cluster.settings(of: resource, for: call.caller)
        guard let setting = found.first(where: { $0.name == call["name"] }) else { throw V3Error.notFound }
        return GatewayResponse.v3 { V3Setting(resource: resource, setting: setting).write(call.links, &$0) }
    }

    private func change(
        _ call: V3Call, _ changes: [SettingChange], validateOnly: Bool = false
    ) async throws -> GatewayResponse {
        let resource = try resource(call)
        // What was never set for all brokers is not told of; only the change can show whether it is known.
        if resource != .allBrokers || changes.contains(where: { $0.operation == .delete }) {
            let known = Set(try await call.cluster.settings(of: resource, for: call.caller).map(\.name))
            if let unknown = changes.first(where: { !known.contains($0.name) }) {
                throw V3Error(
                    .notFound,
                    "Config \(unknown.name) cannot be found for \(resource.words) in cluster "
                        + "\(call.cluster.clusterID).")
            }
        }
        try await call.cluster.changeSettings(
            of: resource, changes, validateOnly: validateOnly, by: call.caller)
        return .noContent
    }

    static func alteration(
        _ body: V3Body
    ) throws(V3Error) -> (changes: [SettingChange], validateOnly: Bool) {
        try body.allow("data", "validate_only")
        let changes = try body.requiredObjects("data").map { entry throws(V3Error) in
            try entry.allow("name", "value", "operation")
            let operation = try entry.text("operation") ?? "SET"
            guard let known = SettingChange.Operation(rawValue: operation.uppercased()) else {
                throw V3Error(
                    .badRequest,
                    "Error processing JSON: there is no operation \(operation.prefix(64)), only SET and DELETE"
                )
            }
            return SettingChange(try entry.requiredText("name"), known, value: try entry.text("value"))
        }
        return (changes, try body.bool("validate_only") ?? false)
    }
}

extension ClusterResource {
    /// The kind of its settings.
    fileprivate var kind: String {
        switch self {
        case .topic: "KafkaTopicConfig"
        case .broker: "KafkaBrokerConfig"
        case .allBrokers: "KafkaClusterConfig"
        }
    }

    fileprivate var words: String {
        switch self {
        case .topic(let name): "TOPIC \(name)"
        case .broker(let id): "BROKER \(id)"
        case .allBrokers: "BROKER "
        }
    }

    fileprivate func url(_ links: V3Links) -> String {
        switch self {
        case .topic(let name): links.url("topics", name, "configs")
        case .broker(let id): links.url("brokers", "\(id)", "configs")
        case .allBrokers: links.url("broker-configs")
        }
    }
}

/// A setting of a resource, as it is told.
private struct V3Setting: Sendable {
    var resource: ClusterResource
    var setting: ClusterSetting

    func write(_ links: V3Links, _ writer: inout JSONWriter) {
        let (url, name) = place(links)
        writer.resource(resource.kind, at: url, named: name) { writer in
            writer.member("cluster_id", links.clusterID)
            switch resource {
            case .topic(let topic): writer.member("topic_name", topic)
            case .broker(let broker): writer.member("broker_id", broker)
            case .allBrokers: writer.member("config_type", "BROKER")
            }
            writer.member("name", setting.name)
            writer.member("value", orNull: setting.value)
            writer.member("is_default", setting.isDefault)
            writer.member("is_read_only", setting.isReadOnly)
            writer.member("is_sensitive", setting.isSensitive)
            writer.member("source", setting.source.rawValue)
            writer.member(
                "synonyms",
                array: { writer in
                    for synonym in setting.synonyms {
                        writer.object {
                            $0.member("name", synonym.name)
                            $0.member("value", orNull: synonym.value)
                            $0.member("source", synonym.source.rawValue)
                        }
                    }
                })
        }
    }

    private func place(_ links: V3Links) -> (url: String, name: String) {
        switch resource {
        case .topic(let topic):
            (
                links.url("topics", topic, "configs", setting.name),
                links.name(("topic", topic), ("config", setting.name))
            )
        case .broker(let id):
            (
                links.url("brokers", "\(id)", "configs", setting.name),
                links.name(("broker", "\(id)"), ("config", setting.name))
            )
        case .allBrokers:
            (links.url("broker-configs", setting.name), links.name(("broker-config", setting.name)))
        }
    }
}
