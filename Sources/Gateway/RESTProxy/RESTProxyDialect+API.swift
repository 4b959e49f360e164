extension RESTProxyDialect {
    /// The interface as its OpenAPI document tells it.
    static let api = APIDescription(
        name: "rest-v2", title: "REST Proxy v2",
        operations: operations + metadataOperations + consumerOperations,
        schemas: schemas.merging(consumerSchemas) { first, _ in first })

    private static let pathSchemas = [
        "topic": #"{"type":"string","pattern":"^[A-Za-z0-9_.-]{1,249}$"}"#,
        "partition": #"{"type":"integer","minimum":0,"maximum":2147483647}"#,
    ]

    static func done(_ description: String, _ schema: String) -> APIOperation.Answer {
        .init(status: 200, description: description, contentType: MediaType.kafkaV2, schema: schema)
    }

    private static let refusals: [APIOperation.Answer] = [
        (400, "The request cannot be read"), (401, "Not logged in"), (403, "No right to it"),
        (404, "No such path, topic or partition"), (405, "The method is not served at this path"),
        (406, "No type is acceptable that is served"), (408, "A record is no JSON"),
        (409, "Not in the consumer's state"), (413, "The body or a record is too large"),
        (415, "The body's type is not supported"), (422, "The body is JSON, but not of the right form"),
        (429, "Too much is waiting: try again after the time in Retry-After"),
        (500, "The server failed, as its disk may"), (503, "The server is being shut down"),
    ].map { status, description in
        .init(
            status: status, description: description, contentType: MediaType.kafkaV2, schema: "RESTProxyError"
        )
    }

    static func operation(
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
        operation(
            .post, "/topics/{topic}", "Appends records to a topic", body: produced,
            done("Where each record lies, in the order of the request", "ProduceResponse")),
        operation(
            .post, "/topics/{topic}/partitions/{partition}", "Appends records to a partition", body: produced,
            done("Where each record lies, in the order of the request", "ProduceResponse")),
    ]

    private static let schemas: [String: String] = [
        "Empty": #"{"type":"object"}"#,
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

extension APIDescription {
    /// With the formats that there are where there is a schema registry: beside JSON, wherever that is.
    var withSchemas: APIDescription {
        let types = [MediaType.kafkaAvroV2, MediaType.kafkaJSONSchemaV2, MediaType.kafkaProtobufV2]
        var description = self
        for place in operations.indices {
            if operations[place].body?.contentTypes.contains(MediaType.kafkaJSONV2) == true {
                description.operations[place].body?.contentTypes += types
            }
            for answer in operations[place].answers where answer.contentType == MediaType.kafkaJSONV2 {
                for type in types {
                    var other = answer
                    other.contentType = type
                    description.operations[place].answers.append(other)
                }
            }
        }
        return description
    }
}
