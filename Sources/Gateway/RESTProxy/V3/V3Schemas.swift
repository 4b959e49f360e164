import JSONText

/// The forms of requests and answers, for the OpenAPI document.
enum V3Schemas {
    static let int32 = #"{"type":"integer","format":"int32"}"#
    private static let text = #"{"type":"string"}"#
    private static let textOrNull = #"{"type":"string","nullable":true}"#
    private static let flag = #"{"type":"boolean"}"#
    private static let int64 = #"{"type":"integer","format":"int64"}"#
    private static let link = #"{"$ref":"\#(reference("V3Link"))"}"#

    static let all: [String: String] = requests.merging(records) { $1 }
        .merging(
            resources.reduce(into: [:]) { all, resource in
                all[resource.name] = object(
                    required: ["kind", "metadata", "cluster_id"] + resource.members.map(\.0),
                    [("kind", text), ("metadata", object([("self", text), ("resource_name", textOrNull)]))]
                        + [("cluster_id", text)] + resource.members)
                all[resource.name + "List"] = list(of: "{\"$ref\":\"\(reference(resource.name))\"}")
            }
        ) { $1 }

    private static func reference(_ name: String) -> String { "#/components/schemas/\(name)" }

    private static func object(required: [String] = [], _ members: [(String, String)]) -> String {
        String(
            decoding: JSONWriter.bytes { writer in
                writer.object { writer in
                    writer.member("type", "object")
                    if !required.isEmpty { writer.member("required", strings: required) }
                    writer.member(
                        "properties",
                        object: {
                            for (name, schema) in members {
                                $0.key(name)
                                $0.json(schema.utf8)
                            }
                        })
                }
            }, as: UTF8.self)
    }

