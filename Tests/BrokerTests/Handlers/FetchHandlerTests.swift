import KafkaWire
import LogStorage
import NIOCore
import StreamModel
import Testing

@testable import Broker

@Suite struct FetchHandlerTests {
    private struct Asked {
        var topic = "t"
        var partition: Int32 = 0
        var offset: Int64 = 0
        var epoch: Int32 = -1
        var maxBytes: Int32 = 1 << 20
    }

    private func request(
        _ asked: [Asked], version: Int16 = 12, maxWait: Int32 = 0, minBytes: Int32 = 1,
        maxBytes: Int32 = 1 << 20, isolation: Int8 = 0, sessionEpoch: Int32 = 0
    ) -> ByteBuffer {
        WireBytes.request(.fetch, version: version) { writer in
            writer.int32(-1)
            writer.int32(maxWait)
            writer.int32(minBytes)
            writer.int32(maxBytes)
            writer.int8(isolation)
            if version >= 7 {
                writer.int32(0)
                writer.int32(sessionEpoch)
            }
            writer.array(asked) { writer, asked in
                writer.string(asked.topic)
                writer.array([asked]) { writer, asked in
                    writer.int32(asked.partition)
                    if version >= 9 { writer.int32(asked.epoch) }
                    writer.int64(asked.offset)
                    if version >= 12 { writer.int32(-1) }
                    if version >= 5 { writer.int64(-1) }
                    writer.int32(asked.maxBytes)
                    writer.emptyTaggedFields()
                }
                writer.emptyTaggedFields()
            }
            if version >= 7 { writer.array([String]()) { $0.string($1) } }
            if version >= 11 { writer.string("") }
            writer.emptyTaggedFields()
        }
    }

    private func fetch(
        _ fixture: LogFixture, _ request: ByteBuffer, session: ConnectionSession = ConnectionSession()
    ) async throws -> [FetchResponse.Partition] {
        let answer = try await fixture.ask(request, as: FetchResponse.self, session: session)
        return try #require(answer).topics.flatMap(\.partitions)
    }

