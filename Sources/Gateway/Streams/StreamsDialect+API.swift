extension StreamsDialect {
    /// The interface as its OpenAPI document tells it.
    static let api = APIDescription(
        name: "streams", title: "Kinesis behind an API gateway", operations: operations, schemas: schemas)

    private static let streamSchemas = ["stream": #"{"type":"string","pattern":"^[A-Za-z0-9_.-]{1,128}$"}"#]
    private static let limit = APIOperation.Parameter(
        name: "Limit", schema: #"{"type":"integer","minimum":1,"maximum":10000}"#)
    private static let bodyTypes = ["application/json", "application/x-amz-json-1.1"]

    private static func done(_ description: String, _ schema: String) -> APIOperation.Answer {
        .init(status: 200, description: description, contentType: StreamsAnswers.contentType, schema: schema)
    }

    private static let refusals: [APIOperation.Answer] = [
        (400, "Refused by Kinesis, or a body that is no JSON", "StreamsRefusal"),
        (401, "Not logged in", "StreamsMessage"),
        (403, "No such path or method, or no right to it", "StreamsMessage"),
        (413, "The body is too long", "StreamsMessage"),
        (415, "The body's type is not supported", "StreamsMessage"),
        (429, "Too many requests: try again after the time in Retry-After", "StreamsMessage"),
        (500, "The server failed, as its disk may", "StreamsRefusal"),
        (503, "The server is being shut down", "StreamsMessage"),
    ].map { status, description, schema in
        .init(
            status: status, description: description, contentType: StreamsAnswers.contentType, schema: schema)
    }

    private static func operation(
        _ method: HTTPMethod, _ path: String, _ summary: String, parameters: [APIOperation.Parameter] = [],
        body: APIOperation.Body? = nil, _ success: APIOperation.Answer
    ) -> APIOperation {
        APIOperation(
            method: method, path: path, summary: summary, pathSchemas: streamSchemas, parameters: parameters,
            body: body, answers: [success] + refusals)
    }

    private static let operations: [APIOperation] = [
        operation(
            .get, "/streams", "ListStreams",
            parameters: [.init(name: "ExclusiveStartStreamName"), limit],
            done("The names of the streams", "StreamNames")),
        operation(
            .get, "/streams/{stream}", "DescribeStream",
            parameters: [.init(name: "ExclusiveStartShardId"), limit],
            done("The stream and its shards", "StreamDescription")),
        operation(
            .post, "/streams/{stream}", "CreateStream",
            body: .init(contentTypes: ["application/json"], schema: "NewStream", isRequired: false),
            .init(status: 200, description: "The stream is there")),
        operation(
            .delete, "/streams/{stream}", "DeleteStream",
            .init(status: 200, description: "The stream is gone")),
        operation(
            .put, "/streams/{stream}/record", "PutRecord",
            body: .init(contentTypes: bodyTypes, schema: "StreamRecord"),
            done("Where the record lies; it is on the disk", "StreamPlacement")),
        operation(
            .put, "/streams/{stream}/records", "PutRecords",
            body: .init(contentTypes: bodyTypes, schema: "StreamRecords"),
            done("Where each record lies, in the order of the request", "StreamPlacements")),
        operation(
            .get, "/streams/{stream}/records", "GetRecords",
            parameters: [.init(name: "Shard-Iterator", place: "header"), limit],
            done("Records, and the iterator to go on with", "StreamRecordList")),
        operation(
            .get, "/streams/{stream}/sharditerator", "GetShardIterator, from the oldest record on",
            parameters: [.init(name: "shard-id", isRequired: true)],
            done("The iterator", "ShardIterator")),
    ]

    private static let schemas: [String: String] = [
        "StreamsMessage":
            #"{"type":"object","required":["message"],"properties":{"message":{"type":"string"}}}"#,
        "StreamsRefusal": #"""
        {"type":"object","properties":{"__type":{"type":"string"},"message":{"type":"string"},
        "Message":{"type":"string"}}}
        """#,
        "StreamNames": #"""
        {"type":"object","required":["StreamNames","HasMoreStreams"],"properties":{
        "StreamNames":{"type":"array","items":{"type":"string"}},"HasMoreStreams":{"type":"boolean"}}}
        """#,
        "StreamDescription": #"""
        {"type":"object","required":["StreamDescription"],"properties":{"StreamDescription":{
        "type":"object","required":["StreamName","StreamARN","StreamStatus","Shards","HasMoreShards"],
        "properties":{"StreamName":{"type":"string"},"StreamARN":{"type":"string"},
        "StreamStatus":{"type":"string"},"HasMoreShards":{"type":"boolean"},
        "RetentionPeriodHours":{"type":"integer"},"Shards":{"type":"array","items":{"type":"object"}}}}}}
        """#,
        "NewStream":
            #"{"type":"object","properties":{"ShardCount":{"type":"integer","minimum":1,"maximum":16}}}"#,
        "StreamRecord": #"""
        {"type":"object","required":["Data","PartitionKey"],"properties":{"StreamName":{"type":"string"},
        "Data":{"description":"any JSON; with application/x-amz-json-1.1 a base64 string"},
        "PartitionKey":{"type":"string","minLength":1,"maxLength":256}}}
        """#,
        "StreamRecords": #"""
        {"type":"object","required":["records"],"properties":{"records":{"type":"array","minItems":1,
        "maxItems":500,"items":{"type":"object","required":["data","partition-key"],"properties":{
        "data":{"description":"any JSON; with application/x-amz-json-1.1 a base64 string"},
        "partition-key":{"type":"string","minLength":1,"maxLength":256}}}}}}
        """#,
        "StreamPlacement": #"""
        {"type":"object","required":["SequenceNumber","ShardId"],"properties":{
        "SequenceNumber":{"type":"string"},"ShardId":{"type":"string"},"EncryptionType":{"type":"string"}}}
        """#,
        "StreamPlacements": #"""
        {"type":"object","required":["FailedRecordCount","Records"],"properties":{
        "FailedRecordCount":{"type":"integer"},"EncryptionType":{"type":"string"},
        "Records":{"type":"array","items":{"type":"object","properties":{"SequenceNumber":{"type":"string"},
        "ShardId":{"type":"string"},"ErrorCode":{"type":"string"},"ErrorMessage":{"type":"string"}}}}}}
        """#,
        "StreamRecordList": #"""
        {"type":"object","required":["Records","MillisBehindLatest"],"properties":{
        "NextShardIterator":{"type":"string"},"MillisBehindLatest":{"type":"integer"},
        "Records":{"type":"array","items":{"type":"object",
        "required":["SequenceNumber","Data","PartitionKey"],"properties":{"SequenceNumber":{"type":"string"},
        "Data":{"type":"string"},"PartitionKey":{"type":"string"},
        "ApproximateArrivalTimestamp":{"type":"number"}}}}}}
        """#,
        "ShardIterator": #"""
        {"type":"object","required":["ShardIterator"],"properties":{"ShardIterator":{"type":"string"}}}
        """#,
    ]
}
