import Sinks
import StreamModel
import Testing

@testable import Connect

@Suite struct ConfigurationTests {
    private static func errors(
        _ changes: [String: String?], _ change: (inout ConnectSettings) -> Void = { _ in }
    ) throws -> [String: [String]] {
        var configuration = Bench.configuration
        configuration["name"] = "s"
        for (key, value) in changes { configuration[key] = value }
        let report = try Bench(change).worker.report(on: configuration)
        return Dictionary(
            uniqueKeysWithValues: report.values.filter { !$0.errors.isEmpty }.map { ($0.key.name, $0.errors) }
        )
    }

    @Test(
        arguments: [
            ([:], [:]),
            (
                ["flush.size": nil],
                ["flush.size": "Missing required configuration \"flush.size\" which has no default value."]
            ),
            (
                ["flush.size": "x"],
                ["flush.size": "Invalid value x for configuration flush.size: Not a number of type INT"]
            ),
            (
                ["flush.size": "0"],
                ["flush.size": "Invalid value 0 for configuration flush.size: Value must be at least 1"]
            ),
            (["flush.size": "13"], ["flush.size": "thirteen goes with nothing"]),
            (
                ["tasks.max": "0"],
                ["tasks.max": "Invalid value 0 for configuration tasks.max: Value must be at least 1"]
            ),
            (["tasks.max": " 3 "], [:]),
            (["errors.tolerance": "all"], [:]),
            (
                ["errors.tolerance": "some"],
                [
                    "errors.tolerance":
                        "Invalid value some for configuration errors.tolerance: String must be one of: none, all"
                ]
            ),
            (
                ["errors.log.enable": "yes"],
                [
                    "errors.log.enable":
                        "Invalid value yes for configuration errors.log.enable: Expected value to be either true or false"
                ]
            ),
            (["value.converter": "JsonConverter"], [:]),
            (["value.converter": "org.apache.kafka.connect.json.JsonConverter"], [:]),
        ] as [([String: String?], [String: String])])
    func singleValuesAreCheckedInKafkasWords(changes: [String: String?], expected: [String: String]) throws {
        #expect(try Self.errors(changes) == expected.mapValues { [$0] })
    }

    @Test func exactlyOneOfTopicsAndTheirPatternIsNeeded() throws {
        let none = try Self.errors(["topics": nil])
        #expect(none["topics"] == ["Must configure one of topics or topics.regex"])
        #expect(none["topics.regex"] == none["topics"])
        let both = try Self.errors(["topics.regex": "me.*"])
        #expect(
            both["topics"] == ["topics and topics.regex are mutually exclusive options, but both are set."])
        #expect(try Self.errors(["topics": nil, "topics.regex": "me.*"]).isEmpty)
        #expect(try Self.errors(["topics": nil, "topics.regex": "("]).keys.contains("topics.regex"))
    }

    @Test func theDeadLetterTopicMayNotBeAmongThoseThatAreRead() throws {
        let letters = "errors.deadletterqueue.topic.name"
        #expect(try Self.errors([letters: "me.pin"]).keys.sorted() == ["topics"])
        #expect(
            try Self.errors([letters: "me.dlq", "topics": nil, "topics.regex": "me\\..*"]).keys.sorted()
                == ["topics.regex"])
        #expect(try Self.errors([letters: "other"]).isEmpty)
    }

    @Test func transformsAndPredicatesAreRefusedByName() throws {
        let errors = try Self.errors([
            "transforms": "a, b",
            "transforms.a.type": "org.apache.kafka.connect.transforms.InsertField$Value",
            "predicates": "p",
        ])
        #expect(
            errors["transforms"] == [
                "transforms.a (org.apache.kafka.connect.transforms.InsertField$Value) cannot be run here: take a "
                    + "out of transforms", "transforms.b cannot be run here: take b out of transforms",
            ])
        #expect(errors["predicates"] == ["predicates.p cannot be run here: take p out of predicates"])
    }

    @Test func convertersThatNeedARegistryAreRefusedWithTheReason() throws {
        let error = try Self.errors(["value.converter": "io.confluent.connect.avro.AvroConverter"])
        #expect(error["value.converter"]?.first?.contains("there is no schema registry here") == true)
    }

    @Test func shortNamesOfConvertersBecomeFullOnes() throws {
        let check = try Bench().worker.check(FakeSink())
        #expect(check.resolve(["key.converter": "String"]).0 == ["key.converter": Converters.string])
    }

    @Test func keysThatNothingKnowsAreTold() throws {
        var configuration = Bench.configuration
        configuration["flush.sizes"] = "1"
        configuration["value.converter.schemas.enable"] = "false"
        #expect(try Bench().worker.report(on: configuration).unknownKeys == ["flush.sizes"])
    }

    @Test func passwordsAreHidden() throws {
        let report = try Bench().worker.report(on: Bench.configuration.merging(["secret": "hunter2"]) { $1 })
        #expect(report.values.first { $0.key.name == "secret" }?.value == "[hidden]")
    }

    @Test func referencesAreReplacedWhereTheyAreAllowed() throws {
        let changes = ["flush.size": "${env:FLUSH}", "secret": "a${file:secrets.properties:key}b${x}"]
        #expect(try Self.errors(changes).keys.sorted() == ["flush.size", "secret"])
        let allowed = try Bench { $0.configProviders = [.env, .file] }
        let check = allowed.worker.check(FakeSink())
        let (resolved, complaints) = check.resolve(changes)
        #expect(complaints.isEmpty)
        #expect(resolved == ["flush.size": "7", "secret": "avalueb${x}"])
        #expect(check.resolve(["secret": "${env:NONE}"]).complaints.keys.sorted() == ["secret"])
        #expect(check.resolve(["secret": "${file:secrets.properties:none}"]).complaints.count == 1)
    }

    @Test(arguments: [
        ("me.pin, me.geo", "", "me.geo", true), ("me.pin", "", "me.pins", false),
        ("", "me\\..*", "me.pin", true), ("", "me", "me.pin", false), ("", "a|ab", "ab", true),
        ("", ".*pin", "me.pin", true),
    ])
    func topicsAreTakenByNameOrWholePattern(names: String, pattern: String, topic: String, isTaken: Bool)
        throws
    {
        let selection = try #require(TopicSelection(["topics": names, "topics.regex": pattern]))
        #expect(selection.accepts(topic) == isTaken)
    }

    @Test(arguments: [
        ("org.example.FakeSinkConnector", true), ("FakeSinkConnector", true), ("FakeSink", true),
        ("org.example.FakeSink", true), ("Sink", false), ("", false),
    ])
    func aClassHasAFullNameAndShorterOnes(text: String, isMatch: Bool) {
        #expect(PluginName.matches(text, "org.example.FakeSinkConnector") == isMatch)
    }

    @Test func pausesDoubleUpToTheLongestAndBeginAnewAfterSoundWork() {
        var pauses = RestartPauses(first: .seconds(1), longest: .seconds(5))
        let waits = (0..<4).map { _ in pauses.failed(afterWorkingFor: .zero) }
        #expect(waits == [.seconds(1), .seconds(2), .seconds(4), .seconds(5)])
        #expect(pauses.failed(afterWorkingFor: .seconds(6)) == .seconds(1))
    }
}
