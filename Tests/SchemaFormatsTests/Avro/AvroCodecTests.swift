import JSONText
import Testing

@testable import SchemaFormats

/// Bytes of a value and back, with the examples of Avro's specification.
@Suite struct AvroCodecTests {
    private static let record = """
        {"type":"record","name":"test","fields":[{"name":"a","type":"long"},{"name":"b","type":"string"}]}
        """
    private static let vectors: [(schema: String, json: String, hex: String)] = [
        ("\"null\"", "null", ""),
        ("\"boolean\"", "true", "01"),
        ("\"int\"", "-64", "7f"),
        ("\"int\"", "64", "8001"),
        ("\"long\"", "-9223372036854775808", "ffffffffffffffffff01"),
        ("\"long\"", "9223372036854775807", "feffffffffffffffff01"),
        ("\"float\"", "1.5", "0000c03f"),
        ("\"double\"", "-2.25", "00000000000002c0"),
        ("\"double\"", "\"NaN\"", "000000000000f87f"),
        ("\"string\"", "\"foo\"", "06666f6f"),
        ("\"string\"", "\"\\u00e9\"", "04c3a9"),
        (record, #"{"a":27,"b":"foo"}"#, "3606666f6f"),
        (#"{"type":"array","items":"long"}"#, "[3,27]", "04063600"),
        (#"{"type":"array","items":"long"}"#, "[]", "00"),
        (#"{"type":"map","values":"int"}"#, #"{"a":1}"#, "0202610200"),
        (#"["null","string"]"#, "null", "00"),
        (#"["null","string"]"#, #"{"string":"a"}"#, "020261"),
        (#"{"type":"fixed","name":"n.F","size":2}"#, "\"\\u0000\u{FF}\"", "00ff"),
        (#"{"type":"enum","name":"E","symbols":["A","B","C"]}"#, "\"C\"", "04"),
        (#"{"type":"array","items":["bytes","n.F"]}"#, "", ""),
        (#"{"type":"long","logicalType":"timestamp-millis"}"#, "1", "02"),
        (#"[{"type":"fixed","name":"F","namespace":"n","size":1},"int"]"#, #"{"n.F":"a"}"#, "0061"),
    ]

    @Test(arguments: vectors.indices)
    func writesAndReadsWhatTheSpecificationSays(number: Int) throws {
        let vector = Self.vectors[number]
        guard !vector.json.isEmpty else {
            #expect(throws: SchemaFormatError.self) { try AvroCodec(vector.schema) }
            return
        }
        let codec = try AvroCodec(vector.schema)
        let bytes = try Trial.encoded(vector.json, codec)
        #expect(Trial.hex(bytes) == vector.hex)
        #expect(try JSONTree(Array(Trial.decoded(bytes, codec).utf8)) == JSONTree(Array(vector.json.utf8)))
    }

    @Test func bytesAtTheTopHaveNoLength() throws {
        let codec = try AvroCodec("\"bytes\"")
        #expect(try Trial.hex(Trial.encoded("\"a\u{FF}\"", codec)) == "61ff")
        #expect(try Trial.decoded([0x61, 0xFF], codec) == "\"a\u{FF}\"")
    }

    private static let defaults = """
        {"type":"record","name":"R","fields":[{"name":"n","type":"int","default":5},
        {"name":"u","type":["null","string"],"default":null},{"name":"v","type":["string","null"],"default":"x"},
        {"name":"r","type":{"type":"record","name":"I","fields":[{"name":"b","type":"bytes","default":"\\u00ff"}]},
        "default":{}}]}
        """

    @Test func aFieldThatIsNotThereTakesItsDefault() throws {
        let codec = try AvroCodec(Self.defaults)
        #expect(try Trial.hex(Trial.encoded("{}", codec)) == "0a00000278" + "02ff")
    }

    @Test func aRecordMayContainItself() throws {
        let codec = try AvroCodec(
            #"{"type":"record","name":"n.L","fields":[{"name":"v","type":"int"},{"name":"next","type":["null","L"]}]}"#
        )
        let json = #"{"v":1,"next":{"n.L":{"v":2,"next":null}}}"#
        let bytes = try Trial.encoded(json, codec)
        #expect(Trial.hex(bytes) == "02020400")
        #expect(try Trial.decoded(bytes, codec) == json)
        #expect(codec.recordName == "n.L")
    }

    @Test func blocksWithTheirSizeAreRead() throws {
        let codec = try AvroCodec(#"{"type":"array","items":"int"}"#)
        #expect(try Trial.decoded([0x03, 0x04, 0x02, 0x04, 0x02, 0x06, 0x00], codec) == "[1,2,3]")
    }

    @Test func referencesAreKnownByTheirNames() throws {
        let place = #"{"type":"record","name":"n.P","fields":[{"name":"c","type":"string"}]}"#
        let codec = try AvroCodec(#"{"type":"map","values":"n.P"}"#, references: [place])
        #expect(try Trial.hex(Trial.encoded(#"{"k":{"c":"x"}}"#, codec)) == "02026b027800")
    }

    private static let unfit: [(String, String)] = [
        ("\"int\"", "2147483648"), ("\"int\"", "1.5"), ("\"int\"", "\"1\""),
        ("\"long\"", "9223372036854775808"),
        ("\"boolean\"", "1"), ("\"string\"", "null"), ("\"bytes\"", "\"\u{100}\""),
        (#"["null","string"]"#, "\"a\""), (#"["null","string"]"#, #"{"int":1}"#),
        (#"["int","string"]"#, "null"), (record, #"{"a":1}"#), (record, "[]"),
        (#"{"type":"enum","name":"E","symbols":["A"]}"#, "\"B\""),
        (#"{"type":"fixed","name":"F","size":2}"#, "\"a\""),
        (#"{"type":"record","name":"R","fields":[{"name":"a","type":"R","default":{}}]}"#, "{}"),
    ]

    @Test(arguments: unfit)
    func refusesAValueThatIsNoneOfTheSchemas(schema: String, json: String) throws {
        let codec = try AvroCodec(schema)
        #expect(Trial.failure { try Trial.encoded(json, codec) } == .unfitValue)
    }

    @Test(arguments: [
        "", "\"strange\"", "5", "[]", #"["int","int"]"#, #"["null",["int"]]"#,
        #"{"type":"record","name":"R"}"#,
        #"{"type":"enum","name":"E","symbols":[]}"#, #"{"type":"fixed","name":"F","size":-1}"#,
        #"{"type":"record","name":"a-b","fields":[]}"#, #"{"type":"array"}"#,
        #"{"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"a","type":"int"}]}"#,
    ])
    func refusesATextThatIsNoSchema(text: String) {
        #expect(Trial.failure { try AvroCodec(text) } == .invalidSchema)
    }

    private static let unreadable: [(String, [UInt8])] = [
        ("\"int\"", []), ("\"int\"", [0x80]), ("\"int\"", [0xFE, 0xFF, 0xFF, 0xFF, 0x7F]),
        ("\"string\"", [4, 0x61]),
        ("\"string\"", [1]), ("\"string\"", [2, 0xFF]), ("\"boolean\"", [2]), ("\"null\"", [0]),
        (#"["null"]"#, [2]), (#"{"type":"array","items":"null"}"#, [0xFE, 0xFF, 0xFF, 0xFF, 0x7F]),
        (#"{"type":"map","values":"null"}"#, [4, 2, 0x61, 2, 0x61, 0]),
        (#"{"type":"record","name":"R","fields":[{"name":"a","type":"R"}]}"#, [0]),
    ]

    @Test(arguments: unreadable)
    func refusesBytesThatAreNoneOfTheSchemas(schema: String, bytes: [UInt8]) throws {
        let codec = try AvroCodec(schema)
        #expect(Trial.failure { try Trial.decoded(bytes, codec) } == .unreadableBytes)
    }
}
