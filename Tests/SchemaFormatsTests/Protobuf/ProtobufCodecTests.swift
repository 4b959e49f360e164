import JSONText
import Testing

@testable import SchemaFormats

/// Bytes of messages and back, with the examples of Protobuf's documentation.
@Suite struct ProtobufCodecTests {
    private static func proto3(_ body: String) -> String { "syntax = \"proto3\";\n" + body }

    private static let vectors: [(schema: String, json: String, hex: String)] = [
        (proto3("message M { int32 a = 1; }"), #"{"a":150}"#, "089601"),
        (proto3("message M { int32 a = 1; }"), "{}", ""),
        (proto3("message M { int32 a = 1; }"), #"{"a":-1}"#, "08ffffffffffffffffff01"),
        (proto3("message M { string b = 2; }"), #"{"b":"testing"}"#, "120774657374696e67"),
        (proto3("message M { N c = 3; } message N { int32 a = 1; }"), #"{"c":{"a":150}}"#, "1a03089601"),
        (proto3("message M { repeated int32 f = 6; }"), #"{"f":[3,270,86942]}"#, "3206038e029ea705"),
        (proto3("message M { repeated int32 e = 5 [packed=false]; }"), #"{"e":[1,2,3]}"#, "280128022803"),
        (proto3("message M { map<string, int32> g = 7; }"), #"{"g":{"a":1}}"#, "3a050a01611001"),
        (
            proto3("message M { sint64 a = 1; fixed32 b = 2; double c = 3; }"), #"{"a":-2,"b":1,"c":1}"#,
            "08031501000000" + "19000000000000f03f"
        ),
        (proto3("message M { optional int32 a = 1; }"), #"{"a":0}"#, "0800"),
        (proto3("message M { enum E { A = 0; B = 2; } E e = 1; }"), #"{"e":"B"}"#, "0802"),
        (proto3("message M { bytes b = 1; bool c = 2; }"), #"{"b":"-_8","c":true}"#, "0a02fbff1001"),
        (
            proto3(
                "import \"google/protobuf/timestamp.proto\"; message M { google.protobuf.Timestamp t = 1; }"),
            #"{"t":"1970-01-01T00:00:01.5+00:00"}"#, "0a08080110" + "80cab5ee01"
        ),
        (
            proto3(
                "import \"google/protobuf/wrappers.proto\"; message M { google.protobuf.BoolValue w = 1; }"),
            #"{"w":false}"#, "0a00"
        ),
        (
            "message M { required int32 a = 1; optional group G = 2 { optional int32 b = 1; } }",
            #"{"a":0,"g":{"b":1}}"#, "0800" + "13080114"
        ),
    ]

    @Test(arguments: vectors.indices)
    func writesWhatTheDocumentationSays(number: Int) throws {
        let vector = Self.vectors[number]
        let codec = try ProtobufCodec(vector.schema)
        let bytes = try Trial.encoded(vector.json, codec)
        #expect(Trial.hex(bytes) == "00" + vector.hex)
        // What is read is the same message again.
        #expect(try Trial.encoded(Trial.decoded(bytes, codec), codec) == bytes)
    }

    private static let forms: [(schema: String, bytes: [UInt8], json: String)] = [
        (
            proto3(
                "message M { int32 my_field = 1; repeated string r = 2; map<int32,bool> m = 3; M n = 4; }"),
            [0],
            #"{"myField":0,"r":[],"m":{}}"#
        ),
        (
            proto3("message M { int64 a = 1; oneof o { int32 b = 2; string c = 3; } }"),
            [0, 0x10, 5, 0x1A, 1, 0x61],
            #"{"a":"0","c":"a"}"#
        ),
        (proto3("message M { int32 a = 1; }"), [0, 0x08, 1, 0x08, 2, 0x10, 9], #"{"a":2}"#),
        (
            proto3("message M { N n = 1; } message N { int32 a = 1; int32 b = 2; }"),
            [0, 0x0A, 2, 8, 1, 0x0A, 2, 16, 2], #"{"n":{"a":1,"b":2}}"#
        ),
        (proto3("message M { repeated int32 a = 1; }"), [0, 0x0A, 2, 1, 2, 0x08, 3], #"{"a":[1,2,3]}"#),
        (
            proto3("message A {} message B { message C {} message D { int32 x = 1; } }"), [4, 2, 2, 8, 1],
            #"{"x":1}"#
        ),
        (proto3("message A { int32 x = 1; }"), [2, 0, 8, 1], #"{"x":1}"#),
        ("message M { optional E e = 1 [default = B]; enum E { A = 1; B = 2; } }", [0, 8, 9], #"{"e":"B"}"#),
        (proto3("message M { E e = 1; enum E { A = 0; } }"), [0, 8, 9], #"{"e":9}"#),
        (
            proto3("import \"google/protobuf/struct.proto\"; message M { google.protobuf.Struct s = 1; }"),
            [0, 0x0A, 9, 0x0A, 7, 0x0A, 1, 0x61, 0x12, 2, 0x20, 1], #"{"s":{"a":true}}"#
        ),
        (
            proto3(
                "import \"google/protobuf/duration.proto\"; message M { google.protobuf.Duration d = 1; }"),
            [0, 0x0A, 4, 8, 3, 16, 1], #"{"d":"3.000000001s"}"#
        ),
    ]

    @Test(arguments: forms.indices)
    func readsWithDefaultsInTheOrderOfNumbers(number: Int) throws {
        let form = Self.forms[number]
        #expect(try Trial.decoded(form.bytes, ProtobufCodec(form.schema)) == form.json)
    }

    private static let everything = """
        // A comment
        syntax = 'proto3'; /* and
        another */ package a.b;
        option java_package = "x"; option (my.option) = { a: 1 b { c: "}" } };
        import public "google/protobuf/empty.proto";
        message M {
          option (x) = true;
          reserved 5, 10 to max; reserved "foo", "bar";
          int32 a = 0x1 [deprecated = true, (my.rule).range = {gte: 1, lte: 2}, json_name = "AA"];
          .a.b.M.N n = 2; b.M.N o = 3; N.P p = 4;
          message N { enum P { option allow_alias = true; Z = 0; Y = 0; option = 1; } ; }
          oneof message { string string = 7; google.protobuf.Empty repeated_ = 8; }
        }
        service S { rpc Do (M) returns (stream M) { option (google.api.http) = { get: "/v1" }; } rpc Re (M) returns (M); }
        extend google.protobuf.FieldOptions { string my = 50000; }
        enum E { X = 0; W = -1; }
        """

    @Test func readsAllThatAFileMayHold() throws {
        let codec = try ProtobufCodec(Self.everything)
        #expect(codec.recordName == "a.b.M")
        #expect(
            try Trial.hex(Trial.encoded(#"{"AA":1,"n":{},"p":"option","string":""}"#, codec)) == "00"
                + "08011200" + "20013a00")
    }

    @Test(arguments: [
        "", "syntax = \"proto3\";", "edition = \"2023\"; message M {}", "syntax = \"proto4\"; message M {}",
        "message M { int32 a = 1; int32 b = 1; }", "message M { int32 a = 1; int32 a = 2; }", "message M {",
        "message M { None a = 1; }", "message M { int32 a = 0; }", "message M { int32 a = 536870912; }",
        "message M { map<double, int32> a = 1; }", "message M {} message M {}",
        "import \"none.proto\"; message M {}",
        "syntax = \"proto3\"; message M { enum E { A = 1; } }", "message M { enum E { } }", "message M { \"",
        "/*",
        "syntax = \"proto3\"; message M { int32 a_b = 1; int32 aB = 2; }",
    ])
    func refusesAFileThatIsNone(text: String) {
        #expect(Trial.failure { try ProtobufCodec(text) } == .invalidSchema)
    }

    private static let unreadable: [[UInt8]] = [
        [], [0, 8], [0, 8, 0x80], [0, 0], [0, 7, 1], [0, 0x12, 5, 1], [2, 2], [1], [0xFF, 0xFF, 0x03],
        [0, 0x0C],
        [0, 0x0B, 8, 1], [0, 0x12, 1, 0xFF],
    ]

    @Test(arguments: unreadable)
    func refusesBytesThatAreNoMessage(bytes: [UInt8]) throws {
        let codec = try ProtobufCodec(Self.proto3("message M { int32 a = 1; string s = 2; }"))
        #expect(Trial.failure { try Trial.decoded(bytes, codec) } == .unreadableBytes)
    }

    @Test func aMessageWithinItselfIsReadToALimit() throws {
        let codec = try ProtobufCodec(Self.proto3("message M { M m = 1; }"))
        var bytes: [UInt8] = []
        for _ in 0..<50 { bytes = [0x0A, UInt8(bytes.count)] + bytes }
        #expect(Trial.failure { try Trial.decoded([0] + bytes, codec) } == nil)
        bytes = []
        for _ in 0..<400 {
            var length: [UInt8] = []
            ByteOutput.varint(UInt64(bytes.count), to: &length)
            bytes = [0x0A] + length + bytes
        }
        #expect(Trial.failure { try Trial.decoded([0] + bytes, codec) } == .unreadableBytes)
    }
}
