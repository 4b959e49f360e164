import JSONText
import Testing

@testable import SchemaFormats

/// Which values a schema takes, word for word.
@Suite struct JSONSchemaCodecTests {
    private static let rules: [(schema: String, good: [String], bad: [String])] = [
        ("true", ["1", "null"], []), ("false", [], ["1", "null"]), ("{}", ["1", "{}"], []),
        (#"{"type":"integer"}"#, ["1", "1.0", "-5", "1e3"], ["1.5", "\"1\"", "null", "true"]),
        (#"{"type":["string","null"]}"#, ["\"a\"", "null"], ["1"]),
        (#"{"type":"number"}"#, ["1", "1.5"], ["\"a\""]),
        (#"{"enum":[1,"a",{"b":[1]}]}"#, ["1.0", "\"a\"", #"{"b":[1]}"#], ["2", #"{"b":[2]}"#]),
        (#"{"const":{"a":1,"b":2}}"#, [#"{"b":2,"a":1}"#], ["{}"]),
        (#"{"minimum":1,"maximum":5}"#, ["1", "5", "\"x\""], ["0", "6", "0.999"]),
        (#"{"exclusiveMinimum":1,"exclusiveMaximum":5}"#, ["1.5"], ["1", "5"]),
        (#"{"minimum":1,"exclusiveMinimum":true}"#, ["1.5"], ["1"]),
        (#"{"multipleOf":0.1}"#, ["0.3", "2"], ["0.35"]), (#"{"multipleOf":3}"#, ["9"], ["10"]),
        (#"{"minLength":2,"maxLength":3}"#, ["\"äö\"", "\"abc\"", "5"], ["\"a\"", "\"abcd\""]),
        (#"{"pattern":"^a"}"#, ["\"ab\"", "1"], ["\"ba\""]),
        (#"{"items":{"type":"string"}}"#, ["[]", "[\"a\"]", "{}"], ["[1]"]),
        (
            #"{"items":[{"type":"string"}],"additionalItems":false}"#, ["[\"a\"]", "[]"],
            ["[1]", "[\"a\",1]"]
        ),
        (#"{"prefixItems":[{"const":1}],"items":{"const":2}}"#, ["[1,2,2]"], ["[2]", "[1,3]"]),
        (
            #"{"minItems":1,"maxItems":2,"uniqueItems":true}"#, ["[1]", "[1,2]"],
            ["[]", "[1,2,3]", "[1,1.0]"]
        ),
        (#"{"contains":{"const":1}}"#, ["[2,1]"], ["[2]", "[]"]),
        (#"{"contains":{"const":1},"minContains":2,"maxContains":2}"#, ["[1,1]"], ["[1]", "[1,1,1]"]),
        (
            #"{"properties":{"a":{"type":"string"}},"patternProperties":{"^n":{"type":"number"}},"additionalProperties":false}"#,
            [#"{"a":"x","n1":1}"#, "{}"], [#"{"a":1}"#, #"{"n1":"x"}"#, #"{"b":1}"#]
        ),
        (
            #"{"required":["a"],"minProperties":1,"maxProperties":2}"#, [#"{"a":1}"#],
            ["{}", #"{"a":1,"b":1,"c":1}"#]
        ),
        (#"{"propertyNames":{"maxLength":2}}"#, [#"{"ab":1}"#], [#"{"abc":1}"#]),
        (#"{"dependentRequired":{"a":["b"]}}"#, ["{}", #"{"a":1,"b":1}"#], [#"{"a":1}"#]),
        (
            #"{"dependencies":{"a":["b"],"c":{"required":["d"]}}}"#, [#"{"c":1,"d":1}"#],
            [#"{"a":1}"#, #"{"c":1}"#]
        ),
        (#"{"allOf":[{"minimum":1},{"maximum":2}]}"#, ["1"], ["3"]),
        (#"{"anyOf":[{"type":"string"},{"minimum":5}]}"#, ["\"a\"", "6"], ["4"]),
        (#"{"oneOf":[{"multipleOf":2},{"multipleOf":3}]}"#, ["2", "3"], ["6", "5"]),
        (#"{"not":{"type":"string"}}"#, ["1"], ["\"a\""]),
        (#"{"if":{"minimum":5},"then":{"multipleOf":2},"else":{"multipleOf":3}}"#, ["6", "3"], ["7", "4"]),
        (
            ##"{"$ref":"#/$defs/node","$defs":{"node":{"properties":{"next":{"$ref":"#/$defs/node"}},"required":["v"]}}}"##,
            [#"{"v":1,"next":{"v":2}}"#], [#"{"v":1,"next":{}}"#]
        ),
        (##"{"$ref":"#here","$defs":{"x":{"$anchor":"here","type":"null"}}}"##, ["null"], ["1"]),
        (
            ##"{"items":{"$ref":"#/definitions/a~1b"},"definitions":{"a/b":{"type":"null"}}}"##, ["[null]"],
            ["[1]"]
        ),
        (#"{"format":"date","description":"a note","x":1}"#, ["\"no date\""], []),
    ]

    @Test(arguments: rules.indices)
    func takesWhatKeepsToTheSchemaAndNothingElse(number: Int) throws {
        let rule = Self.rules[number]
        let codec = try JSONSchemaCodec(rule.schema)
        for json in rule.good {
            #expect(Trial.failure { try Trial.encoded(json, codec) } == nil, "\(rule.schema): \(json)")
        }
        for json in rule.bad {
            #expect(
                Trial.failure { try Trial.encoded(json, codec) } == .unfitValue, "\(rule.schema): \(json)")
        }
    }

    @Test func writesTheValueCompactlyAndReadsItAsItIs() throws {
        let codec = try JSONSchemaCodec(#"{"title":"Pin"}"#)
        #expect(codec.recordName == "Pin")
        #expect(
            try Trial.encoded(#"{ "a" : 1.50 , "b" : "\u00e9" }"#, codec)
                == Array(#"{"a":1.50,"b":"é"}"#.utf8))
        #expect(try Trial.decoded(Array("[1]".utf8), codec) == "[1]")
        #expect(Trial.failure { try Trial.decoded(Array("[1".utf8), codec) } == .unreadableBytes)
    }

    @Test func namesWhereTheFaultIs() throws {
        let codec = try JSONSchemaCodec(#"{"properties":{"a":{"items":{"type":"string"}}}}"#)
        let error = #expect(throws: SchemaFormatError.self) { try Trial.encoded(#"{"a":["x",5]}"#, codec) }
        #expect(error?.message == "#/a/1: expected type: string, found: integer")
    }

    @Test(arguments: [
        "", "5", "[]", "{", ##"{"type":"strange"}"##, ##"{"$ref":"#/none"}"##, ##"{"$ref":"other.json"}"##,
        #"{"pattern":"("}"#, #"{"multipleOf":0}"#, #"{"minLength":-1}"#, #"{"minItems":2,"maxItems":1}"#,
        #"{"unevaluatedProperties":false}"#, ##"{"$dynamicRef":"#a"}"##, #"{"properties":{"a":5}}"#,
    ])
    func refusesATextThatIsNoSchemaItCanKeepTo(text: String) {
        #expect(Trial.failure { try JSONSchemaCodec(text) } == .invalidSchema)
    }

    @Test(arguments: [##"{"$ref":"#"}"##, ##"{"allOf":[{"$ref":"#"},{"$ref":"#"}]}"##])
    func aSchemaThatCallsForItselfWithoutEndIsStopped(text: String) throws {
        let codec = try JSONSchemaCodec(text)
        #expect(Trial.failure { try Trial.encoded("1", codec) } == .unfitValue)
    }
}
