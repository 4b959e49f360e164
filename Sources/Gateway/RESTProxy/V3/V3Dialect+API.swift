/// The interface as its OpenAPI document tells it.
extension V3Dialect {
    static let api = APIDescription(
        name: "rest-v3", title: "REST Proxy v3", operations: operations, schemas: V3Schemas.all)

    var description: APIDescription? { Self.api }

    private static let pathSchemas = [
        "broker_id": V3Schemas.int32, "partition_id": V3Schemas.int32,
        "topic_name": #"{"type":"string","pattern":"^[A-Za-z0-9_.-]{1,249}$"}"#,
    ]

    private static let refusals: [APIOperation.Answer] = [
        (400, "The request cannot be read, or the cluster refuses it"), (401, "Not logged in"),
        (403, "No right to it"), (404, "No such cluster, topic, group or setting"),
        (405, "The method is not served at this path"), (406, "No type is acceptable that is served"),
        (413, "The body is too large"), (415, "The body's type is not supported"),
        (422, "The body is empty, or JSON of the wrong form"),
        (429, "Too much is waiting: try again after the time in Retry-After"),
        (500, "The server failed, as its disk may"), (503, "The server is being shut down"),
    ].map { status, description in
        .init(status: status, description: description, contentType: mediaType, schema: "V3Error")
    }

    private static func operation(
        _ method: HTTPMethod, _ path: String, _ summary: String, query: [String] = [],
        takes body: String? = nil,
        _ status: Int = 200, _ answer: String? = nil
    ) -> APIOperation {
        APIOperation(
            method: method, path: "/v3/clusters" + path, summary: summary, pathSchemas: pathSchemas,
            parameters: query.map { APIOperation.Parameter(name: $0) },
            body: body.map { APIOperation.Body(contentTypes: [mediaType], schema: $0) },
            answers: [
                .init(
                    status: status, description: summary, contentType: answer.map { _ in mediaType },
                    schema: answer)
            ] + refusals)
    }

    private static let cluster = "/{cluster_id}"
    private static let topic = cluster + "/topics/{topic_name}"
    private static let partition = topic + "/partitions/{partition_id}"
    private static let broker = cluster + "/brokers/{broker_id}"
    private static let group = cluster + "/consumer-groups/{consumer_group_id}"
    private static let consumer = group + "/consumers/{consumer_id}"
    private static let aclQuery = [
        "resource_type", "resource_name", "pattern_type", "principal", "host", "operation", "permission",
    ]

    private static let operations =
        clusters + topics + partitions + groups + acls
        + settings(topic + "/configs", "V3TopicConfig", "of a topic")
        + settings(broker + "/configs", "V3BrokerConfig", "of a broker")
        + settings(cluster + "/broker-configs", "V3ClusterConfig", "of all brokers at once")

    private static let clusters = [
        operation(.get, "", "The clusters: one", 200, "V3ClusterList"),
        operation(.get, cluster, "The cluster", 200, "V3Cluster"),
        operation(.get, cluster + "/brokers", "The brokers", 200, "V3BrokerList"),
        operation(.get, broker, "A broker", 200, "V3Broker"),
        operation(.get, broker + "/partition-replicas", "What lies on a broker", 200, "V3ReplicaList"),
        operation(
            .get, cluster + "/brokers/-/configs", "Settings of every broker", 200, "V3BrokerConfigList"),
        operation(.get, cluster + "/topics/-/configs", "Settings of every topic", 200, "V3TopicConfigList"),
    ]

    private static let topics = [
        operation(
            .get, cluster + "/topics", "The topics", query: ["include_authorized_operations"], 200,
            "V3TopicList"),
        operation(.post, cluster + "/topics", "Makes a topic", takes: "V3NewTopic", 201, "V3Topic"),
        operation(.get, topic, "A topic", query: ["include_authorized_operations"], 200, "V3Topic"),
        operation(
            .patch, topic, "Gives a topic more partitions", takes: "V3PartitionCount", 200, "V3Topic"),
        operation(.delete, topic, "Deletes a topic with its records", 204),
        operation(
            .post, topic + "/records", "Appends records: one object after the other, each with its answer",
            takes: "V3Record", 200, "V3Produced"),
        operation(
            .post, topic + "/records:batch", "Appends up to ten records", takes: "V3Batch", 207,
            "V3BatchProduced"),
    ]

    private static let partitions = [
        operation(.get, topic + "/partitions", "A topic's partitions", 200, "V3PartitionList"),
        operation(.get, partition, "A partition", 200, "V3Partition"),
        operation(.get, partition + "/replicas", "A partition's replicas", 200, "V3ReplicaList"),
        operation(.get, partition + "/replicas/{broker_id}", "A replica", 200, "V3Replica"),
        operation(
            .get, partition + "/offset", "What a partition holds", query: ["offset_type"], 200, "V3Offsets"),
        operation(.get, partition + "/reassignment", "A reassignment: never one", 200),
        operation(
            .get, topic + "/partitions/-/reassignment", "A topic's reassignments: none", 200,
            "V3ReassignmentList"),
        operation(
            .get, cluster + "/topics/-/partitions/-/reassignment", "All reassignments: none", 200,
            "V3ReassignmentList"),
    ]

    private static let groups = [
        operation(.get, cluster + "/consumer-groups", "The consumer groups", 200, "V3GroupList"),
        operation(.get, group, "A consumer group", 200, "V3Group"),
        operation(.get, group + "/consumers", "A group's members", 200, "V3ConsumerList"),
        operation(.get, consumer, "A member", 200, "V3Consumer"),
        operation(.get, consumer + "/assignments", "What a member reads", 200, "V3AssignmentList"),
        operation(
            .get, consumer + "/assignments/{topic_name}/partitions/{partition_id}",
            "A partition that a member reads", 200, "V3Assignment"),
        operation(.get, group + "/lag-summary", "How far a group is behind", 200, "V3LagSummary"),
        operation(.get, group + "/lags", "How far a group is behind by partition", 200, "V3LagList"),
        operation(
            .get, group + "/lags/{topic_name}/partitions/{partition_id}",
            "How far a group is behind in a partition", 200, "V3Lag"),
    ]

    private static let acls = [
        operation(.get, cluster + "/acls", "ACLs that match", query: aclQuery, 200, "V3ACLList"),
        operation(.post, cluster + "/acls", "Makes an ACL", takes: "V3NewACL", 201),
        operation(.post, cluster + "/acls:batch", "Makes ACLs, all or none", takes: "V3NewACLs", 204),
        operation(
            .delete, cluster + "/acls", "Deletes ACLs that match", query: aclQuery, 200, "V3DeletedACLs"),
    ]

    private static func settings(_ path: String, _ schema: String, _ whose: String) -> [APIOperation] {
        [
            operation(.get, path, "Settings \(whose)", 200, schema + "List"),
            operation(.get, path + "/{name}", "A setting \(whose)", 200, schema),
            operation(.put, path + "/{name}", "Sets a setting \(whose)", takes: "V3SettingValue", 204),
            operation(.delete, path + "/{name}", "Takes a setting \(whose) back to its default", 204),
            operation(
                .post, path + ":alter", "Changes settings \(whose), all or none", takes: "V3Alteration", 204),
        ]
    }
}
