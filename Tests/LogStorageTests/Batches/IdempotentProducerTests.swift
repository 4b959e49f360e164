import StreamModel
import Testing

@testable import LogStorage

@Suite struct IdempotentProducerTests {
    @Test func sequenceNumbersThatFollowOneAnotherAreTaken() async throws {
        try await LogFixture().withPins { log, _ throws in
            for sequence in 0..<20 as Range<Int32> {
                let answer = await log.append(ClientBatch(["a", "b"], by: 7, sequence: sequence * 2))
                #expect(answer.baseOffset == Int64(sequence) * 2)
            }
        }
    }

    @Test func aBatchThatIsSentAgainGetsItsFirstOffsetAndIsNotStoredTwice() async throws {
        try await LogFixture().withPins { log, _ throws in
            for number in 0..<7 as Range<Int32> {
                _ = await log.append(ClientBatch(["\(number)"], by: 7, sequence: number))
            }
            for number in 2..<7 as Range<Int32> {
                let again = await log.append(ClientBatch(["\(number)"], by: 7, sequence: number))
                #expect(again.baseOffset == Int64(number))
            }
            #expect(try log.values() == (0..<7).map(String.init))
        }
    }

    @Test func aBatchThatIsNoLongerRememberedIsToldToBeADuplicate() async throws {
        try await LogFixture().withPins { log, _ throws in
            for number in 0..<7 as Range<Int32> {
                _ = await log.append(ClientBatch(["\(number)"], by: 7, sequence: number))
            }
            #expect(await log.append(ClientBatch(["1"], by: 7, sequence: 1)).refusal == .duplicateSequence)
            // Of a producer that was met in the middle nothing is certain.
            for number in 10..<17 as Range<Int32> {
                _ = await log.append(ClientBatch(["\(number)"], by: 8, sequence: number))
            }
            #expect(await log.append(ClientBatch(["1"], by: 8, sequence: 1)).refusal == .outOfOrderSequence)
        }
    }

