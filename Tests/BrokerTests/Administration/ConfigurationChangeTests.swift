import KafkaWire
import LogStorage
import Testing

@testable import Broker

/// How the settings of a topic come to be, and what DescribeConfigs tells of them.
@Suite struct ConfigurationChangeTests {
    private typealias Operation = IncrementalAlterConfigsRequest.Operation

    private func changed(
        _ overrides: [String: String] = [:], _ changes: (String, Operation, String?)...
    ) throws -> [String: String] {
        try ConfigurationChange.applying(
            changes.map { .init(name: $0.0, operation: $0.1.rawValue, value: $0.2) },
            to: TopicConfiguration(overrides), LogSettings()
        ).overrides
    }

    private func code(_ body: () throws -> Void) -> KafkaErrorCode? {
        do {
            try body()
            return nil
        } catch {
            return (error as? AdministrationError)?.code
        }
    }

    @Test func aReplacementForgetsWhatItDoesNotName() throws {
        let replaced = try ConfigurationChange.replacement([("segment.bytes", "1000")])
        #expect(replaced.overrides == ["segment.bytes": "1000"])
        #expect(try ConfigurationChange.replacement([]).overrides.isEmpty)
    }

    @Test func setChangesOneAndDeleteTakesItBack() throws {
        let both = ["retention.ms": "1", "segment.bytes": "1000"]
        #expect(
            try changed(both, ("retention.ms", .set, "2")) == ["retention.ms": "2", "segment.bytes": "1000"])
        #expect(try changed(both, ("retention.ms", .delete, nil)) == ["segment.bytes": "1000"])
        #expect(try changed([:], ("retention.ms", .delete, nil)).isEmpty)
    }

    @Test func appendBeginsWithTheDefault() throws {
        #expect(
            try changed([:], ("cleanup.policy", .append, "compact")) == ["cleanup.policy": "delete,compact"])
    }

    @Test func appendAddsNothingTwice() throws {
        let both = ["cleanup.policy": "compact,delete"]
        #expect(try changed(both, ("cleanup.policy", .append, "delete")) == both)
    }

    @Test func subtractTakesOutOfAList() throws {
        let left = try changed(["cleanup.policy": "compact,delete"], ("cleanup.policy", .subtract, "delete"))
        #expect(left == ["cleanup.policy": "compact"])
    }

    @Test func onlyListsCanBeAddedTo() {
        #expect(code { _ = try changed([:], ("retention.ms", .append, "1")) } == .invalidConfig)
        #expect(code { _ = try changed([:], ("retention.ms", .subtract, "1")) } == .invalidConfig)
    }

    @Test func aKeyTwiceInOneRequestIsRefused() {
        #expect(
            code { _ = try changed([:], ("retention.ms", .set, "1"), ("retention.ms", .set, "2")) }
                == .invalidRequest)
        #expect(
            code { _ = try ConfigurationChange.replacement([("retention.ms", "1"), ("retention.ms", "1")]) }
                == .invalidRequest)
    }

    @Test func noValueIsRefusedButForDelete() {
        #expect(code { _ = try changed([:], ("retention.ms", .set, nil)) } == .invalidRequest)
    }

    @Test func anOperationThatIsNotKnownIsRefused() {
        let change = IncrementalAlterConfigsRequest.Config(name: "retention.ms", operation: 9, value: "1")
        let code = code {
            _ = try ConfigurationChange.applying([change], to: TopicConfiguration(), LogSettings())
        }
        #expect(code == .invalidRequest)
    }

    @Test func keysAndValuesThatAreNotAllowedAreRefused() {
        #expect(code { _ = try changed([:], ("no.such", .set, "1")) } == .invalidConfig)
        #expect(code { _ = try changed([:], ("retention.ms", .set, "-2")) } == .invalidConfig)
        #expect(
            code { _ = try changed(["cleanup.policy": "compact"], ("cleanup.policy", .subtract, "compact")) }
                == .invalidConfig)
    }
}

@Suite struct SettingDescriptionTests {
    private func retention(_ overrides: [String: String], _ settings: LogSettings) throws
        -> SettingDescription
    {
        let all = SettingDescription.all(of: try TopicConfiguration(overrides), settings)
        return try #require(all.first { $0.name == "retention.ms" })
    }

    @Test func theDefaultIsToldAsSuch() throws {
        let setting = try retention([:], LogSettings())
        #expect(setting.source == .defaultValue && setting.value == "604800000" && setting.type == .long)
        #expect(setting.values.map(\.name) == ["log.retention.ms"])
    }

    @Test func theServersOwnSettingStandsBeforeTheDefault() throws {
        var settings = LogSettings()
        settings.retentionMilliseconds = 5
        let setting = try retention([:], settings)
        #expect(setting.values.map(\.source) == [.staticBroker, .defaultValue] && setting.value == "5")
    }

    @Test func theTopicsOwnStandsBeforeAll() throws {
        var settings = LogSettings()
        settings.retentionMilliseconds = 5
        let setting = try retention(["retention.ms": "7"], settings)
        #expect(setting.values.map(\.source) == [.dynamicTopic, .staticBroker, .defaultValue])
        #expect(setting.values.map(\.value) == ["7", "5", "604800000"])
    }

    @Test func synonymsAndDocumentationAreLeftOutUnlessAskedFor() throws {
        let setting = try retention([:], LogSettings())
        let brief = setting.config(withSynonyms: false, withDocumentation: false)
        #expect(brief.synonyms.isEmpty && brief.documentation == nil)
        let full = setting.config(withSynonyms: true, withDocumentation: true)
        #expect(full.synonyms.count == 1 && full.documentation?.isEmpty == false)
    }

    @Test func everySettingOfTheServerIsReadOnlyAndNamedOnce() {
        let all = SettingDescription.server(
            BrokerSettings(), LogSettings(), directory: "/data/log",
            address: BrokerAddress(host: "localhost", port: 9092))
        #expect(all.allSatisfy(\.isReadOnly) && Set(all.map(\.name)).count == all.count)
        #expect(all.first { $0.name == "advertised.listeners" }?.value == "PLAINTEXT://localhost:9092")
    }
}
