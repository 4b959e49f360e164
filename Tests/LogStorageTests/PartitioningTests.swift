import KafkaWire
import StreamModel
import Testing

@testable import LogStorage

@Suite struct PartitioningTests {
    private let fixture = LogFixture { $0.partitionsPerTopic = 4 }

    @Test func recordsGoToThePartitionTheirSenderAskedFor() async throws {
        try await fixture.withLog { log throws in
            #expect(
                await log.append(RecordList(["a", "b"], partition: 2)).offsets == [.init(2, 0), .init(2, 1)])
            #expect(try log.values(TopicPartition("user.pin", 2)) == ["a", "b"])
        }
    }

    @Test func recordsOfOneKeyKeepTogetherAndInOrder() async throws {
        try await fixture.withLog { log throws in
            let keys = (0..<40).map { "key-\($0 % 7)" }
            let values = keys.enumerated().map { "\($0.element)/\($0.offset)" }
            let offsets = await log.append(RecordList(values, keys: keys)).offsets
            #expect(offsets.count == 40)
            for (place, offset) in offsets.enumerated() {
                let expected = keys[place].utf8.withContiguousStorageIfAvailable {
                    Murmur2.partition(of: UnsafeRawBufferPointer($0), among: 4)
                }
                #expect(Int(offset.partition.rawValue) == expected)
                let read = try log.values(
                    TopicPartition(.pins, offset.partition), from: offset.offset.rawValue)
                #expect(read.first == values[place])
            }
        }
    }

    @Test func recordsWithoutAKeyOfOneRequestStayTogetherAndRequestsTakeTurns() async throws {
        try await fixture.withLog { log throws in
            var used: Set<Int32> = []
            for _ in 0..<4 {
                let partitions = Set(await log.send("a", "b", "c").offsets.map(\.partition.rawValue))
                #expect(partitions.count == 1)
                used.formUnion(partitions)
            }
            #expect(used == [0, 1, 2, 3])
        }
    }

    @Test(arguments: [-1, 4, Int32.max])
    func aPartitionThatIsNotThereRefusesTheWholeRequest(partition: Int32) async throws {
        try await fixture.withLog { log throws in
            var records = RecordList(["a", "b"], partition: 0)
            records.entries[1].partition = PartitionIndex(partition)
            #expect(await log.append(records).isRefused(.unknownPartition))
            #expect(try log.values(TopicPartition("user.pin", 0)) == [])
        }
    }

    @Test func oneFailingPartitionFailsTheRequestOnce() async throws {
        try await fixture.withLog { log throws in
            _ = await log.append(RecordList(["0"], partition: 1))
            fixture.disk.refuse { call in
                call.kind == .append && call.path.hasPrefix("log/user.pin/1/") ? .error(.diskFull) : nil
            }
            var records = RecordList(["a", "b"], partition: 0)
            records.entries[1].partition = PartitionIndex(1)
            #expect(await log.append(records).isRefused(.failed))
            fixture.disk.refuse(nil)
            #expect(try log.values(TopicPartition("user.pin", 1)) == ["0"])
        }
    }
}

extension AppendReceipt.TopicOffset {
    init(_ partition: Int32, _ offset: Int64) {
        self.init(partition: PartitionIndex(partition), offset: Offset(offset))
    }
}

extension AppendResult {
    /// Where each record came to lie; empty if they were refused.
    var offsets: [AppendReceipt.TopicOffset] {
        if case .success(.scattered(let offsets)) = self { offsets } else { [] }
    }
}
