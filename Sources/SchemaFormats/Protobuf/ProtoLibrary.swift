/// The files that every schema may import without naming them as references.
enum ProtoLibrary {
    static let files: [String: String] = [
        "google/protobuf/timestamp.proto": google(
            "message Timestamp { int64 seconds = 1; int32 nanos = 2; }"),
        "google/protobuf/duration.proto": google("message Duration { int64 seconds = 1; int32 nanos = 2; }"),
        "google/protobuf/empty.proto": google("message Empty {}"),
        "google/protobuf/field_mask.proto": google("message FieldMask { repeated string paths = 1; }"),
        "google/protobuf/any.proto": google("message Any { string type_url = 1; bytes value = 2; }"),
        "google/protobuf/source_context.proto": google("message SourceContext { string file_name = 1; }"),
        "google/protobuf/struct.proto": google(
            """
            message Struct { map<string, Value> fields = 1; }
            message Value { oneof kind { NullValue null_value = 1; double number_value = 2;
              string string_value = 3; bool bool_value = 4; Struct struct_value = 5; ListValue list_value = 6; } }
            enum NullValue { NULL_VALUE = 0; }
            message ListValue { repeated Value values = 1; }
            """),
        "google/protobuf/wrappers.proto": google(
            [
                "Double", "Float", "Int64", "UInt64", "Int32", "UInt32", "Bool", "String", "Bytes",
            ].map { "message \($0)Value { \($0.lowercased()) value = 1; }" }.joined(separator: "\n")),
        // What options are made of: schemas import it and use none of it in their data.
        "google/protobuf/descriptor.proto": google(""),
        "confluent/meta.proto": "syntax = \"proto3\"; package confluent;",
        "confluent/type/decimal.proto": """
        syntax = "proto3"; package confluent.type;
        message Decimal { bytes value = 1; uint32 precision = 2; int32 scale = 3; }
        """,
        "google/type/date.proto": """
        syntax = "proto3"; package google.type; message Date { int32 year = 1; int32 month = 2; int32 day = 3; }
        """,
        "google/type/timeofday.proto": """
        syntax = "proto3"; package google.type;
        message TimeOfDay { int32 hours = 1; int32 minutes = 2; int32 seconds = 3; int32 nanos = 4; }
        """,
    ]

    private static func google(_ body: String) -> String {
        "syntax = \"proto3\"; package google.protobuf;\n" + body
    }
}
