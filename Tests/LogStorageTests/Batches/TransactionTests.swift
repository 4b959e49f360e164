import KafkaWire
import NIOCore
import StreamModel
import Testing

@testable import LogStorage

@Suite struct TransactionTests {
    private func batch(_ value: String, by id: Int64, _ sequence: Int32, epoch: Int16 = 0) -> ClientBatch {
        ClientBatch([value], by: id, epoch: epoch, sequence: sequence, isTransactional: true)
    }

    private func stable(_ log: CommitLog) throws -> Int64 {
        try log.offsets(of: .zero).lastStable.rawValue
    }

    @Test func theLastStableOffsetIsTheFirstOfTheOldestOpenTransaction() async throws {
        try await LogFixture().withPins { log, _ throws in
            _ = await log.append(ClientBatch(["a"]))
            #expect(try stable(log) == 1)
            _ = await log.append(batch("b", by: 1, 0))
            _ = await log.append(batch("c", by: 2, 0))
            _ = await log.append(batch("d", by: 1, 1))
            #expect(try stable(log) == 1)
            #expect(await log.end(1, commits: true).baseOffset == 4)
            #expect(try stable(log) == 2)
            #expect(await log.end(2, commits: false).baseOffset == 5)
            #expect(try stable(log) == 6)
            #expect(try log.offsets(of: .zero).end == Offset(6))
        }
    }

    @Test func readCommittedStopsAtTheFirstOpenTransaction() async throws {
        try await LogFixture().withPins { log, _ throws in
            _ = await log.append(ClientBatch(["a"]))
            _ = await log.append(batch("b", by: 1, 0))
            _ = await log.append(ClientBatch(["c"]))
            #expect(try log.consumed(.readCommitted) == [0: "a"])
            #expect(try log.consumed(.readUncommitted) == [0: "a", 1: "b", 2: "c"])
            let waiting = try log.readBatches(from: 1, .readCommitted)
            #expect(waiting.bytes.readableBytes == 0)
            #expect(waiting.offsets.lastStable == Offset(1) && waiting.offsets.end == Offset(3))
            _ = await log.end(1, commits: true)
            #expect(try log.consumed(.readCommitted) == [0: "a", 1: "b", 2: "c"])
        }
    }

