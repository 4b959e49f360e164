import KafkaWire
import NIOCore
import StreamModel
import Testing

@testable import LogStorage

@Suite struct ReadBatchesTests {
    /// The base offsets of the batches that a read gives.
    private func offsets(_ fetched: FetchedBatches) throws -> [Int64] {
        try fetched.bytes.withUnsafeReadableBytes { bytes in
            var found: [Int64] = []
            var position = 0
            while position < bytes.count {
                let header = try RecordBatchHeader(bytes, at: position)
                found.append(header.baseOffset)
                position += header.byteCount
            }
            return found
        }
    }

    @Test func aReadBeginsWithTheBatchThatHoldsTheOffset() async throws {
        try await LogFixture { $0.segmentBytes = 1 << 20 }.withPins { log, _ throws in
            for _ in 0..<10 { _ = await log.append(ClientBatch(["a", "b", "c"])) }
            for offset in 0..<30 as Range<Int64> {
                let expected = stride(from: offset / 3 * 3, to: 30, by: 3).map { $0 }
                #expect(try offsets(log.readBatches(from: offset)) == expected)
            }
        }
    }

    @Test func aReadEndsWithTheLastWholeBatchThatFits() async throws {
        try await LogFixture { $0.segmentBytes = 1 << 20 }.withPins { log, _ throws in
            let size = ClientBatch(["a"]).bytes.count
            for _ in 0..<100 { _ = await log.append(ClientBatch(["a"])) }
            for (limit, count) in [
                (size, 1), (size + 1, 1), (2 * size - 1, 1), (2 * size, 2), (90 * size + 5, 90),
                (1 << 20, 100),
            ] {
                #expect(try offsets(log.readBatches(from: 0, maxBytes: limit)).count == count)
            }
        }
    }

    @Test(arguments: [0, 1, 60, 61, 100, 5000, 30_000])
    func theFirstBatchIsGivenWholeHoweverLarge(limit: Int) async throws {
        try await LogFixture { $0.segmentBytes = 1 << 20 }.withPins { log, _ throws in
            _ = await log.append(ClientBatch([String(repeating: "x", count: 20_000)]))
            _ = await log.append(ClientBatch([String(repeating: "y", count: 20_000)]))
            #expect(try offsets(log.readBatches(from: 0, maxBytes: limit)) == [0])
            #expect(try offsets(log.readBatches(from: 1, maxBytes: limit)) == [1])
        }
    }

    @Test func aReaderGoesThroughAllSegments() async throws {
        try await LogFixture().withPins { log, fixture throws in
            for number in 0..<40 { _ = await log.append(ClientBatch(["\(number)"])) }
            #expect(fixture.paths("log").count > 5)
            let all = Dictionary(uniqueKeysWithValues: (0..<40).map { (Int64($0), "\($0)") })
            for step in [1, 150, 1 << 20] {
                #expect(try log.consumed(.readUncommitted, step: step) == all)
            }
        }
    }

    @Test func whatGoesOnWhereAReadEndedIsNotSearchedFor() async throws {
        try await LogFixture { $0.segmentBytes = 1 << 20 }.withPins { log, fixture throws in
            for _ in 0..<200 { _ = await log.append(ClientBatch([String(repeating: "x", count: 1000)])) }
            var next: Int64 = 0
            let before = fixture.disk.readBytes
            while next < 200 {
                next += Int64(try offsets(log.readBatches(from: next, maxBytes: 20_000)).count)
            }
            // What is cut off at the end of a read is read again, and no more.
            #expect(fixture.disk.readBytes - before < 240_000)
        }
    }

    @Test func pastTheEndThereIsNothingAndBesideItAnError() async throws {
        try await LogFixture().withPins { log, fixture throws in
            _ = await log.append(ClientBatch(["a"]))
            #expect(try log.readBatches(from: 1).bytes.readableBytes == 0)
            for offset in [-1, 2, Int64.max] {
                #expect { try log.readBatches(from: offset) } throws: {
                    ($0 as? LogStorageError)?.code == .offsetOutOfRange
                }
            }
            #expect { try log.offsets(of: TopicPartition("no", 0)) } throws: {
                ($0 as? LogStorageError)?.code == .unknownPartition
            }
        }
    }

    @Test func damageIsToldOf() async throws {
        let fixture = LogFixture()
        try await fixture.withLog { log throws in
            try log.ensureTopic(.pins)
            for number in 0..<12 { _ = await log.append(ClientBatch(["\(number)"])) }
        }
        let path = fixture.paths("log")[1]
        let whole = try #require(fixture.disk[path])
        for position in whole.indices where !(12..<16).contains(position % (whole.count / 5)) {
            var damaged = whole
            damaged[position] ^= 0x41
            fixture.disk[path] = damaged
            let log = try fixture.open()
            #expect(throws: LogStorageError.self) {
                for offset in 5..<10 as Range<Int64> { _ = try log.readBatches(from: offset, maxBytes: 1) }
            }
            fixture.crash(log)
        }
    }

    // MARK: By time

    private static let times: [Int64] = [100, 300, 200, 400, 400, 350, 900, 800, 1000, 1001]

    @Test func theFirstRecordAtOrAfterATimeIsFound() async throws {
        for segmentBytes in [200, 400, 1 << 20] {
            for indexBytes in [0, 150, 1 << 20] {
                let fixture = LogFixture {
                    $0.segmentBytes = segmentBytes
                    $0.indexIntervalBytes = indexBytes
                }
                for isReopened in [false, true] {
                    try await fixture.withLog { log throws in
                        if !isReopened {
                            try log.ensureTopic(.pins)
                            for time in Self.times {
                                _ = await log.append(ClientBatch(["a"], timestamp: time))
                            }
                        }
                        for time in 0...1002 as ClosedRange<Int64> {
                            let expected = Self.times.firstIndex { $0 >= time }.map {
                                TimestampedOffset(offset: Offset(Int64($0)), timestamp: Self.times[$0])
                            }
                            #expect(try log.firstRecord(of: .zero, atOrAfter: time) == expected)
                        }
                        #expect(
                            try log.newestRecord(of: .zero)
                                == TimestampedOffset(offset: Offset(9), timestamp: 1001))
                    }
                }
            }
        }
    }

    @Test func theNewestRecordIsTheOneWithTheGreatestTime() async throws {
        try await LogFixture().withPins { log, _ throws in
            #expect(try log.newestRecord(of: .zero) == nil)
            #expect(try log.firstRecord(of: .zero, atOrAfter: 0) == nil)
            for time in [5, 900, 40, 900, 30, 20] as [Int64] {
                _ = await log.append(ClientBatch(["a"], timestamp: time))
            }
            let expected = TimestampedOffset(offset: Offset(1), timestamp: 900)
            #expect(try log.newestRecord(of: .zero) == expected)
        }
    }

    @Test func timesAreFoundWithoutTheIndex() async throws {
        let fixture = LogFixture()
        let log = try fixture.open()
        try log.ensureTopic(.pins)
        for time in Self.times { _ = await log.append(ClientBatch(["a"], timestamp: time)) }
        fixture.crash(log)
        for path in fixture.paths("timeindex") + fixture.paths("index") { fixture.disk[path] = nil }
        try await fixture.withLog { log throws in
            #expect(
                try log.newestRecord(of: .zero) == TimestampedOffset(offset: Offset(9), timestamp: 1001))
            #expect(try log.firstRecord(of: .zero, atOrAfter: 350)?.offset == Offset(3))
        }
    }
}
