import NIOCore
import StreamModel
import Testing

@testable import Gateway

@Suite struct ConsumerRequestTests {
    private func instance(_ text: String) throws(RESTProxyError) -> ConsumerInstanceRequest {
        try ConsumerInstanceRequest(ByteBuffer(string: text))
    }

    private func partition(_ topic: String, _ index: Int32) throws -> TopicPartition {
        TopicPartition(try #require(TopicName(topic)), PartitionIndex(index))
    }

    @Test(arguments: ["", "null", "{}", #"{"name": null, "format": null}"#])
    func emptyWishesAreTheDefaults(_ text: String) throws {
        let request = try instance(text)
        #expect(request == ConsumerInstanceRequest())
        #expect(request.format == .binary && request.offsetReset == .latest && request.commitsAutomatically)
    }

    @Test func everyWishIsRead() throws {
        let request = try instance(
            #"{"id": "i", "name": "n", "format": "json", "auto.offset.reset": "earliest", "#
                + #""auto.commit.enable": "false", "fetch.min.bytes": 5, "consumer.request.timeout.ms": 9}"#)
        #expect(request.name == "i" && request.format == .json && request.offsetReset == .earliest)
        #expect(!request.commitsAutomatically && request.fetchMinBytes == 5)
        #expect(request.requestTimeoutMilliseconds == 9)
    }

    @Test(
        arguments: [
            (#"{"format": "avro"}"#, .invalidConsumerConfiguration),
            (#"{"auto.offset.reset": ""}"#, .invalidConsumerConfiguration),
            (#"{"auto.commit.enable": 1}"#, .invalidRequest),
            (#"{"fetch.min.bytes": -2}"#, .invalidConsumerConstraint),
            (#"{"consumer.request.timeout.ms": 3600001}"#, .invalidConsumerConstraint),
            (#"{"group": "g"}"#, .invalidRequest), ("[]", .invalidRequest), ("{", .unreadableRequest),
        ] as [(String, RESTProxyError.Code)])
    func wrongWishesAreRefused(text: String, code: RESTProxyError.Code) {
        let error = #expect(throws: RESTProxyError.self) { try instance(text) }
        #expect(error?.code == code)
    }

    @Test func topicsWinOverAPattern() throws {
        let body = ByteBuffer(string: #"{"topics": ["a"], "topic_pattern": "b.*"}"#)
        #expect(try SubscriptionRequest(body) == .topics([try #require(TopicName("a"))]))
        let pattern = ByteBuffer(string: #"{"topics": null, "topic_pattern": "b.*"}"#)
        #expect(try SubscriptionRequest(pattern) == .pattern("b.*"))
    }

    @Test func positionsAreOffsetsAndTimes() throws {
        let request = try PositionsRequest(
            ByteBuffer(
                string: #"{"offsets": [{"topic": "a", "partition": 1, "offset": 5, "metadata": null}], "#
                    + #""timestamps": [{"topic": "a", "partition": 0, "timestamp": "1970-01-01T00:00:01Z"}, "#
                    + #"{"topic": "a", "partition": 0, "timestamp": 2.5}, "#
                    + #"{"topic": "a", "partition": 0, "timestamp": 1700000000000}]}"#))
        #expect(request.offsets.map(\.0.partition) == [try partition("a", 1)])
        #expect(request.offsets.map(\.1) == [Offset(5)])
        #expect(request.times.map(\.1) == [1000, 2500, 1_700_000_000_000])
    }

    @Test func emptyCommitMeansEverything() throws {
        #expect(try CommitRequest(ByteBuffer()).entries == nil)
        #expect(try CommitRequest(ByteBuffer(string: #"{"offsets": []}"#)).entries == [])
        #expect(throws: RESTProxyError.self) {
            try CommitRequest(
                ByteBuffer(
                    string: #"{"offsets": [{"topic": "a", "partition": 0, "offset": 9223372036854775807}]}"#))
        }
    }

    @Test(arguments: [
        #"{"topic": "a"}"#, #"{"partition": 0}"#, #"{"topic": 1, "partition": 0}"#, "7",
        #"{"topic": "a", "partition": 4294967296}"#, #"{"topic": "a", "partition": 0, "leader": 1}"#,
    ])
    func whatIsNoPartitionIsRefused(_ text: String) {
        #expect(throws: RESTProxyError.self) {
            try PartitionsRequest.read(ByteBuffer(string: "{\"partitions\": [\(text)]}"))
        }
    }

    @Test func namesThatNoTopicCanHaveAreKept() throws {
        let body = ByteBuffer(string: #"{"partitions": [{"topic": "a b", "partition": "3"}]}"#)
        let named = try #require(try PartitionsRequest.read(body)?.first)
        #expect(named.partition == nil && named.description == "a b-3")
    }

    @Test func partsOfPathsAreEscaped() {
        #expect(PathPart.encode("a/b c~ä") == "a%2Fb%20c~%C3%A4")
    }
}