    @Test func abortedTransactionsThatOverlapARangeAreListed() async throws {
        try await LogFixture().withPins { log, _ throws in
            _ = await log.append(batch("a", by: 1, 0))
            _ = await log.append(batch("b", by: 2, 0))
            _ = await log.end(1, commits: false)
            _ = await log.append(batch("c", by: 1, 1))
            _ = await log.end(2, commits: true)
            _ = await log.end(1, commits: false)
            #expect(try log.consumed(.readCommitted) == [1: "b"])
            let all = try log.readBatches(from: 0, .readCommitted).aborted
            #expect(
                all == [
                    AbortedTransaction(producerID: 1, firstOffset: Offset(0)),
                    AbortedTransaction(producerID: 1, firstOffset: Offset(3)),
                ])
            #expect(try log.readBatches(from: 3, .readCommitted).aborted == [all[1]])
            #expect(try log.readBatches(from: 0, maxBytes: 1, .readCommitted).aborted == [all[0]])
            #expect(try log.readBatches(from: 0).aborted.isEmpty)
        }
    }

    @Test func abortedTransactionsAreFoundAcrossSegments() async throws {
        try await LogFixture { $0.segmentBytes = 200 }.withPins { log, fixture throws in
            var expected: [Int64: String] = [:]
            var sequence: Int32 = 0
            for round in 0..<12 as Range<Int32> {
                for _ in 0...round % 4 {
                    let offset = await log.append(batch("\(sequence)", by: 1, sequence)).baseOffset
                    if round % 3 == 0, let offset { expected[offset] = "\(sequence)" }
                    sequence += 1
                }
                _ = await log.end(1, commits: round % 3 == 0)
            }
            #expect(fixture.paths("log").count > 10)
            #expect(!fixture.paths("txnindex").isEmpty)
            for step in [1, 100, 1000] {
                #expect(try log.consumed(.readCommitted, step: step) == expected)
            }
        }
    }

    @Test func aMarkerIsAControlBatchAsApacheKafkaWritesIt() async throws {
        try await LogFixture().withPins { log, fixture throws in
            #expect(await log.end(9, epoch: 4, commits: true, coordinatorEpoch: 6).baseOffset == 0)
            let bytes = try log.readBatches(from: 0).bytes
            let header = try bytes.withUnsafeReadableBytes { bytes in
                let header = try RecordBatchHeader(bytes)
                try header.verify(bytes)
                return header
            }
            #expect(header.attributes == 0x30 && header.recordCount == 1 && header.lastOffsetDelta == 0)
            #expect(header.producerID == 9 && header.producerEpoch == 4 && header.baseSequence == -1)
            #expect(header.baseTimestamp == fixture.clock.milliseconds)
            #expect(header.maxTimestamp == fixture.clock.milliseconds)
            let record: [UInt8] = [
                0x20, 0, 0, 0, 8, 0, 0, 0, 1, 12, 0, 0, 0, 0, 0, 6, 0,
            ]
            #expect(Array(bytes.readableBytesView[61...]) == record)
        }
    }

    @Test func aMarkerOfALaterEpochFencesTheProducer() async throws {
        try await LogFixture().withPins { log, _ throws in
            _ = await log.append(batch("a", by: 1, 0))
            _ = await log.end(1, epoch: 1, commits: false)
            #expect(await log.append(batch("b", by: 1, 1)).refusal == .staleProducerEpoch)
            #expect(await log.append(batch("b", by: 1, 1, epoch: 1)).refusal == .outOfOrderSequence)
            #expect(await log.append(batch("b", by: 1, 0, epoch: 1)).baseOffset == 2)
            #expect(await log.end(1, epoch: 0, commits: true).refusal == .staleProducerEpoch)
            #expect(
                await log.end(1, epoch: 1, commits: true, coordinatorEpoch: -2).refusal
                    == .invalidTransactionState)
            #expect(await log.end(1, epoch: 1, commits: true).baseOffset == 3)
        }
    }

    @Test func sequenceNumbersGoOnFromOneTransactionToTheNext() async throws {
        try await LogFixture().withPins { log, _ throws in
            _ = await log.append(batch("a", by: 1, 0))
            _ = await log.end(1, commits: true)
            #expect(await log.append(batch("a", by: 1, 0)).baseOffset == 0)
            #expect(await log.append(batch("b", by: 1, 1)).baseOffset == 2)
            // A duplicate opens nothing.
            _ = await log.end(1, commits: true)
            #expect(await log.append(batch("b", by: 1, 1)).baseOffset == 2)
            #expect(try stable(log) == 4)
        }
    }

    @Test func aBatchOutsideTheOpenTransactionOfItsProducerIsRefused() async throws {
        try await LogFixture().withPins { log, _ throws in
            _ = await log.append(batch("a", by: 1, 0))
            #expect(
                await log.append(ClientBatch(["b"], by: 1, sequence: 1)).refusal == .invalidTransactionState)
            _ = await log.end(1, commits: true)
            #expect(await log.append(ClientBatch(["b"], by: 1, sequence: 1)).baseOffset == 2)
        }
    }

    @Test func anEndWithoutATransactionIsWrittenAndDoesNoHarm() async throws {
        try await LogFixture().withPins { log, _ throws in
            #expect(await log.end(1, commits: false).baseOffset == 0)
            _ = await log.append(batch("a", by: 1, 0))
            #expect(await log.end(1, commits: true).baseOffset == 2)
            #expect(await log.end(1, commits: false).baseOffset == 3)
            #expect(try log.consumed(.readCommitted) == [1: "a"])
            #expect(try log.readBatches(from: 0, .readCommitted).aborted.isEmpty)
        }
    }

    @Test func aTransactionWhoseCommitFailsOnTheDiskIsNotOpen() async throws {
        try await LogFixture().withPins { log, fixture throws in
            _ = await log.append(ClientBatch(["a"]))
            fixture.disk.capacity = fixture.disk.byteCount
            #expect(await log.append(batch("b", by: 1, 0)).refusal == .diskFull)
            fixture.disk.capacity = .max
            #expect(await log.append(ClientBatch(["c"])).baseOffset == 1)
            #expect(try stable(log) == 2)
            _ = await log.append(batch("d", by: 1, 0))
            fixture.disk.capacity = fixture.disk.byteCount
            #expect(await log.end(1, commits: true).refusal == .diskFull)
            fixture.disk.capacity = .max
            #expect(try stable(log) == 2)
            #expect(await log.end(1, commits: true).baseOffset == 3)
            #expect(try stable(log) == 4)
        }
    }

    @Test func soManyTransactionsAreOpenAtMostAsProducersAreRemembered() async throws {
        try await LogFixture { $0.maxProducers = 3 }.withPins { log, _ throws in
            for id in 0..<3 as Range<Int64> { _ = await log.append(batch("a", by: id, 0)) }
            #expect(await log.append(batch("a", by: 9, 0)).refusal == .overloaded)
            _ = await log.end(1, commits: true)
            #expect(await log.append(batch("a", by: 9, 0)).baseOffset == 4)
        }
    }

    // MARK: Readers of records

    @Test func recordsOfOpenAndAbortedTransactionsAreNotHandedOut() async throws {
        try await LogFixture().withPins { log, _ throws in
            func seen(from offset: Int64 = 0, step: Int = 1 << 20) throws -> [String] {
                var found: [String] = []
                var next = Offset(offset)
                let end = try log.range(of: .zero).end
                while next < end {
                    let after = try log.read(.zero, from: next, maxBytes: step) { record in
                        found.append(record.value.map { String(decoding: $0, as: UTF8.self) } ?? "null")
                    }
                    guard after > next else { break }
                    next = after
                }
                #expect(next == end)
                return found
            }
            _ = await log.send("a")
            _ = await log.append(batch("b", by: 1, 0))
            _ = await log.append(batch("c", by: 2, 0))
            _ = await log.send("d")
            #expect(try seen() == ["a"])
            #expect(try log.range(of: .zero).end == Offset(1))
            // Behind the last stable offset there is nothing yet; no error.
            #expect(try log.read(.zero, from: Offset(3), maxBytes: 100) { _ in } == Offset(3))
            _ = await log.end(1, commits: false)
            _ = await log.end(2, commits: true)
            _ = await log.send("e")
            for step in [1, 100, 200, 1 << 20] {
                #expect(try seen(step: step) == ["a", "c", "d", "e"])
                #expect(try seen(from: 1, step: step) == ["c", "d", "e"])
                #expect(try seen(from: 4, step: step) == ["e"])
            }
        }
    }
}
