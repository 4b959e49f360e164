import KafkaWire
import LogStorage
import NIOCore
import StreamModel
import Testing

@testable import Broker

@Suite struct ProduceHandlerTests {
    private func fixture(authorizer: any Authorizer = OpenAuthorizer()) throws -> LogFixture {
        let fixture = try LogFixture(authorizer: authorizer)
        try fixture.log.createTopic(#require(TopicName("t")))
        return fixture
    }

    @Test(arguments: Int16(3)...9)
    func aBatchGetsTheNextOffset(version: Int16) async throws {
        let fixture = try fixture()
        #expect(try await fixture.produce("a", "b", version: version).baseOffset == 0)
        let second = try await fixture.produce("c", version: version)
        #expect(second.error == .none)
        #expect(second.baseOffset == 2)
        #expect(second.logStartOffset == 0)
    }

    @Test(arguments: [
        ("nowhere", Int32(0), KafkaErrorCode.unknownTopicOrPartition), ("t", 1, .unknownTopicOrPartition),
        ("t", -1, .unknownTopicOrPartition), ("..", 0, .unknownTopicOrPartition),
    ])
    func aPartitionThatIsNotThereIsRefused(
        topic: String, partition: Int32, error: KafkaErrorCode
    ) async throws {
        let fixture = try fixture()
        let answer = try await fixture.produce("a", topic: topic, partition: partition)
        #expect(answer.error == error)
        #expect(answer.baseOffset == -1)
        #expect(fixture.log.partitionCount(of: try #require(TopicName("t"))) == 1)
    }

    @Test func acksThatDoNotExistAreRefused() async throws {
        #expect(try await fixture().produce("a", acks: 2).error == .invalidRequiredAcks)
    }

    private func answer(
        _ records: ByteBuffer, version: Int16 = 9, transactionalID: String? = nil, acks: Int16 = -1,
        _ fixture: LogFixture, session: ConnectionSession = ConnectionSession()
    ) async throws -> ProduceResponse? {
        try await fixture.ask(
            WireBytes.produce(
                version: version, acks: acks, transactionalID: transactionalID, records: records),
            as: ProduceResponse.self, session: session)
    }

    @Test func wrongBytesAreRefusedWithTheReason() async throws {
        let good = RecordBatches.batch(["a"])
        var broken = good
        broken.setInteger(UInt8(ascii: "z"), at: broken.writerIndex - 2)
        var two = good
        two.writeImmutableBuffer(good)
        let cases: [(ByteBuffer, KafkaErrorCode)] = [
            (ByteBuffer(), .invalidRecord), (two, .invalidRecord), (broken, .corruptMessage),
        ]
        let fixture = try fixture()
        for (records, error) in cases {
            let partition = try await answer(records, fixture)?.topics.first?.partitions.first
            #expect(partition?.error == error)
            #expect(partition?.errorMessage != nil)
        }
    }

    @Test func zstdTakesALaterVersionThanSix() async throws {
        var records = RecordBatches.batch(["a"])
        records.setInteger(Int16(4), at: records.readerIndex + 21)
        let partition = try await answer(records, version: 6, fixture())?.topics.first?.partitions.first
        #expect(partition?.error == .unsupportedCompressionType)
    }

    @Test func withoutTheRightToWriteATopicIsRefused() async throws {
        let fixture = try fixture(authorizer: TopicDenyingAuthorizer(topics: ["t"], operations: [.write]))
        #expect(try await fixture.produce("a").error == .topicAuthorizationFailed)
    }

    @Test func aTransactionalBatchWithoutTransactionalIDIsRefused() async throws {
        var records = RecordBatches.batch(["a"])
        records.setInteger(Int16(0x10), at: records.readerIndex + 21)
        let partition = try await answer(records, fixture())?.topics.first?.partitions.first
        #expect(partition?.error == .transactionalIDAuthorizationFailed)
    }

    @Test func withAcksZeroNothingIsAnswered() async throws {
        let fixture = try fixture()
        #expect(try await answer(RecordBatches.batch(["a"]), acks: 0, fixture) == nil)
        #expect(
            try fixture.log.offsets(of: TopicPartition(#require(TopicName("t")), PartitionIndex(0))).end
                == Offset(1))
    }

    @Test func withAcksZeroAnErrorEndsTheConnection() async throws {
        let session = ConnectionSession()
        let records = ByteBuffer(string: "no batch")
        #expect(try await answer(records, acks: 0, fixture(), session: session) == nil)
        #expect(session.closesAfterAnswer)
    }
}
