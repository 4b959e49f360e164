import StreamModel
import Testing

@testable import LogStorage

@Suite struct TopicConfigurationTests {
    private static func refusal(_ overrides: [String: String]) -> String? {
        do {
            _ = try TopicConfiguration(overrides)
            return nil
        } catch {
            #expect(error.code == .invalidConfiguration)
            return error.message
        }
    }

    @Test(arguments: [
        ("retention.ms", "-1"), ("retention.ms", "604800000"), ("retention.bytes", "1"),
        ("segment.bytes", "14"),
        ("segment.ms", "1"), ("max.message.bytes", "0"), ("cleanup.policy", "delete"),
        ("cleanup.policy", "compact, delete"), ("delete.retention.ms", "0"),
        ("min.cleanable.dirty.ratio", "0.1"),
        ("min.compaction.lag.ms", "5"), ("max.compaction.lag.ms", "1"), ("compression.type", "producer"),
        ("message.timestamp.type", "CreateTime"), ("min.insync.replicas", "2"), ("flush.ms", "1000"),
        ("unclean.leader.election.enable", "True"), ("preallocate", "false"),
        ("index.interval.bytes", "4096"),
    ])
    func takesWhatKafkaTakes(key: String, value: String) {
        #expect(Self.refusal([key: value]) == nil)
    }

    @Test(arguments: [
        ("retention.ms", "-2"), ("retention.ms", "1d"), ("retention.ms", ""), ("segment.bytes", "13"),
        ("segment.bytes", "2147483648"), ("segment.ms", "0"), ("max.message.bytes", "-1"),
        ("cleanup.policy", ""),
        ("cleanup.policy", "compact,"), ("cleanup.policy", "shrink"), ("min.cleanable.dirty.ratio", "1.1"),
        ("min.cleanable.dirty.ratio", "nan"), ("max.compaction.lag.ms", "0"), ("compression.type", "lz4"),
        ("message.timestamp.type", "LogAppendTime"), ("min.insync.replicas", "0"), ("preallocate", "maybe"),
        ("retention", "1"), ("", ""),
    ])
    func refusesWhatIsOutOfRangeOrUnknownAndNamesIt(key: String, value: String) {
        let message = Self.refusal([key: value])
        #expect(message?.contains(key) == true)
    }

    @Test func theTwoLagsMustNotContradictEachOther() {
        #expect(Self.refusal(["min.compaction.lag.ms": "6", "max.compaction.lag.ms": "5"]) != nil)
        #expect(Self.refusal(["min.compaction.lag.ms": "5", "max.compaction.lag.ms": "5"]) == nil)
    }

    @Test func overridesGoBeforeTheLogsSettings() throws {
        var settings = LogSettings()
        settings.retentionMilliseconds = 7
        settings.segmentBytes = 8
        let configuration = try TopicConfiguration(["segment.bytes": "99", "cleanup.policy": "compact"])
        let applied = configuration.applied(to: settings)
        #expect(applied.retentionMilliseconds == 7)
        #expect(applied.segmentBytes == 99)
        #expect(applied.cleanupPolicy == .compact)
        #expect(applied.maxTopics == settings.maxTopics)
    }

    @Test func everyKeyHasADefaultThatItAllows() throws {
        for key in TopicConfiguration.keys {
            let text = key.defaultValue(LogSettings())
            #expect(Self.refusal([key.name: text]) == nil, "\(key.name)")
            #expect(!key.documentation.isEmpty)
        }
        #expect(TopicConfiguration.keys.map(\.name) == TopicConfiguration.keys.map(\.name).sorted())
    }

    @Test func aValueIsTheOverrideOrTheDefault() throws {
        let key = try #require(TopicConfiguration.key("cleanup.policy"))
        let settings = LogSettings()
        #expect(TopicConfiguration().value(of: key, in: settings) == "delete")
        let both = try TopicConfiguration(["cleanup.policy": "delete,compact"])
        #expect(both.value(of: key, in: settings) == "delete,compact")
        #expect(both.applied(to: settings).cleanupPolicy.text == "compact,delete")
    }

    // MARK: The file

    @Test func propertiesAreReadAsTheyWereWritten() throws {
        let configuration = try TopicConfiguration([
            "retention.ms": "5", "follower.replication.throttled.replicas": "a=b\\c\nd\re # ü",
        ])
        let properties = TopicProperties(
            id: TopicID(high: 1, low: .max), partitionCount: 12, configuration: configuration)
        #expect(try TopicProperties(text: properties.text) == properties)
    }

    @Test(arguments: [
        "", "topic.id=00000000000000010000000000000002\n", "topic.partitions=1\n",
        "topic.id=00000000000000010000000000000002\ntopic.partitions=0\n",
        "topic.id=00000000000000010000000000000002\ntopic.partitions=99999999999\n",
        "topic.id=1\ntopic.partitions=1\n",
        "topic.id=00000000000000010000000000000002\ntopic.partitions=1\nretention.ms=never\n",
        "topic.id=00000000000000010000000000000002\ntopic.partitions=1\nwhat\n",
    ])
    func propertiesThatAreNotWholeAreRefused(text: String) {
        #expect(throws: LogStorageError.self) { try TopicProperties(text: text) }
    }
}
