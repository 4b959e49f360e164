import KafkaWire
import NIOCore
import StreamModel
import Testing

@testable import LogStorage

@Suite struct AppendAndReadTests {
    @Test func recordsComeBackInOrderAcrossSegments() async throws {
        let fixture = LogFixture()
        try await fixture.withLog { log throws in
            for number in 0..<40 { #expect(await log.send("value-\(number)").firstOffset == Int64(number)) }
            #expect(fixture.paths("log").count > 4)
            #expect(try log.values() == (0..<40).map { "value-\($0)" })
        }
    }

    @Test func everyOffsetCanBeTheFirstToRead() async throws {
        let fixture = LogFixture()
        try await fixture.withLog { log throws in
            for number in 0..<30 { _ = await log.send("\(number * 2)", "\(number * 2 + 1)") }
            for start in stride(from: 59, through: 0, by: -1) {
                #expect(try log.values(from: Int64(start)) == (start..<60).map(String.init))
            }
        }
    }

    @Test(arguments: [1, 60, 100, 399, 1 << 20])
    func aSmallReadGoesOnWhereTheLastOneEnded(maxBytes: Int) async throws {
        let fixture = LogFixture()
        try await fixture.withLog { log throws in
            for number in 0..<30 { _ = await log.send("\(number)") }
            #expect(try log.values(step: maxBytes) == (0..<30).map(String.init))
        }
    }

    @Test func batchesLargerThanTheReadBufferAreReadWhole() async throws {
        let fixture = LogFixture { $0.maxMessageBytes = 8 << 20 }
        let large = String(repeating: "x", count: 3 << 20)
        try await fixture.withLog { log throws in
            _ = await log.send("before")
            _ = await log.send(large)
            _ = await log.send("after")
            #expect(try log.values() == ["before", large, "after"])
            #expect(try log.values(from: 1, step: 1) == [large, "after"])
        }
    }

    @Test func keysHeadersNullsAndTimestampsComeBack() async throws {
        let fixture = LogFixture()
        let headers = [RecordHeader(name: "a", value: [1]), RecordHeader(name: "", value: nil)]
        let bytes = ByteBuffer(string: "keyvalue")
        let records = RecordList(
            bytes: bytes,
            entries: [
                .init(key: .init(start: 0, count: 3), value: .init(start: 3, count: 5), headers: headers),
                .init(key: nil, value: nil),
                .init(key: .init(start: 0, count: 0), value: .init(start: 8, count: 0)),
            ])
        try await fixture.withLog { log throws in
            _ = await log.append(records)
            var seen: [String] = []
            _ = try log.read(.zero, from: Offset(0), maxBytes: .max) { record in
                let key = record.key.map { String(decoding: $0, as: UTF8.self) }
                let value = record.value.map { String(decoding: $0, as: UTF8.self) }
                seen.append("\(key ?? "null") \(value ?? "null") \(record.headers.count)")
                #expect(record.timestamp == fixture.clock.milliseconds)
                #expect(record.headers == (record.offset == Offset(0) ? headers : []))
            }
            #expect(seen == ["key value 2", "null null 0", "  0"])
        }
    }

    @Test func nothingIsReadAtTheEndAndAnErrorIsThrownBeyondIt() async throws {
        let fixture = LogFixture()
        try await fixture.withLog { log throws in
            _ = await log.send("a", "b")
            let next = try log.read(.zero, from: Offset(2), maxBytes: 100) { _ in Issue.record("a record") }
            #expect(next == Offset(2))
            for offset in [3, -1] as [Int64] {
                #expect(throws: LogStorageError.self) {
                    try log.read(.zero, from: Offset(offset), maxBytes: 100) { _ in }
                }
            }
            #expect(throws: LogStorageError.self) { try log.range(of: TopicPartition("absent", 0)) }
            #expect(throws: LogStorageError.self) { try log.range(of: TopicPartition("user.pin", 1)) }
        }
    }

