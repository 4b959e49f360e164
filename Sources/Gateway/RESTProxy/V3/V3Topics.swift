import JSONText
import StreamModel

/// Topics: told, made, changed and deleted.
enum V3Topics {
    static let operations: [V3Operation] = [
        V3Operation(.get, "/clusters/{cluster_id}/topics") { call in
            let topics = try await call.cluster.topics(for: call.caller)
            let showsOperations = showsOperations(call)
            return GatewayResponse.v3List("KafkaTopicList", at: call.links.url("topics"), topics) {
                write($0, call.links, showsOperations: showsOperations, &$1)
            }
        },
        V3Operation(.post, "/clusters/{cluster_id}/topics", create),
        V3Operation(.get, "/clusters/{cluster_id}/topics/{topic_name}") { call in
            let topic = try await call.cluster.topic(call["topic_name"], for: call.caller)
            return GatewayResponse.v3 {
                write(topic, call.links, showsOperations: showsOperations(call), &$0)
            }
        },
        V3Operation(.patch, "/clusters/{cluster_id}/topics/{topic_name}") { call in
            let body = try call.body(
                orThrow: .invalidPayload("Request body is empty. Partitions_count is required."))
            try body.allow("partitions_count")
            guard let count = try body.integer("partitions_count", Int32.self) else {
                throw V3Error(.badRequest, "Missing required property: partitions_count")
            }
            try await call.cluster.addPartitions(to: call["topic_name"], total: count, by: call.caller)
            let topic = try await call.cluster.topic(call["topic_name"], for: call.caller)
            return GatewayResponse.v3 { write(topic, call.links, showsOperations: false, &$0) }
        },
        V3Operation(.delete, "/clusters/{cluster_id}/topics/{topic_name}") { call in
            try await call.cluster.deleteTopic(call["topic_name"], by: call.caller)
            return .noContent
        },
    ]

    /// The peer has one spelling for the list and another for a topic.
    private static func showsOperations(_ call: V3Call) -> Bool {
        call.flag("include_authorized_operations", "includeAuthorizedOperations")
    }

    @Sendable private static func create(_ call: V3Call) async throws -> GatewayResponse {
        let body = try call.body(orThrow: .invalidPayload("Request body is empty. Data is required."))
        let (topic, validateOnly) = try newTopic(body)
        guard TopicName(topic.name) != nil else { throw V3Error.invalidPayload("Invalid topic name.") }
        let made = try await call.cluster.createTopic(topic, validateOnly: validateOnly, by: call.caller)
        let links = call.links
        return GatewayResponse.v3(
            validateOnly ? 200 : 201, headers: [("Location", links.url("topics", topic.name))]
        ) {
            write(made, links, showsOperations: false, &$0)
        }
    }

    static func newTopic(_ body: V3Body) throws(V3Error) -> (topic: NewClusterTopic, validateOnly: Bool) {
        try body.allow(
            "topic_name", "partitions_count", "replication_factor", "replicas_assignments", "configs",
            "validate_only")
        var topic = NewClusterTopic(name: try body.requiredText("topic_name"))
        topic.partitionCount = try body.integer("partitions_count")
        topic.replicationFactor = try body.integer("replication_factor")
        if let assignments = body["replicas_assignments"] {
            topic.assignments = try replicaAssignments(assignments)
        }
        for config in try body.objects("configs") {
            try config.allow("name", "value")
            topic.settings.append((try config.requiredText("name"), try config.text("value")))
        }
        return (topic, try body.bool("validate_only") ?? false)
    }

    /// `{"0": [1, 2], …}`: the brokers of each partition.
    private static func replicaAssignments(_ tree: JSONTree) throws(V3Error) -> [Int32: [Int32]] {
        let fault = V3Error(
            .badRequest, "Error processing JSON: replicas_assignments is no object of broker ids by partition"
        )
        guard let members = tree.members else { throw fault }
        var assignments: [Int32: [Int32]] = [:]
        for member in members {
            guard let partition = Int32(member.name), let brokers = member.value.elements else { throw fault }
            assignments[partition] = try brokers.map { broker throws(V3Error) in
                guard let id = broker.integer.flatMap(Int32.init(exactly:)) else { throw fault }
                return id
            }
        }
        return assignments
    }

    private static func write(
        _ topic: ClusterTopic, _ links: V3Links, showsOperations: Bool, _ writer: inout JSONWriter
    ) {
        let name = topic.name.rawValue
        writer.resource("KafkaTopic", at: links.url("topics", name), named: links.name(("topic", name))) {
            $0.member("cluster_id", links.clusterID)
            $0.member("topic_name", name)
            $0.member("is_internal", topic.isInternal)
            $0.member("replication_factor", topic.replicationFactor)
            $0.member("partitions_count", topic.partitionCount)
            $0.link("partitions", links.url("topics", name, "partitions"))
            $0.link("configs", links.url("topics", name, "configs"))
            $0.link(
                "partition_reassignments", links.url("topics", name, "partitions", "-", "reassignment"))
            $0.member("authorized_operations", strings: showsOperations ? topic.allowedOperations : [])
        }
    }
}