    private static func array(of schema: String) -> String { #"{"type":"array","items":\#(schema)}"# }

    private static func list(of schema: String) -> String {
        object(
            required: ["kind", "metadata", "data"],
            [
                ("kind", text), ("metadata", object([("self", text), ("next", textOrNull)])),
                ("data", array(of: schema)),
            ])
    }

    // MARK: Resources

    private static let config: [(String, String)] = [
        ("name", text), ("value", textOrNull), ("is_default", flag), ("is_read_only", flag),
        ("is_sensitive", flag), ("source", text),
        ("synonyms", array(of: object([("name", text), ("value", textOrNull), ("source", text)]))),
    ]

    private static let partition: [(String, String)] = [("topic_name", text), ("partition_id", int32)]

    private static let resources: [(name: String, members: [(String, String)])] =
        [
            (
                "V3Cluster",
                [
                    "controller", "acls", "brokers", "broker_configs", "consumer_groups", "topics",
                    "partition_reassignments",
                ].map { ($0, link) }
            ),
            (
                "V3Broker",
                [
                    ("broker_id", int32), ("host", textOrNull), ("port", int32), ("rack", textOrNull),
                    ("configs", link), ("partition_replicas", link),
                ]
            ),
            (
                "V3Topic",
                [
                    ("topic_name", text), ("is_internal", flag), ("replication_factor", int32),
                    ("partitions_count", int32), ("partitions", link), ("configs", link),
                    ("partition_reassignments", link), ("authorized_operations", array(of: text)),
                ]
            ),
            ("V3Partition", partition + [("leader", link), ("replicas", link), ("reassignment", link)]),
            (
                "V3Replica",
                partition + [
                    ("broker_id", int32), ("is_leader", flag), ("is_in_sync", flag), ("broker", link),
                ]
            ),
            ("V3Offsets", partition + [("earliest_offset", int64), ("latest_offset", int64)]),
            ("V3Reassignment", partition), ("V3TopicConfig", [("topic_name", text)] + config),
            ("V3BrokerConfig", [("broker_id", int32)] + config),
            ("V3ClusterConfig", [("config_type", text)] + config),
        ] + ofGroups

    private static let ofGroups: [(name: String, members: [(String, String)])] = [
        (
            "V3Group",
            [
                ("consumer_group_id", text), ("is_simple", flag), ("partition_assignor", text),
                ("state", text), ("type", text), ("is_mixed_consumer_group", flag), ("coordinator", link),
                ("consumers", link), ("lag_summary", link),
            ]
        ),
        (
            "V3Consumer",
            [
                ("consumer_group_id", text), ("consumer_id", text), ("instance_id", textOrNull),
                ("client_id", text), ("assignments", link),
            ]
        ),
        (
            "V3Assignment",
            [("consumer_group_id", text), ("consumer_id", text)] + partition
                + [("partition", link), ("lag", link)]
        ),
        (
            "V3Lag",
            [("consumer_group_id", text)] + partition + [
                ("consumer_id", text), ("instance_id", textOrNull), ("client_id", text),
                ("current_offset", int64), ("log_end_offset", int64), ("lag", int64),
            ]
        ),
        (
            "V3LagSummary",
            [
                ("consumer_group_id", text), ("max_lag_consumer_id", text),
                ("max_lag_instance_id", textOrNull), ("max_lag_client_id", text),
                ("max_lag_topic_name", text), ("max_lag_partition_id", int32), ("max_lag", int64),
                ("total_lag", int64), ("max_lag_consumer", link), ("max_lag_partition", link),
            ]
        ),
        ("V3ACL", acl),
    ]

    private static let acl = [
        "resource_type", "resource_name", "pattern_type", "principal", "host", "operation", "permission",
    ].map { ($0, text) }

    // MARK: Requests

    private static let newACL = object(required: acl.map(\.0), acl)

    private static let requests: [String: String] = [
        "V3Link": object(required: ["related"], [("related", text)]),
        "V3Error": object(
            required: ["error_code", "message"], [("error_code", int32), ("message", textOrNull)]),
        "V3NewTopic": object(
            required: ["topic_name"],
            [
                ("topic_name", text), ("partitions_count", int32), ("replication_factor", int32),
                (
                    "replicas_assignments",
                    #"{"type":"object","additionalProperties":\#(array(of: int32))}"#
                ),
                ("configs", array(of: object(required: ["name"], [("name", text), ("value", textOrNull)]))),
                ("validate_only", flag),
            ]),
        "V3PartitionCount": object(required: ["partitions_count"], [("partitions_count", int32)]),
        "V3SettingValue": object([("value", textOrNull)]),
        "V3Alteration": object(
            required: ["data"],
            [
                (
                    "data",
                    array(
                        of: object(
                            required: ["name"],
                            [
                                ("name", text), ("value", textOrNull),
                                (
                                    "operation",
                                    #"{"type":"string","enum":["SET","DELETE"],"nullable":true}"#
                                ),
                            ]))
                ), ("validate_only", flag),
            ]),
        "V3NewACL": newACL,
        "V3NewACLs": object(required: ["data"], [("data", array(of: newACL))]),
        "V3DeletedACLs": object(
            required: ["data"], [("data", array(of: "{\"$ref\":\"\(reference("V3ACL"))\"}"))]),
    ]

    // MARK: Records

    private static let content = """
        {"type":"object","nullable":true,"properties":{"type":{"type":"string","enum":["BINARY","JSON","STRING",\
        "AVRO","JSONSCHEMA","PROTOBUF"]},"data":{"nullable":true},"subject":\(textOrNull),\
        "subject_name_strategy":\(textOrNull),"schema":\(textOrNull),\
        "schema_id":{"type":"integer","nullable":true},"schema_version":{"type":"integer","nullable":true}}}
        """

    private static let record: [(String, String)] = [
        ("partition_id", #"{"type":"integer","format":"int32","nullable":true}"#),
        (
            "headers",
            array(
                of: object(
                    required: ["name"],
                    [("name", text), ("value", #"{"type":"string","format":"byte","nullable":true}"#)]))
        ),
        ("key", content), ("value", content),
        ("timestamp", #"{"type":"string","format":"date-time","nullable":true}"#),
    ]

    private static let told = object(required: ["type", "size"], [("type", text), ("size", int64)])

    private static let receipt: [(String, String)] = [
        ("cluster_id", text), ("topic_name", text), ("partition_id", int32), ("offset", int64),
        ("timestamp", #"{"type":"string","format":"date-time"}"#), ("key", told), ("value", told),
    ]

    private static let id = ("id", #"{"type":"string","pattern":"^[0-9a-zA-Z_-]{1,80}$"}"#)

    private static let records: [String: String] = [
        "V3Record": object(record),
        "V3Produced": object(
            required: ["error_code"], [("error_code", int32), ("message", text)] + receipt),
        "V3Batch": object(
            required: ["entries"],
            [
                (
                    "entries",
                    #"{"type":"array","minItems":1,"maxItems":10,"items":\#(object(required: ["id"], [id] + record))}"#
                )
            ]),
        "V3BatchProduced": object(
            required: ["successes", "failures"],
            [
                ("successes", array(of: object(required: ["id"], [id] + receipt))),
                (
                    "failures",
                    array(
                        of: object(
                            required: ["id", "error_code"],
                            [id, ("error_code", int32), ("message", text)]))
                ),
            ]),
    ]
}
