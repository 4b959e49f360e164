import KafkaWire
import NIOCore
import StreamModel
import Synchronization
import Testing

@testable import LogStorage

@Suite struct ProducerRecoveryTests {
    private func batch(_ value: String, by id: Int64, _ sequence: Int32) -> ClientBatch {
        ClientBatch([value], by: id, sequence: sequence, isTransactional: id >= 100)
    }

    /// Idempotent producers 1 and 2, transactional ones 100 to 102: one committed, one aborted, one open.
    private func fill(_ log: CommitLog) async throws {
        try log.ensureTopic(.pins)
        for sequence in 0..<4 as Range<Int32> {
            for id in [1, 2, 100, 101, 102] as [Int64] {
                _ = await log.append(batch("\(id).\(sequence)", by: id, sequence))
            }
            _ = await log.end(100, commits: true)
            _ = await log.end(101, commits: false)
        }
    }

    @Test(arguments: [true, false], [200, 1 << 20])
    func producersAndTransactionsAreThereAfterAStart(isCleanStop: Bool, segmentBytes: Int) async throws {
        let fixture = LogFixture { $0.segmentBytes = segmentBytes }
        let log = try fixture.open()
        try await fill(log)
        let before = try ObservedState(log)
        if isCleanStop { log.close() } else { fixture.crash(log) }
        #expect(fixture.paths("snapshot").count == (isCleanStop ? 1 : 0))
        for _ in 0..<2 {
            try await fixture.withLog { log throws in
                #expect(try ObservedState(log) == before)
                #expect(await log.append(batch("x", by: 1, 7)).refusal == .outOfOrderSequence)
                #expect(await log.append(batch("1.3", by: 1, 3)).baseOffset == before.lastBatch[1])
            }
        }
        try await fixture.withLog { log throws in
            #expect(await log.append(batch("x", by: 1, 4)).baseOffset == before.end)
            _ = await log.end(102, commits: false)
            #expect(try log.offsets(of: .zero).lastStable == Offset(before.end + 2))
        }
    }

    @Test(arguments: [200, 1 << 20], [0, 1, 2])
    func aSnapshotThatIsTornOldOrMissingCostsNothing(segmentBytes: Int, olderIs: Int) async throws {
        var length = 0
        while true {
            let fixture = LogFixture { $0.segmentBytes = segmentBytes }
            let log = try fixture.open()
            try await fill(log)
            log.close()
            let second = try fixture.open()
            _ = await second.append(batch("x", by: 2, 4))
            _ = await second.append(batch("y", by: 102, 4))
            _ = await second.end(102, commits: false)
            let before = try ObservedState(second)
            second.close()
            let paths = fixture.paths("snapshot")
            #expect(paths.count == 2)
            let whole = try #require(fixture.disk[paths[1]])
            if olderIs == 1 { fixture.disk[paths[0]] = [] }
            if olderIs == 2 { fixture.disk[paths[0]] = nil }
            fixture.disk[paths[1]] = Array(whole.prefix(length))
            for _ in 0..<2 {
                let log = try fixture.open()
                #expect(try ObservedState(log) == before, "\(length) bytes")
                fixture.crash(log)
            }
            guard length < whole.count else { break }
            length = min(whole.count, length + 37)
        }
    }

    @Test func aLogThatIsCutAnywhereHasTheProducersOfWhatIsLeft() async throws {
        for segmentBytes in [300, 1 << 20] {
            let fixture = LogFixture {
                $0.segmentBytes = segmentBytes
                $0.indexIntervalBytes = 1 << 20
            }
            let log = try fixture.open()
            try await fill(log)
            fixture.crash(log)
            let path = try #require(fixture.paths("log").last)
            let index = fixture.paths("txnindex").last
            let whole = try #require(fixture.disk[path])
            let aborted = index.flatMap { fixture.disk[$0] }
            for length in 0...whole.count {
                fixture.disk[path] = Array(whole.prefix(length))
                if let index { fixture.disk[index] = aborted }
                let log = try fixture.open()
                #expect(try ObservedState(log) == ObservedState(replaying: log), "\(length) bytes")
                fixture.crash(log)
            }
        }
    }

    @Test func aSnapshotOfRecordsThatAreLostIsNotBelieved() async throws {
        let fixture = LogFixture {
            $0.flush = .none
            $0.segmentBytes = 1 << 20
            $0.indexIntervalBytes = 1 << 20
        }
        let log = try fixture.open()
        try await fill(log)
        log.close()
        let path = try #require(fixture.paths("log").first)
        for index in fixture.paths("index") + fixture.paths("timeindex") { fixture.disk[index] = [] }
        fixture.disk[path] = Array((fixture.disk[path] ?? []).prefix(1000))
        let opened = try fixture.open()
        #expect(try ObservedState(opened) == ObservedState(replaying: opened))
        #expect(fixture.paths("snapshot").isEmpty)
        fixture.crash(opened)
    }

