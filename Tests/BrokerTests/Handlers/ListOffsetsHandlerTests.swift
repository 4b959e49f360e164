import KafkaWire
import LogStorage
import NIOCore
import StreamModel
import Testing

@testable import Broker

@Suite struct ListOffsetsHandlerTests {
    private func ask(
        _ fixture: LogFixture, _ timestamps: [Int64], partition: Int32 = 0, version: Int16 = 7,
        epoch: Int32 = -1
    ) async throws -> [ListOffsetsResponse.Partition] {
        let request = WireBytes.request(.listOffsets, version: version) { writer in
            writer.int32(-1)
            if version >= 2 { writer.int8(0) }
            writer.array(["t"]) { writer, topic in
                writer.string(topic)
                writer.array(timestamps) { writer, timestamp in
                    writer.int32(partition)
                    if version >= 4 { writer.int32(epoch) }
                    writer.int64(timestamp)
                    writer.emptyTaggedFields()
                }
                writer.emptyTaggedFields()
            }
            writer.emptyTaggedFields()
        }
        let answer = try await fixture.ask(request, as: ListOffsetsResponse.self)
        return try #require(answer).topics.flatMap(\.partitions)
    }

    private func fixture() async throws -> LogFixture {
        let fixture = try LogFixture()
        try fixture.log.createTopic(#require(TopicName("t")))
        for timestamp in [1000, 3000, 2000] as [Int64] {
            _ = try await fixture.produce("a", "b", timestamp: timestamp)
        }
        return fixture
    }

    @Test(arguments: [
        (Int64(-1), Int64(6), Int64(-1)), (-2, 0, -1), (-3, 2, 3000), (0, 0, 1000), (1001, 2, 3000),
        (3000, 2, 3000), (3001, -1, -1),
    ])
    func aTimeLeadsToTheFirstRecordFromThenOn(
        asked: Int64, offset: Int64, timestamp: Int64
    ) async throws {
        let answer = try #require(try await ask(fixture(), [asked]).first)
        #expect(answer.error == .none)
        #expect(answer.offset == offset)
        #expect(answer.timestamp == timestamp)
        #expect(answer.leaderEpoch == (offset < 0 ? -1 : 0))
    }

    @Test func theNewestRecordTakesVersionSeven() async throws {
        #expect(try await ask(fixture(), [-3], version: 6).map(\.error) == [.unsupportedVersion])
    }

    @Test func aPartitionThatIsAskedForTwiceIsRefused() async throws {
        #expect(try await ask(fixture(), [-1, -2]).map(\.error) == [.invalidRequest, .invalidRequest])
    }

    @Test func aPartitionThatIsNotThereIsUnknown() async throws {
        #expect(try await ask(fixture(), [-1], partition: 4).map(\.error) == [.unknownTopicOrPartition])
    }

    @Test func aLaterLeaderIsNotKnown() async throws {
        #expect(try await ask(fixture(), [-1], epoch: 5).map(\.error) == [.unknownLeaderEpoch])
    }

    @Test(arguments: [(Int32(0), Int32(0), Int64(6)), (3, -1, -1), (-1, -1, -1)])
    func onlyTheOneReignHasAnEnd(epoch: Int32, answered: Int32, end: Int64) async throws {
        let request = WireBytes.request(.offsetForLeaderEpoch, version: 4) { writer in
            writer.int32(-1)
            writer.array(["t"]) { writer, topic in
                writer.string(topic)
                writer.array([Int32(0)]) { writer, partition in
                    writer.int32(partition)
                    writer.int32(-1)
                    writer.int32(epoch)
                    writer.emptyTaggedFields()
                }
                writer.emptyTaggedFields()
            }
            writer.emptyTaggedFields()
        }
        let answer = try await fixture().ask(request, as: OffsetForLeaderEpochResponse.self)
        #expect(
            answer?.topics.first?.partitions
                == [.init(index: 0, error: .none, leaderEpoch: answered, endOffset: end)])
    }
}