    @Test func aGapIsRefused() async throws {
        try await LogFixture().withPins { log, _ throws in
            _ = await log.append(ClientBatch(["a", "b"], by: 7, sequence: 0))
            for sequence in [1, 3, 4, Int32.max] {
                let answer = await log.append(ClientBatch(["c"], by: 7, sequence: sequence))
                #expect(answer.refusal == .outOfOrderSequence)
            }
            // Part of what was there, and more.
            #expect(
                await log.append(ClientBatch(["b", "c"], by: 7, sequence: 1)).refusal == .outOfOrderSequence)
            #expect(await log.append(ClientBatch(["c"], by: 7, sequence: 2)).baseOffset == 2)
        }
    }

    @Test func producersDoNotDisturbEachOther() async throws {
        try await LogFixture().withPins { log, _ throws in
            for sequence in 0..<5 as Range<Int32> {
                for producer in 1...3 as ClosedRange<Int64> {
                    let answer = await log.append(ClientBatch(["a"], by: producer, sequence: sequence))
                    #expect(answer.baseOffset != nil)
                }
            }
            #expect(try log.producers(of: .zero).map(\.lastSequence) == [4, 4, 4])
        }
    }

    @Test func sequenceNumbersGoOnFromZeroAfterTheGreatest() async throws {
        try await LogFixture().withPins { log, _ throws in
            // Met in the middle: any first number is taken.
            #expect(await log.append(ClientBatch(["a"], by: 7, sequence: .max - 1)).baseOffset == 0)
            #expect(await log.append(ClientBatch(["b", "c", "d"], by: 7, sequence: .max)).baseOffset == 1)
            #expect(await log.append(ClientBatch(["b", "c", "d"], by: 7, sequence: .max)).baseOffset == 1)
            #expect(await log.append(ClientBatch(["e"], by: 7, sequence: 3)).refusal == .outOfOrderSequence)
            #expect(await log.append(ClientBatch(["e"], by: 7, sequence: 2)).baseOffset == 4)
            #expect(await log.append(ClientBatch(["a"], by: 9, sequence: .max)).baseOffset == 5)
            #expect(await log.append(ClientBatch(["b"], by: 9, sequence: 0)).baseOffset == 6)
        }
    }

    @Test func anOlderEpochIsRefusedAndALaterOneBeginsAtZero() async throws {
        try await LogFixture().withPins { log, _ throws in
            _ = await log.append(ClientBatch(["a"], by: 7, epoch: 3, sequence: 0))
            #expect(
                await log.append(ClientBatch(["b"], by: 7, epoch: 2, sequence: 1)).refusal
                    == .staleProducerEpoch)
            #expect(
                await log.append(ClientBatch(["b"], by: 7, epoch: 4, sequence: 1)).refusal
                    == .outOfOrderSequence)
            #expect(await log.append(ClientBatch(["b"], by: 7, epoch: 4, sequence: 0)).baseOffset == 1)
            #expect(
                await log.append(ClientBatch(["a"], by: 7, epoch: 3, sequence: 0)).refusal
                    == .staleProducerEpoch)
        }
    }

    @Test func ofSeveralBatchesAllAreTakenOrNone() async throws {
        try await LogFixture().withPins { log, _ throws in
            let refused = await log.append(
                ClientBatch(["a"], by: 7, sequence: 0), ClientBatch(["b"], by: 8, sequence: 0),
                ClientBatch(["c"], by: 7, sequence: 2))
            #expect(refused.refusal == .outOfOrderSequence)
            #expect(try log.offsets(of: .zero).end == Offset(0))
            #expect(await log.append(ClientBatch(["x"], by: 8, sequence: 5)).baseOffset == 0)
            let taken = await log.append(
                ClientBatch(["a"], by: 7, sequence: 0), ClientBatch(["b"]),
                ClientBatch(["c"], by: 7, sequence: 1))
            #expect(taken.baseOffset == 1)
            // One is there already, the other is new.
            let mixed = await log.append(
                ClientBatch(["c"], by: 7, sequence: 1), ClientBatch(["d"], by: 7, sequence: 2))
            #expect(mixed.baseOffset == 3)
            #expect(try log.values() == ["x", "a", "b", "c", "d"])
        }
    }

    @Test func aDuplicateOfABatchThatWaitsForTheDiskIsAnsweredWhenThatOneIsDurable() async throws {
        try await LogFixture().withPins { log, fixture throws in
            fixture.disk.holdFlushes()
            async let first = log.append(ClientBatch(["a"], by: 7, sequence: 0))
            await eventually { fixture.disk.isHoldingAFlush }
            let isAnswered = Flag()
            async let again = {
                let answer = await log.append(ClientBatch(["a"], by: 7, sequence: 0))
                isAnswered.raise()
                return answer
            }()
            await eventually { log.waitingRequestCount == 1 }
            #expect(!isAnswered.isRaised)
            fixture.disk.releaseFlushes()
            #expect(await first.baseOffset == 0)
            #expect(await again.baseOffset == 0)
            #expect(try log.values() == ["a"])
        }
    }

    @Test func aCommitThatFailsTakesItsSequenceNumbersBack() async throws {
        try await LogFixture().withPins { log, fixture throws in
            _ = await log.append(ClientBatch(["a"], by: 7, sequence: 0))
            fixture.disk.capacity = fixture.disk.byteCount
            fixture.disk.holdFlushes()
            #expect(await log.append(ClientBatch(["b"], by: 7, sequence: 1)).refusal == .diskFull)
            #expect(await log.append(ClientBatch(["x"], by: 8, sequence: 0)).refusal == .diskFull)
            fixture.disk.capacity = .max
            fixture.disk.releaseFlushes()
            #expect(await log.append(ClientBatch(["c"], by: 7, sequence: 2)).refusal == .outOfOrderSequence)
            #expect(await log.append(ClientBatch(["b"], by: 7, sequence: 1)).baseOffset == 1)
            #expect(await log.append(ClientBatch(["x"], by: 8, sequence: 3)).baseOffset == 2)
        }
    }

    @Test func theProducersThatAreIdleForLongestAreForgottenPastTheLimit() async throws {
        try await LogFixture { $0.maxProducers = 20 }.withPins { log, _ throws in
            for producer in 0..<50 as Range<Int64> {
                _ = await log.append(ClientBatch(["a"], by: producer, sequence: 0))
                _ = await log.append(ClientBatch(["a"], by: 1000, sequence: Int32(producer)))
            }
            let known = try log.producers(of: .zero).map(\.producerID)
            #expect(known.count <= 20)
            #expect(known.contains(1000) && known.contains(49) && !known.contains(0))
            #expect(await log.append(ClientBatch(["a"], by: 0, sequence: 9)).baseOffset != nil)
        }
    }

    @Test func aProducerThatIsIdleForTooLongIsForgotten() async throws {
        try await LogFixture { $0.producerExpirationMilliseconds = 1000 }.withPins { log, fixture throws in
            _ = await log.append(ClientBatch(["a"], by: 1, sequence: 0))
            _ = await log.append(ClientBatch(["a"], by: 3, sequence: 0, isTransactional: true))
            fixture.clock.advance(milliseconds: 600)
            _ = await log.append(ClientBatch(["a"], by: 2, sequence: 0))
            fixture.clock.advance(milliseconds: 600)
            log.performUpkeep()
            await log.settle()
            // A transaction keeps its producer.
            #expect(try log.producers(of: .zero).map(\.producerID) == [2, 3])
            #expect(await log.append(ClientBatch(["a"], by: 1, sequence: 5)).baseOffset == 3)
            #expect(await log.append(ClientBatch(["a"], by: 2, sequence: 5)).refusal == .outOfOrderSequence)
        }
    }
}
