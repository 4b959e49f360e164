import StreamModel
import Testing

@testable import Kinesis

@Suite struct ReshardingTests {
    private static let now: Int64 = 1_700_000_000_000

    private func stream(_ shards: Int) throws -> StreamDescription {
        let topic = StreamTopic(
            name: try #require(TopicName("t")), id: TopicID(high: 1, low: 2), partitionCount: shards,
            retentionMilliseconds: 86_400_000)
        return StreamDescription(adopting: topic, now: Self.now)
    }

    private func id(_ number: Int32) -> ShardID { ShardID(PartitionIndex(number)) }

    /// The open shards cover all keys, none twice.
    private func expectWhole(_ stream: StreamDescription) {
        let ranges = stream.shards.filter(\.isRoutable).map(\.range).sorted { $0.start < $1.start }
        #expect(ranges.first?.start == HashKey(0))
        #expect(ranges.last?.end == .max)
        for (left, right) in zip(ranges, ranges.dropFirst()) { #expect(left.isFollowed(by: right)) }
    }

    @Test func aSplitClosesTheParentAndMakesTwoChildren() throws {
        var stream = try stream(2)
        let key = HashKey(stream.shards[1].range.start.rawValue + 101)
        try stream.split(id(1), at: key, now: Self.now)
        #expect(stream.shards.map(\.isOpen) == [true, false, true, true])
        #expect(stream.shards[2].parent == 1 && stream.shards[3].parent == 1)
        #expect(stream.shards[3].range.start == key)
        #expect(
            stream.shards[2].startingNumber > stream.shards[1].endingNumber ?? stream.shards[2].startingNumber
        )
        expectWhole(stream)
    }

    @Test func aMergeTakesNeighboursInEitherOrder() throws {
        var stream = try stream(3)
        try stream.merge(id(1), with: id(0), now: Self.now)
        #expect(stream.shards[3].parent == 1 && stream.shards[3].adjacentParent == 0)
        #expect(stream.shards[3].range == HashKeyRange(HashKey(0), stream.shards[1].range.end))
        expectWhole(stream)
    }

    @Test func whatIsClosedOrApartIsNotChanged() throws {
        var stream = try stream(3)
        #expect(throws: StreamDescription.ReshardingFault.notAdjacent) {
            try stream.merge(id(0), with: id(2), now: Self.now)
        }
        try stream.merge(id(0), with: id(1), now: Self.now)
        let merged = stream
        #expect(throws: StreamDescription.ReshardingFault.notOpen(id(0))) {
            try stream.split(id(0), at: HashKey(5), now: Self.now)
        }
        #expect(stream == merged)
    }

    @Test(arguments: [0, 1] as [UInt128])
    func aSplitNeedsAKeyWellWithinTheShard(_ key: UInt128) throws {
        var stream = try stream(1)
        #expect(throws: StreamDescription.ReshardingFault.hashKeyOutOfRange) {
            try stream.split(id(0), at: HashKey(key), now: Self.now)
        }
        #expect(throws: StreamDescription.ReshardingFault.hashKeyOutOfRange) {
            try stream.split(id(0), at: .max, now: Self.now)
        }
    }

    @Test(arguments: [(2, 4, 6), (4, 5, 15), (10, 13, 37), (4, 2, 6), (5, 3, 7), (10, 3, 17)])
    func scalingTakesAsManyStepsAsKinesis(_ from: Int, _ to: Int, _ total: Int) throws {
        var stream = try stream(from)
        try stream.scale(to: to, now: Self.now)
        #expect(stream.openShards.count == to)
        #expect(stream.shards.count == total)
        expectWhole(stream)
    }

    @Test func anySeriesOfChangesKeepsAllKeysCoveredAndNumbersGrowing() throws {
        var generator = SplitMix(state: 11)
        var stream = try stream(3)
        for _ in 0..<200 {
            let open = stream.shards.filter(\.isRoutable).sorted { $0.range.start < $1.range.start }
            let place = Int(generator.next() % UInt64(open.count))
            if open.count > 8 {
                let other = place == 0 ? 1 : place - 1
                try stream.merge(open[place].id, with: open[other].id, now: Self.now)
            } else {
                try stream.split(open[place].id, at: open[place].range.middle, now: Self.now)
            }
            expectWhole(stream)
        }
        for shard in stream.shards {
            for parent in [shard.parent, shard.adjacentParent].compactMap(\.self) {
                #expect(shard.second > stream.shards[Int(parent)].second)
            }
        }
    }

    @Test func closedShardsAreShownUntilTheirRecordsAreGone() throws {
        var stream = try stream(1)
        try stream.split(id(0), at: HashKey(1 << 100), now: Self.now)
        let day: Int64 = 86_400_000
        #expect(stream.visibleShards(at: Self.now + day - 1).count == 3)
        #expect(stream.visibleShards(at: Self.now + day).count == 2)
    }

    @Test func partitionsThatWereAddedElsewhereAreReadButNotRoutedTo() throws {
        var stream = try stream(2)
        stream.addForeignShards(partitionCount: 4, now: Self.now)
        #expect(stream.openShards.count == 4)
        let routing = ShardRouting(stream)
        for key in [0, 1 << 127, .max] as [UInt128] {
            #expect(routing.shard(for: HashKey(key)).map { $0.rawValue < 2 } == true)
        }
    }
}
