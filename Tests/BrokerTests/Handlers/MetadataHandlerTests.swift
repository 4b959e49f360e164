import KafkaWire
import LogStorage
import NIOCore
import StreamModel
import Testing

@testable import Broker

@Suite struct MetadataHandlerTests {
    private func request(
        _ topics: [String]?, version: Int16 = 9, createsTopics: Bool = true, wantsOperations: Bool = false
    ) -> ByteBuffer {
        WireBytes.request(.metadata, version: version) { writer in
            writer.nullableArray(topics) { writer, topic in
                if version >= 10 { writer.uuid(.zero) }
                writer.string(topic)
                writer.emptyTaggedFields()
            }
            if version >= 4 { writer.bool(createsTopics) }
            if (8...10).contains(version) { writer.bool(wantsOperations) }
            if version >= 8 { writer.bool(wantsOperations) }
            writer.emptyTaggedFields()
        }
    }

    private func ask(_ fixture: LogFixture, _ request: ByteBuffer) async throws -> MetadataResponse {
        try #require(try await fixture.ask(request, as: MetadataResponse.self))
    }

    @Test(arguments: Int16(0)...12)
    func everyTopicIsToldOfWhereNoneIsNamed(version: Int16) async throws {
        let fixture = try LogFixture()
        try fixture.log.createTopic(#require(TopicName("b")), partitions: 3)
        try fixture.log.createTopic(#require(TopicName("a")))
        let answer = try await ask(fixture, request(version == 0 ? [] : nil, version: version))
        #expect(answer.topics.map(\.name) == ["a", "b"])
        #expect(answer.topics.map(\.partitionCount) == [1, 3])
        #expect(answer.clusterID == "test-cluster")
        #expect(answer.clusterAuthorizedOperations == Int32.min)
    }

    @Test func anEmptyListNamesNoTopic() async throws {
        let fixture = try LogFixture()
        try fixture.log.createTopic(#require(TopicName("a")))
        #expect(try await ask(fixture, request([], version: 1)).topics.isEmpty)
    }

    @Test func aTopicThatIsNotThereIsMadeAndToldOf() async throws {
        let fixture = try LogFixture()
        let answer = try await ask(fixture, request(["new", "new"]))
        #expect(answer.topics.map(\.error) == [.none, .none])
        #expect(fixture.log.partitionCount(of: try #require(TopicName("new"))) == 1)
    }

    @Test func noTopicIsMadeIfClientOrServerDoesNotWantIt() async throws {
        let willing = try LogFixture()
        #expect(
            try await ask(willing, request(["new"], createsTopics: false)).topics.map(\.error)
                == [.unknownTopicOrPartition])
        var settings = BrokerSettings()
        settings.autoCreateTopics = false
        let unwilling = try LogFixture(settings: settings)
        #expect(
            try await ask(unwilling, request(["new"])).topics.map(\.error) == [.unknownTopicOrPartition])
        #expect(willing.log.topicDescriptions().isEmpty)
        #expect(unwilling.log.topicDescriptions().isEmpty)
    }

    @Test(arguments: ["", "a/b", "..", String(repeating: "x", count: 250)])
    func aNameThatNoTopicCanHaveIsInvalid(name: String) async throws {
        #expect(try await ask(LogFixture(), request([name])).topics.map(\.error) == [.invalidTopic])
    }

    @Test func whatMayNotBeDescribedIsLeftOutUnlessItIsNamed() async throws {
        let fixture = try LogFixture(authorizer: TopicDenyingAuthorizer(topics: ["a", "new"]))
        try fixture.log.createTopic(#require(TopicName("a")))
        #expect(try await ask(fixture, request(nil)).topics.isEmpty)
        let named = try await ask(fixture, request(["a", "new"])).topics
        #expect(named.map(\.error) == [.topicAuthorizationFailed, .topicAuthorizationFailed])
        #expect(fixture.log.topicDescriptions().count == 1)
    }

    @Test func aTopicIsFoundByItsID() async throws {
        let fixture = try LogFixture()
        let topic = try fixture.log.createTopic(#require(TopicName("a")))
        let id = WireUUID(high: topic.id.high, low: topic.id.low)
        let answer = try await ask(
            fixture,
            WireBytes.request(.metadata, version: 12) { writer in
                writer.array([id, WireUUID(high: 1, low: 2)]) { writer, id in
                    writer.uuid(id)
                    writer.nullableString(nil)
                    writer.emptyTaggedFields()
                }
                writer.bool(false)
                writer.bool(false)
                writer.emptyTaggedFields()
            })
        #expect(answer.topics.map(\.name) == ["a", nil])
        #expect(answer.topics.map(\.error) == [.none, .unknownTopicID])
        #expect(answer.topics[0].topicID == id)
    }

    @Test func operationsAreToldOfOnlyWhereTheyAreAskedFor() async throws {
        let fixture = try LogFixture(authorizer: TopicDenyingAuthorizer(topics: ["a"], operations: [.delete]))
        try fixture.log.createTopic(#require(TopicName("a")))
        let silent = try await ask(fixture, request(["a"]))
        #expect(silent.topics.first?.authorizedOperations == Int32.min)
        let told = try await ask(fixture, request(["a"], wantsOperations: true))
        // Read 3, write 4, create 5, alter 7, describe 8, describe configs 10, alter configs 11; not delete 6.
        #expect(told.topics.first?.authorizedOperations == 0b1101_1011_1000)
        #expect(told.clusterAuthorizedOperations != Int32.min)
    }
}
