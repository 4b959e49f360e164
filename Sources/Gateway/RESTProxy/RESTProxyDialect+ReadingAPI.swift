extension RESTProxyDialect {
    // MARK: Topics and brokers

    static let metadataOperations: [APIOperation] = [
        operation(.get, "/topics", "The names of all topics", done("Names, sorted", "Names")),
        operation(.get, "/topics/{topic}", "A topic", done("Its settings and partitions", "Topic")),
        operation(
            .get, "/topics/{topic}/partitions", "A topic's partitions", done("In their order", "Partitions")),
        operation(
            .get, "/topics/{topic}/partitions/{partition}", "A partition", done("The partition", "Partition")),
        operation(
            .get, "/topics/{topic}/partitions/{partition}/offsets", "What a partition holds",
            done("Its first offset, and the one after its last", "PartitionOffsets")),
        operation(.get, "/brokers", "The nodes of the cluster", done("Their ids", "Brokers")),
    ]

    // MARK: Consumers

    private static let instance = "/consumers/{group}/instances/{instance}"
    private static let nothing = APIOperation.Answer(status: 204, description: "Done")

    private static func body(_ schema: String, isRequired: Bool = true) -> APIOperation.Body {
        .init(contentTypes: [MediaType.kafkaV2], schema: schema, isRequired: isRequired)
    }

    static let consumerOperations: [APIOperation] =
        [
            operation(
                .post, "/consumers/{group}", "Makes a consumer instance in a group",
                body: body("ConsumerInstanceRequest", isRequired: false),
                done("Its name and address", "ConsumerInstance")),
            operation(.delete, instance, "Closes an instance", nothing),
            records,
        ] + subscriptionOperations + positionOperations

    private static let records: APIOperation = {
        var records = operation(
            .get, "\(instance)/records", "Waits for records and hands them out",
            parameters: [
                .init(name: "timeout", schema: #"{"type":"integer","maximum":1000}"#),
                .init(name: "max_bytes", schema: #"{"type":"integer"}"#),
            ], done("Records, or none if none came in time", "ConsumedRecords"))
        for type in [MediaType.kafkaBinaryV2, MediaType.kafkaJSONV2] {
            records.answers.append(
                .init(status: 200, description: "In this form", contentType: type, schema: "ConsumedRecords"))
        }
        return records
    }()

    private static let subscriptionOperations: [APIOperation] = [
        operation(
            .post, "\(instance)/subscription", "Subscribes to topics or to a pattern",
            body: body("Subscription"), nothing),
        operation(
            .get, "\(instance)/subscription", "The topics subscribed to", done("Sorted", "SubscribedTopics")),
        operation(.delete, "\(instance)/subscription", "Leaves the group", nothing),
        operation(
            .post, "\(instance)/assignments", "Reads these partitions, without the group",
            body: body("PartitionList"), nothing),
        operation(
            .get, "\(instance)/assignments", "The partitions that are read", done("Sorted", "PartitionList")),
    ]

    private static let positionOperations: [APIOperation] = [
        operation(
            .post, "\(instance)/offsets", "Commits what was consumed: all, or what is named",
            body: body("OffsetList", isRequired: false), done("An empty list", "EmptyList")),
        operation(
            .get, "\(instance)/offsets", "What the group committed; the body names the partitions",
            done("Those that have an offset", "OffsetList")),
        operation(
            .post, "\(instance)/positions", "Reads on at offsets or times", body: body("Positions"), nothing),
        operation(
            .post, "\(instance)/positions/beginning", "Reads on at the first offsets",
            body: body("PartitionList"), nothing),
        operation(
            .post, "\(instance)/positions/end", "Reads on at the ends", body: body("PartitionList"), nothing),
    ]

    // MARK: Schemas

    static let consumerSchemas: [String: String] = [
        "Names": #"{"type":"array","items":{"type":"string"}}"#,
        "EmptyList": #"{"type":"array","maxItems":0,"items":{}}"#,
        "Brokers": #"{"type":"object","properties":{"brokers":{"type":"array","items":{"type":"integer"}}}}"#,
        "Topic": #"""
        {"type":"object","required":["name","configs","partitions"],"properties":{"name":{"type":"string"},
        "configs":{"type":"object","additionalProperties":{"type":"string","nullable":true}},
        "partitions":{"$ref":"#/components/schemas/Partitions"}}}
        """#,
        "Partitions": ##"{"type":"array","items":{"$ref":"#/components/schemas/Partition"}}"##,
        "Partition": #"""
        {"type":"object","required":["partition","leader","replicas"],"properties":{
        "partition":{"type":"integer"},"leader":{"type":"integer"},
        "replicas":{"type":"array","items":{"type":"object","properties":{"broker":{"type":"integer"},
        "leader":{"type":"boolean"},"in_sync":{"type":"boolean"}}}}}}
        """#,
        "PartitionOffsets": #"""
        {"type":"object","required":["beginning_offset","end_offset"],"properties":{
        "beginning_offset":{"type":"integer"},"end_offset":{"type":"integer"}}}
        """#,
        "ConsumerInstanceRequest": #"""
        {"type":"object","additionalProperties":false,"properties":{
        "id":{"type":"string","minLength":1},"name":{"type":"string","minLength":1},
        "format":{"type":"string","enum":["binary","json"]},
        "auto.offset.reset":{"type":"string","enum":["earliest","latest","none"]},
        "auto.commit.enable":{"type":"string","enum":["true","false"]},
        "fetch.min.bytes":{"type":"integer","minimum":-1,"maximum":10000000},
        "consumer.request.timeout.ms":{"type":"integer","minimum":0,"maximum":3600000}}}
        """#,
        "ConsumerInstance": #"""
        {"type":"object","required":["instance_id","base_uri"],"properties":{
        "instance_id":{"type":"string"},"base_uri":{"type":"string"}}}
        """#,
        "ConsumedRecords": #"""
        {"type":"array","items":{"type":"object","required":["topic","key","value","partition","offset"],
        "properties":{"topic":{"type":"string"},"key":{"nullable":true},"value":{"nullable":true},
        "partition":{"type":"integer"},"offset":{"type":"integer"}}}}
        """#,
        "Subscription": #"""
        {"type":"object","minProperties":1,"additionalProperties":false,"properties":{
        "topics":{"type":"array","items":{"type":"string","pattern":"^[A-Za-z0-9_-]{1,249}$"}},
        "topic_pattern":{"type":"string"}}}
        """#,
        "SubscribedTopics":
            ##"{"type":"object","properties":{"topics":{"$ref":"#/components/schemas/Names"}}}"##,
        "PartitionList": #"""
        {"type":"object","required":["partitions"],"additionalProperties":false,"properties":{
        "partitions":{"type":"array","items":{"type":"object","required":["topic","partition"],
        "additionalProperties":false,"properties":{"topic":{"type":"string"},
        "partition":{"type":"integer","minimum":0,"maximum":2147483647}}}}}}
        """#,
        "OffsetList": #"""
        {"type":"object","required":["offsets"],"additionalProperties":false,"properties":{
        "offsets":{"type":"array","items":{"type":"object","required":["topic","partition","offset"],
        "additionalProperties":false,"properties":{"topic":{"type":"string"},
        "partition":{"type":"integer","minimum":0,"maximum":2147483647},
        "offset":{"type":"integer","minimum":0,"maximum":9007199254740991},
        "metadata":{"type":"string","nullable":true}}}}}}
        """#,
        "Positions": #"""
        {"type":"object","additionalProperties":false,"properties":{
        "offsets":{"type":"array","items":{"type":"object","required":["topic","partition","offset"],
        "additionalProperties":false,"properties":{"topic":{"type":"string"},
        "partition":{"type":"integer","minimum":0,"maximum":2147483647},
        "offset":{"type":"integer","minimum":0,"maximum":9007199254740991},
        "metadata":{"type":"string","nullable":true}}}},
        "timestamps":{"type":"array","items":{"type":"object","required":["topic","partition","timestamp"],
        "additionalProperties":false,"properties":{"topic":{"type":"string"},
        "partition":{"type":"integer","minimum":0,"maximum":2147483647},
        "timestamp":{"type":"string","format":"date-time"},
        "metadata":{"type":"string","nullable":true}}}}}}
        """#,
    ]
}