    private func fixture(topics: [String] = ["t"]) throws -> LogFixture {
        let fixture = try LogFixture()
        for name in topics { try fixture.log.createTopic(#require(TopicName(name))) }
        return fixture
    }

    @Test(arguments: Int16(4)...12)
    func recordsAreAnsweredAsTheyWereProduced(version: Int16) async throws {
        let fixture = try fixture()
        _ = try await fixture.produce("a", "b")
        _ = try await fixture.produce("c")
        let partition = try #require(
            try await fetch(fixture, request([Asked(offset: 0)], version: version)).first)
        #expect(partition.error == .none)
        #expect(partition.highWatermark == 3)
        #expect(partition.lastStableOffset == 3)
        #expect(partition.logStartOffset == 0)
        #expect(partition.abortedTransactions == nil)
        #expect(try RecordBatches.values(partition.records) == ["0:a", "1:b", "2:c"])
    }

    @Test func aClientThatReadsCommittedRecordsIsToldOfAbortedOnes() async throws {
        let fixture = try fixture()
        _ = try await fixture.produce("a")
        let partition = try #require(try await fetch(fixture, request([Asked()], isolation: 1)).first)
        #expect(partition.abortedTransactions == [])
        #expect(try RecordBatches.values(partition.records) == ["0:a"])
    }

    @Test func theFirstBatchIsWholeHoweverLittleIsAskedFor() async throws {
        let fixture = try fixture(topics: ["t", "u"])
        _ = try await fixture.produce(String(repeating: "x", count: 5000))
        _ = try await fixture.produce("second")
        _ = try await fixture.produce("other", topic: "u")
        let partitions = try await fetch(
            fixture,
            request([Asked(maxBytes: 10), Asked(topic: "u")], maxBytes: 100))
        #expect(try RecordBatches.values(partitions[0].records).count == 1)
        #expect(partitions[1].records.readableBytes == 0)
        #expect(partitions[1].highWatermark == 1)
    }

    @Test(arguments: [
        ("t", Int32(0), Int64(1), KafkaErrorCode.offsetOutOfRange), ("t", 0, -1, .offsetOutOfRange),
        ("t", 1, 0, .unknownTopicOrPartition), ("t", -1, 0, .unknownTopicOrPartition),
        ("nowhere", 0, 0, .unknownTopicOrPartition), ("/", 0, 0, .unknownTopicOrPartition),
    ])
    func aPartitionThatCannotBeReadIsAnsweredAtOnce(
        topic: String, partition: Int32, offset: Int64, error: KafkaErrorCode
    ) async throws {
        let fixture = try fixture()
        let asked = Asked(topic: topic, partition: partition, offset: offset)
        let answer = try await fetch(fixture, request([Asked(), asked], maxWait: 3_600_000))
        #expect(answer.map(\.error) == [.none, error])
        #expect(answer[1].highWatermark == -1)
    }

    @Test func aLaterLeaderIsNotKnown() async throws {
        let fixture = try fixture()
        let answer = try await fetch(fixture, request([Asked(epoch: 1)], maxWait: 3_600_000))
        #expect(answer.first?.error == .unknownLeaderEpoch)
    }

    @Test func aSessionThatWasNeverOpenedIsNotFound() async throws {
        let fixture = try fixture()
        let answer = try await fixture.ask(request([], sessionEpoch: 3), as: FetchResponse.self)
        #expect(answer?.error == .fetchSessionIDNotFound)
    }

    @Test func withoutTheRightToReadATopicIsRefused() async throws {
        let fixture = try LogFixture(authorizer: TopicDenyingAuthorizer(topics: ["t"], operations: [.read]))
        try fixture.log.createTopic(#require(TopicName("t")))
        let answer = try await fetch(fixture, request([Asked()], maxWait: 3_600_000))
        #expect(answer.first?.error == .topicAuthorizationFailed)
    }

    // MARK: Waiting

    @Test func aFetchWithoutRecordsIsAnsweredWhenItsTimeIsOver() async throws {
        let fixture = try fixture()
        let answer = try await fetch(fixture, request([Asked()], maxWait: 1))
        #expect(answer.first?.error == KafkaErrorCode.none)
        #expect(answer.first?.highWatermark == 0)
        #expect(answer.first?.records.readableBytes == 0)
    }

    @Test func aWaitingFetchIsAnsweredWhenARecordComes() async throws {
        let fixture = try fixture(topics: ["t", "u"])
        async let waiting = fetch(
            fixture, request([Asked(topic: "u"), Asked()], maxWait: 3_600_000))
        _ = try await fixture.produce("late")
        let answer = try await waiting
        #expect(answer[0].records.readableBytes == 0)
        #expect(try RecordBatches.values(answer[1].records) == ["0:late"])
    }

    @Test func aFetchThatWantsManyBytesWaitsForThem() async throws {
        let fixture = try fixture()
        _ = try await fixture.produce("first")
        async let waiting = fetch(fixture, request([Asked()], maxWait: 3_600_000, minBytes: 200))
        for _ in 0..<3 { _ = try await fixture.produce(String(repeating: "x", count: 50)) }
        let answer = try await waiting
        #expect(try #require(answer.first).records.readableBytes >= 200)
    }

    @Test func aFetchThatWantsManyBytesReadsAgainOnlyOnceTheyAreThere() async throws {
        let fixture = try fixture()
        _ = try await fixture.produce("first")
        let before = fixture.log.fileReadCount
        async let waiting = fetch(fixture, request([Asked()], maxWait: 3_600_000, minBytes: 20_000))
        while fixture.log.fileReadCount == before { await Task.yield() }
        for _ in 0..<100 { _ = try await fixture.produce(String(repeating: "x", count: 150)) }
        let answer = try await waiting
        #expect(try #require(answer.first).records.readableBytes >= 20_000)
        #expect(fixture.log.fileReadCount - before < 20)
    }

    @Test func aFetchThatWantsTooManyBytesGetsWhatThereIsWhenItsTimeIsOver() async throws {
        let fixture = try fixture()
        _ = try await fixture.produce("only")
        let answer = try await fetch(fixture, request([Asked()], maxWait: 1, minBytes: 100_000))
        #expect(try RecordBatches.values(#require(answer.first).records) == ["0:only"])
    }

    @Test func aFetchIsAnsweredWhenItsClientIsGone() async throws {
        let fixture = try fixture()
        let session = ConnectionSession()
        async let waiting = fetch(fixture, request([Asked()], maxWait: 3_600_000), session: session)
        while session.abandonWait == nil { await Task.yield() }
        session.abandonWait?()
        #expect(try await waiting.first?.records.readableBytes == 0)
    }
}
