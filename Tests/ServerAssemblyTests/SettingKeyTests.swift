import LogStorage
import Sinks
import Testing

@testable import ServerAssembly

@Suite struct SettingKeyTests {
    private func complaint(_ name: String, _ text: String) -> String? {
        var settings = ServerSettings()
        let error = #expect(throws: SettingsError.self, "\(name)=\(text)") {
            try settings.set(name, to: text)
        }
        #expect(settings == ServerSettings())
        return error?.description
    }

    @Test func namesInFileAndEnvironmentAreUnique() {
        let keys = SettingKey.all
        #expect(Set(keys.map(\.name)).count == keys.count)
        #expect(Set(keys.map(\.environmentName)).count == keys.count)
    }

    /// Such a name is told from its group by its value: one text, or keys with values.
    @Test func fewSettingsAreNamedLikeAGroup() {
        let groups = SettingKey.all.filter { key in
            SettingKey.all.contains { $0.name.hasPrefix(key.name + ".") }
        }
        #expect(
            groups.map(\.name) == [
                "ingest", "kafka", "gateway.max.connections", "gateway.auth", "gateway.access.log",
            ])
    }

    @Test func theEnvironmentHasUnderscoresForDots() throws {
        let key = try #require(SettingKey.all.first { $0.name == "log.segment.bytes" })
        #expect(key.environmentName == "PINLINE_LOG_SEGMENT_BYTES")
    }

    @Test(arguments: [
        ("sink.flush.size", "0", "1 to 9223372036854775807"),
        ("sink.flush.size", "many", "1 to 9223372036854775807"),
        ("sink.flush.size", "", "1 to 9223372036854775807"),
        ("sink.flush.size", "1.5", "1 to 9223372036854775807"),
        ("sink.flush.size", "9223372036854775808", "1 to 9223372036854775807"),
        ("log.num.partitions", "10001", "1 to 10000"),
        ("log.segment.bytes", "16383", "16384 to 2147483647"),
        ("log.retention.ms", "-2", "-1 to 9223372036854775807"),
        ("gateway.max.header.bytes", "255", "256 to 1048576"),
        ("gateway.threads", "-1", "0 to 1024"),
        ("sink.retry.backoff.ms", "3600001", "1 to 3600000"),
    ])
    func aNumberOutOfRangeIsRefusedByNameAndRange(name: String, text: String, range: String) {
        #expect(complaint(name, text) == "\(name): '\(text)' is not a number from \(range)")
    }

    @Test func theEndsOfARangeAreAllowed() throws {
        var settings = ServerSettings()
        try settings.set("log.num.partitions", to: "10000")
        try settings.set("log.segment.bytes", to: "16384")
        try settings.set("log.retention.ms", to: "-1")
        #expect(settings.log.partitionsPerTopic == 10_000)
        #expect(settings.log.segmentBytes == 16_384)
        #expect(settings.log.retentionMilliseconds == -1)
    }

    @Test(arguments: [
        ("insecure", "maybe"), ("ingest", "here"), ("web", "1.2.3.4:70000"), ("logging.level", "loud"),
        ("log.flush", "interval:0"), ("log.flush", "interval:x"), ("log.flush", "always"),
        ("sink.errors.deadletterqueue.topic.name", "a/b"), ("sink.topics.dir", "topics/"),
        ("sink.topics.dir", "/topics"), ("sink.topics.dir", "../topics"),
    ])
    func aBadValueIsRefusedByNameAndValue(name: String, text: String) {
        let complaint = complaint(name, text) ?? ""
        #expect(complaint.hasPrefix("\(name): '\(text)' is "))
    }

    @Test(arguments: [
        ("true", true), ("YES", true), ("1", true), ("false", false), ("no", false), ("0", false),
    ])
    func aSwitchTakesTheUsualWords(text: String, value: Bool) throws {
        var settings = ServerSettings()
        settings.insecure = !value
        try settings.set("insecure", to: text)
        #expect(settings.insecure == value)
    }

    @Test func flushPoliciesAreRead() throws {
        var settings = ServerSettings()
        try settings.set("log.flush", to: "none")
        #expect(settings.log.flush == .none)
        try settings.set("log.flush", to: "interval:250")
        #expect(settings.log.flush == .interval(.milliseconds(250)))
        try settings.set("log.flush", to: "commit")
        #expect(settings.log.flush == .commit)
    }

    @Test func objectsMayLieDeepOrAtTheTopOfTheBucket() throws {
        var settings = ServerSettings()
        try settings.set("sink.topics.dir", to: "")
        #expect(settings.sink.topicsDirectory.isEmpty)
        try settings.set("sink.topics.dir", to: "raw/topics")
        #expect(settings.sink.topicsDirectory == "raw/topics")
    }
}