    @Test func anErrorOfTheReaderComesThrough() async throws {
        struct Enough: Error {}
        let fixture = LogFixture()
        try await fixture.withLog { log throws in
            _ = await log.send("a", "b")
            #expect(throws: Enough.self) {
                try log.read(.zero, from: Offset(0), maxBytes: 100) { _ in throw Enough() }
            }
            #expect(try log.values() == ["a", "b"])
        }
    }

    @Test func requestsThatWaitForOneFlushGetOffsetsOfTheirOwn() async throws {
        let fixture = LogFixture()
        try await fixture.withLog { log throws in
            _ = await log.send("0")
            fixture.disk.holdFlushes()
            async let first = log.send("1")
            await eventually { fixture.disk.isHoldingAFlush }
            let offsets = await withTaskGroup { group in
                for number in 0..<20 {
                    group.addTask { await log.send("\(number)-a", "\(number)-b").firstOffset }
                }
                fixture.disk.releaseFlushes()
                return await group.reduce(into: []) { $0.append($1 ?? -1) }
            }
            #expect(await first.firstOffset == 1)
            #expect(offsets.sorted() == (0..<20).map { Int64(2 + 2 * $0) })
            let values = try log.values(from: 2)
            for pair in stride(from: 0, to: 40, by: 2) {
                #expect(values[pair].dropLast() == values[pair + 1].dropLast())
            }
        }
    }

    @Test func readersSeeOnlyWhatIsDurable() async throws {
        let fixture = LogFixture()
        try await fixture.withLog { log throws in
            _ = await log.send("a")
            fixture.disk.holdFlushes()
            async let answer = log.send("b")
            await eventually { fixture.disk.isHoldingAFlush }
            #expect(try log.range(of: .zero) == OffsetRange(start: Offset(0), end: Offset(1)))
            #expect(try log.values() == ["a"])
            fixture.disk.releaseFlushes()
            _ = await answer
            #expect(try log.values() == ["a", "b"])
        }
    }

    @Test func readersKeepUpWithAWriterAcrossSegments() async throws {
        let fixture = LogFixture()
        try await fixture.withLog { log throws in
            try log.createTopic(.pins)
            try await withThrowingTaskGroup { group in
                for _ in 0..<3 {
                    group.addTask {
                        var seen: [String] = []
                        while seen.count < 200 {
                            seen += try log.values(from: Int64(seen.count), step: 150)
                            await Task.yield()
                        }
                        #expect(seen == (0..<200).map(String.init))
                    }
                }
                for number in 0..<200 { _ = await log.send("\(number)") }
                try await group.waitForAll()
            }
        }
    }

    @Test func anAppendWakesWhoWaitsForOne() async throws {
        let fixture = LogFixture()
        try await fixture.withLog { log throws in
            let before = log.waitForAppend(after: 0, timeout: .zero)
            _ = await log.send("a")
            let after = log.waitForAppend(after: before, timeout: .seconds(30))
            #expect(after > before)
            #expect(log.waitForAppend(after: after, timeout: .zero) == after)
        }
    }

    @Test func noRecordsAreAnsweredWithoutATrace() async throws {
        for partitions in [1, 3] {
            let fixture = LogFixture { $0.partitionsPerTopic = partitions }
            try await fixture.withLog { log throws in
                _ = await log.send("a")
                #expect(await log.append(RecordList([])) == .success(.scattered([])))
                _ = await log.send("b")
            }
            try await fixture.withLog { log throws in
                let values = try log.partitions().flatMap { try log.values($0) }
                #expect(values.sorted() == ["a", "b"])
            }
        }
    }

    @Test func aRecordThatIsTooLargeIsRefusedWithItsNeighbours() async throws {
        let fixture = LogFixture { $0.maxMessageBytes = 100 }
        try await fixture.withLog { log throws in
            let tooLarge = String(repeating: "x", count: 101)
            #expect(await log.send("fits", tooLarge).isRefused(.recordTooLarge))
            #expect(await log.send(String(tooLarge.dropLast())).firstOffset == 0)
        }
    }

    @Test func appendsPastTheLimitOfWaitingBytesAreRefusedUntilTheDiskCatchesUp() async throws {
        let fixture = LogFixture { $0.maxPendingBytes = 200 }
        try await fixture.withLog { log throws in
            _ = await log.send("0")
            fixture.disk.holdFlushes()
            async let first = log.send("1")
            await eventually { fixture.disk.isHoldingAFlush }
            async let second = log.send(String(repeating: "2", count: 150))
            await eventually { log.waitingByteCount >= 200 }
            #expect(await log.send("3").isRefused(.overloaded))
            fixture.disk.releaseFlushes()
            #expect(await first.firstOffset == 1)
            #expect(await second.firstOffset == 2)
            await eventually { log.waitingByteCount == 0 }
            #expect(await log.send("4").firstOffset == 3)
        }
    }

    @Test func recentPositionsAreFoundAndTheOldestForgotten() {
        var cache = PositionCache()
        for offset in 0..<9 as Range<Int64> { cache.remember(offset, in: 0, at: Int(offset) * 100) }
        #expect(cache.position(of: 0, in: 0) == nil)
        #expect(cache.position(of: 8, in: 0) == 800)
        #expect(cache.position(of: 8, in: 5) == nil)
        cache.remember(8, in: 5, at: 7)
        #expect(cache.position(of: 8, in: 5) == 7)
        #expect(cache.position(of: 1, in: 0) == 100)
    }

    @Test func aReaderThatGoesOnReadsNoByteTwice() async throws {
        let fixture = LogFixture {
            $0.segmentBytes = 1 << 20
            $0.indexIntervalBytes = 1 << 20
        }
        try await fixture.withLog { log throws in
            for number in 0..<50 { _ = await log.send("\(number)") }
            let size = try #require(fixture.paths("log").first.flatMap { fixture.disk[$0]?.count })
            var next = Offset(0)
            _ = try log.read(.zero, from: next, maxBytes: 1) { next = $0.offset.advanced(by: 1) }
            let before = fixture.disk.readBytes
            _ = try log.read(.zero, from: next, maxBytes: .max) { _ in }
            #expect(fixture.disk.readBytes - before < size)
        }
    }
}