    @Test func aStartReadsOnlyWhatLiesBehindTheSnapshot() async throws {
        let fixture = LogFixture {
            $0.segmentBytes = 8 << 20
            $0.indexIntervalBytes = 4096
        }
        let log = try fixture.open()
        try log.ensureTopic(.pins)
        let value = String(repeating: "x", count: 900_000)
        for sequence in 0..<40 as Range<Int32> { _ = await log.append(batch(value, by: 1, sequence)) }
        #expect(fixture.paths("snapshot").count == 2)
        let before = try ObservedState(log)
        fixture.crash(log)
        let read = fixture.disk.readBytes
        let opened = try fixture.open()
        #expect(fixture.disk.readBytes - read < 4 << 20)
        #expect(try ObservedState(opened) == before)
        opened.close()
    }

    @Test func retentionTakesTheIndexOfAbortedTransactionsAlong() async throws {
        let fixture = LogFixture {
            $0.segmentBytes = 200
            $0.retentionBytes = 600
        }
        try await fixture.withLog { log throws in
            try await fill(log)
            let before = fixture.paths("txnindex").count
            log.performUpkeep()
            await log.settle()
            #expect(fixture.paths("txnindex").count < before)
            let bases = Set(fixture.paths("log").map { $0.dropLast(4) })
            #expect(fixture.paths("txnindex").allSatisfy { bases.contains($0.dropLast(9)) })
        }
    }

    @Test func aDamagedIndexOfAbortedTransactionsIsToldOf() async throws {
        let fixture = LogFixture { $0.segmentBytes = 200 }
        try await fixture.withLog { try await fill($0) }
        let path = try #require(fixture.paths("txnindex").first)
        let whole = try #require(fixture.disk[path])
        for position in whole.indices {
            var damaged = whole
            damaged[position] ^= 1
            fixture.disk[path] = damaged
            let log = try fixture.open()
            #expect(throws: LogStorageError.self, "byte \(position)") { try log.consumed(.readCommitted) }
            fixture.crash(log)
        }
    }
}

/// What can be seen of a partition's producers and transactions.
struct ObservedState: Equatable, CustomStringConvertible {
    var producers: [Int64: ProducerState] = [:]
    var aborted: [AbortedRange] = []
    var lastStable: Int64 = 0
    var end: Int64 = 0

    /// The offset of each producer's last batch.
    var lastBatch: [Int64: Int64] { producers.compactMapValues(\.batches.last?.baseOffset) }

    init(_ log: CommitLog, of partition: TopicPartition = .zero) throws {
        let found = try log.log(of: partition)
        found.extent.withLock { extent in
            producers = extent.producers.producers
            lastStable = extent.lastStableOffset
            end = extent.endOffset
        }
        aborted = try found.aborted(from: 0, to: .max)
        forgetTimes()
    }

    /// What a reader of the whole log makes of it.
    init(replaying log: CommitLog, of partition: TopicPartition = .zero) throws {
        var table = ProducerTable(limit: .max)
        let range = try log.offsets(of: partition)
        var next = range.start.rawValue
        while next < range.end.rawValue {
            let bytes = try log.readBatches(from: next, of: partition).bytes
            try bytes.withUnsafeReadableBytes { bytes in
                var position = 0
                while position < bytes.count {
                    let header = try RecordBatchHeader(bytes, at: position)
                    if header.isControl, let batch = try ControlBatch(bytes, at: position, header) {
                        let change = ProducerChange.marker(
                            TransactionMarker(batch), offset: header.baseOffset, arrival: nil)
                        if let range = table.apply(change) { aborted.append(range) }
                    } else if let batch = ProducerBatch(header, baseOffset: header.baseOffset, arrival: nil) {
                        _ = table.apply(.batch(batch))
                    }
                    position += header.byteCount
                    next = header.nextOffset
                }
            }
        }
        producers = table.producers
        end = next
        lastStable = table.firstOpenOffset ?? next
        forgetTimes()
    }

    private mutating func forgetTimes() {
        for id in producers.keys { producers[id]?.lastArrival = nil }
    }

    var description: String {
        let states = producers.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        return "stable \(lastStable) end \(end) aborted \(aborted) \(states.joined(separator: "\n"))"
    }
}
