import JSONText
import Testing

@testable import SchemaFormats

/// Schemas, values and bytes that were changed at random are taken or refused; none ends the process.
@Suite struct SchemaMutationTests {
    private struct Sample: Sendable {
        var kind: SchemaKind
        var schema: String
        var json: String
    }

    private static let samples = [
        Sample(
            kind: .avro,
            schema: """
                {"type":"record","name":"n.R","fields":[{"name":"a","type":["null","long","n.R"]},{"name":"b","type":
                {"type":"array","items":{"type":"map","values":"string"}}},{"name":"c","type":{"type":"enum","name":"E",
                "symbols":["A","B"]},"default":"B"},{"name":"d","type":{"type":"fixed","name":"F","size":3}},
                {"name":"e","type":"bytes"},{"name":"f","type":"double"}]}
                """,
            json:
                #"{"a":{"n.R":{"a":null,"b":[],"d":"abc","e":"","f":1}},"b":[{"x":"y"}],"c":"A","d":"abc","e":"z","f":2}"#
        ),
        Sample(
            kind: .json,
            schema: """
                {"type":"object","properties":{"a":{"$ref":"#/definitions/d"},"b":{"pattern":"^(a|b)+[c-e]{1,3}$"}},
                "definitions":{"d":{"type":"array","items":{"oneOf":[{"type":"string"},{"type":"integer","multipleOf":3}]}}},
                "required":["a"],"additionalProperties":{"not":{"const":1}}}
                """,
            json: #"{"a":["x",9],"b":"abcd","c":2}"#),
        Sample(
            kind: .protobuf,
            schema: """
                syntax = "proto3"; import "google/protobuf/timestamp.proto"; import "google/protobuf/struct.proto";
                message M { int32 a = 1; repeated sint64 b = 2; map<string, M> c = 3; oneof o { string d = 4; M e = 5; }
                google.protobuf.Timestamp t = 6; google.protobuf.Value v = 7; enum E { X = 0; Y = 1; } E f = 8;
                optional double g = 9; bytes h = 10; }
                """,
            json:
                #"{"a":1,"b":["2",-3],"c":{"k":{"a":5}},"e":{"d":"x"},"t":"2020-02-29T00:00:00Z","v":[1,{"a":null}],"f":"Y"}"#
        ),
    ]

    @Test(arguments: samples.indices)
    func bytesThatWereChangedAreReadOrRefused(number: Int) throws {
        let sample = Self.samples[number]
        let codec = try SchemaCodecs.make(sample.kind, sample.schema)
        let bytes = try Trial.encoded(sample.json, codec)
        var chance = Trial.Chance(seed: UInt64(number + 1))
        for round in 0..<5_000 {
            let changed = round % 5 == 0 ? chance.bytes(round % 60) : chance.mutation(of: bytes)
            guard let json = try? Trial.decoded(changed, codec) else { continue }
            // What is told is JSON, whatever was read.
            #expect(throws: Never.self, "\(changed)") { try JSONTree(Array(json.utf8), maxDepth: 500) }
        }
    }

    @Test(arguments: samples.indices)
    func valuesThatWereChangedAreWrittenOrRefused(number: Int) throws {
        let sample = Self.samples[number]
        let codec = try SchemaCodecs.make(sample.kind, sample.schema)
        var chance = Trial.Chance(seed: UInt64(number + 11))
        for _ in 0..<5_000 {
            let changed = String(decoding: chance.mutation(of: Array(sample.json.utf8)), as: UTF8.self)
            guard let bytes = try? Trial.encoded(changed, codec) else { continue }
            #expect(throws: Never.self, "\(changed)") { try Trial.decoded(bytes, codec) }
        }
    }

    @Test(arguments: samples.indices)
    func schemasThatWereChangedAreReadOrRefused(number: Int) throws {
        let sample = Self.samples[number]
        var chance = Trial.Chance(seed: UInt64(number + 21))
        for _ in 0..<5_000 {
            let changed = String(decoding: chance.mutation(of: Array(sample.schema.utf8)), as: UTF8.self)
            guard let codec = try? SchemaCodecs.make(sample.kind, changed) else { continue }
            _ = try? Trial.encoded(sample.json, codec)
        }
    }

    @Test func schemasThatNestWithoutEndAreRefused() {
        let deep = String(repeating: #"{"type":"array","items":"#, count: 5_000)
        #expect(Trial.failure { try AvroCodec(deep) } == .invalidSchema)
        let types =
            String(repeating: #"{"type":"array","items":"#, count: 150) + "\"int\""
            + String(repeating: "}", count: 150)
        #expect(Trial.failure { try AvroCodec(types) } == .invalidSchema)
        #expect(
            Trial.failure { try ProtobufCodec(String(repeating: "message M {", count: 5_000)) }
                == .invalidSchema)
        let not = String(repeating: #"{"not":"#, count: 150) + "{}" + String(repeating: "}", count: 150)
        #expect(Trial.failure { try JSONSchemaCodec(not) } == .invalidSchema)
    }

    @Test func recordsThatDoubleWithoutTakingBytesAreStopped() throws {
        let levels = (1...40).map { level in
            #"{"type":"record","name":"R\#(level)","fields":[{"name":"a","type":"R\#(level - 1)"},{"name":"b","type":"R\#(level - 1)"}]}"#
        }
        let first = #"{"type":"record","name":"R0","fields":[]}"#
        let codec = try AvroCodec("\"R40\"", references: [first] + levels)
        #expect(Trial.failure { try Trial.decoded([], codec) } == .unreadableBytes)
    }
}
