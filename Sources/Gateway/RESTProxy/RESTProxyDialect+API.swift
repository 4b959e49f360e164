extension RESTProxyDialect {
    /// The interface as its OpenAPI document tells it.
    static let api = APIDescription(
        name: "rest-v2", title: "REST Proxy v2", operations: operations + consumerOperations, schemas: schemas
    )

    private static let pathSchemas = [
        "topic": #"{"type":"string","pattern":"^[A-Za-z0-9_.-]{1,249}$"}"#,
        "partition": #"{"type":"integer","minimum":0,"maximum":2147483647}"#,
    ]

    private static func done(_ description: String, _ schema: String) -> APIOperation.Answer {
        .init(status: 200, description: description, contentType: MediaType.kafkaV2, schema: schema)
    }

    private static let refusals: [APIOperation.Answer] = [
        (400, "The request cannot be read"), (401, "Not logged in"), (403, "No right to it"),
        (404, "No such path, topic, partition or consumer instance"),
        (405, "The method is not served at this path"),
        (406, "No type is acceptable that is served"), (409, "The instance exists, or is in another state"),
        (413, "The body or a record is too large"),
        (415, "The body's type is not supported"), (422, "The body is JSON, but not of the right form"),
        (429, "Too much is waiting: try again after the time in Retry-After"),
        (500, "The server failed, as its disk may"), (503, "The server is being shut down"),
    ].map { status, description in
        .init(
            status: status, description: description, contentType: MediaType.kafkaV2, schema: "RESTProxyError"
        )
    }

    private static func operation(
        _ method: HTTPMethod, _ path: String, _ summary: String, parameters: [APIOperation.Parameter] = [],
        body: APIOperation.Body? = nil, _ success: APIOperation.Answer
    ) -> APIOperation {
        APIOperation(
            method: method, path: path, summary: summary, pathSchemas: pathSchemas, parameters: parameters,
            body: body, answers: [success] + refusals)
    }

    private static let produced = APIOperation.Body(
        contentTypes: [MediaType.kafkaJSONV2, MediaType.kafkaBinaryV2], schema: "ProduceRequest")

    private static let operations: [APIOperation] = [
        operation(.get, "/", "Nothing; that the server is there", done("An empty object", "Empty")),
        operation(.get, "/brokers", "The brokers", done("Their ids", "Brokers")),
        operation(.get, "/topics", "The topics", done("Their names", "TopicNames")),
        operation(
            .get, "/topics/{topic}", "A topic", done("Its settings and partitions", "Topic")),
        operation(
            .post, "/topics/{topic}", "Appends records to a topic", body: produced,
            done("Where each record lies, in the order of the request", "ProduceResponse")),
        operation(
            .get, "/topics/{topic}/partitions", "The partitions of a topic",
            done("Their leaders and replicas", "Partitions")),
        operation(
            .get, "/topics/{topic}/partitions/{partition}", "A partition",
            done("Its leader and replicas", "Partition")),
        operation(
            .post, "/topics/{topic}/partitions/{partition}", "Appends records to a partition", body: produced,
            done("Where each record lies, in the order of the request", "ProduceResponse")),
        operation(
            .get, "/topics/{topic}/partitions/{partition}/offsets", "The offsets of a partition",
            done("The first offset, and the one after the last", "PartitionOffsets")),
    ]

    // MARK: Consumers

    private static let instance = "/consumers/{group}/instances/{instance}"
    private static let silent = APIOperation.Answer(status: 204, description: "Done")

    private static func body(_ schema: String, isRequired: Bool = true) -> APIOperation.Body {
        .init(contentTypes: [MediaType.kafkaV2], schema: schema, isRequired: isRequired)
    }

    private static func control(
        _ method: HTTPMethod, _ rest: String, _ summary: String, body: APIOperation.Body? = nil,
        _ success: APIOperation.Answer
    ) -> APIOperation {
        operation(method, instance + rest, summary, body: body, success)
    }

    private static let consumerOperations: [APIOperation] =
        [
            operation(
                .post, "/consumers/{group}", "Makes a consumer instance",
                body: body("NewInstance", isRequired: false), done("Its name and address", "Instance")),
            control(.delete, "", "Ends a consumer instance", silent),
            control(.post, "/subscription", "Subscribes to topics", body: body("NewSubscription"), silent),
            control(.get, "/subscription", "The subscription", done("The topics", "Subscription")),
            control(.delete, "/subscription", "Ends the subscription", silent),
            control(.post, "/assignments", "Chooses partitions", body: body("PartitionList"), silent),
            control(.get, "/assignments", "The chosen partitions", done("The partitions", "PartitionList")),
            control(
                .post, "/offsets", "Commits offsets: those of the body, or all that was read",
                body: body("OffsetList", isRequired: false), done("Committed", "Anything")),
            control(
                .get, "/offsets",
                "Committed offsets of the partitions that the body names, as that of POST /assignments does",
                done("The offsets", "OffsetList")),
            control(
                .post, "/positions", "Reads on from other offsets", body: body("PositionList"), silent),
            control(
                .post, "/positions/beginning", "Reads on from the first offsets",
                body: body("PartitionList"), silent),
            control(
                .post, "/positions/end", "Reads on from the last offsets", body: body("PartitionList"), silent
            ),
            records,
        ]

    private static let records: APIOperation = {
        let count = #"{"type":"integer","minimum":0,"maximum":100}"#
        var described = operation(
            .get, instance + "/records", "Reads records",
            parameters: [
                .init(name: "timeout", schema: count), .init(name: "max_bytes", schema: count),
            ], done("The records", "ConsumedRecords"))
        described.answers += [MediaType.kafkaBinaryV2, MediaType.kafkaJSONV2].map {
            .init(status: 200, description: "The records", contentType: $0, schema: "ConsumedRecords")
        }
        return described
    }()

    private static let schemas: [String: String] = [
        "Anything": "{}",
        "Empty": #"{"type":"object"}"#,
        "Brokers": #"{"type":"object","properties":{"brokers":{"type":"array","items":{"type":"integer"}}}}"#,
        "TopicNames": #"{"type":"array","items":{"type":"string"}}"#,
        "Topic": #"""
        {"type":"object","required":["name","configs","partitions"],"properties":{"name":{"type":"string"},
        "configs":{"type":"object"},"partitions":{"$ref":"#/components/schemas/Partitions"}}}
        """#,
        "Partitions": ##"{"type":"array","items":{"$ref":"#/components/schemas/Partition"}}"##,
        "Partition": #"""
        {"type":"object","required":["partition","leader","replicas"],"properties":{
        "partition":{"type":"integer"},"leader":{"type":"integer"},"replicas":{"type":"array",
        "items":{"type":"object","properties":{"broker":{"type":"integer"},"leader":{"type":"boolean"},
        "in_sync":{"type":"boolean"}}}}}}
        """#,
        "PartitionOffsets": #"""
        {"type":"object","required":["beginning_offset","end_offset"],"properties":{
        "beginning_offset":{"type":"integer"},"end_offset":{"type":"integer"}}}
        """#,
        "NewInstance": #"""
        {"type":"object","properties":{"name":{"type":"string","maxLength":100},
        "format":{"type":"string","enum":["binary","json"]},
        "auto.offset.reset":{"type":"string","enum":["earliest","latest"]},
        "auto.commit.enable":{"type":"string","enum":["true","false"]}}}
        """#,
        "Instance": #"""
        {"type":"object","required":["instance_id","base_uri"],"properties":{
        "instance_id":{"type":"string"},"base_uri":{"type":"string"}}}
        """#,
        "NewSubscription": #"""
        {"type":"object","properties":{"topics":{"type":"array","items":{"type":"string"}},
        "topic_pattern":{"type":"string"}}}
        """#,
        "Subscription": #"""
        {"type":"object","required":["topics"],"properties":{
        "topics":{"type":"array","items":{"type":"string"}}}}
        """#,
        "PartitionList": #"""
        {"type":"object","required":["partitions"],"properties":{"partitions":{"type":"array",
        "items":{"type":"object","required":["topic","partition"],"properties":{
        "topic":{"type":"string"},"partition":{"type":"integer"}}}}}}
        """#,
        "OffsetList": #"""
        {"type":"object","required":["offsets"],"properties":{"offsets":{"type":"array",
        "items":{"type":"object","required":["topic","partition","offset"],"properties":{
        "topic":{"type":"string"},"partition":{"type":"integer"},"offset":{"type":"integer"},
        "metadata":{"type":"string","nullable":true}}}}}}
        """#,
        "PositionList": #"""
        {"type":"object","properties":{"offsets":{"type":"array","items":{"type":"object",
        "required":["topic","partition","offset"],"properties":{"topic":{"type":"string"},
        "partition":{"type":"integer"},"offset":{"type":"integer"}}}}}}
        """#,
        "ConsumedRecords": #"""
        {"type":"array","items":{"type":"object","required":["topic","partition","offset"],"properties":{
        "topic":{"type":"string"},"key":{},"value":{},"partition":{"type":"integer"},
        "offset":{"type":"integer"}}}}
        """#,
        "RESTProxyError": #"""
        {"type":"object","required":["error_code","message"],"properties":{
        "error_code":{"type":"integer"},"message":{"type":"string"}}}
        """#,
        "ProduceRequest": #"""
        {"type":"object","required":["records"],"additionalProperties":false,"properties":{
        "key_schema":{},"key_schema_id":{},"value_schema":{},"value_schema_id":{},
        "records":{"type":"array","minItems":1,"items":{"type":"object","additionalProperties":false,
        "properties":{"key":{},"value":{},
        "partition":{"type":"integer","minimum":0,"maximum":0,"nullable":true}}}}}}
        """#,
        "ProduceResponse": #"""
        {"type":"object","required":["offsets"],"properties":{
        "key_schema_id":{"type":"integer","nullable":true},"value_schema_id":{"type":"integer","nullable":true},
        "offsets":{"type":"array","items":{"type":"object","properties":{
        "partition":{"type":"integer","nullable":true},"offset":{"type":"integer","nullable":true},
        "error_code":{"type":"integer","nullable":true},"error":{"type":"string","nullable":true}}}}}}
        """#,
    ]
}
