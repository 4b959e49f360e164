import KafkaWire
import StreamModel
import Testing

@testable import Broker

@Suite struct TransactionStateTests {
    typealias Status = TransactionState.Status

    private static let producer = ProducerIdentity(id: 7, epoch: 3)

    private static func state(_ status: Status, epoch: Int16 = 3) throws -> TransactionState {
        var state = TransactionState(
            transactionalID: "orders", producerID: 7, timeoutMilliseconds: 60_000, now: 1_000)
        state.producerEpoch = epoch
        state.status = status
        if status == .ongoing || state.isPrepared {
            state.partitions = [try partition(0)]
            state.startTimestamp = 1_000
        }
        return state
    }

    private static func partition(_ index: Int32) throws -> TopicPartition {
        TopicPartition(try #require(TopicName("clicks")), PartitionIndex(index))
    }

    private func stored(_ step: TransactionStep) throws -> TransactionState {
        guard case .store(let state) = step else {
            throw TestFailure("nothing is stored: \(step)")
        }
        return state
    }

    // MARK: InitProducerId

    @Test(arguments: [Status.empty, .completeCommit, .completeAbort])
    func aSessionBeginsWithTheNextEpochWhereNoTransactionIsOpen(_ status: Status) throws {
        let next = try stored(
            try Self.state(status).initialised(timeoutMilliseconds: 5_000, expected: nil, now: 2_000))
        #expect(next.producer == ProducerIdentity(id: 7, epoch: 4))
        #expect(next.lastProducerEpoch == -1)
        #expect(next.status == .empty)
        #expect(next.timeoutMilliseconds == 5_000)
        #expect(next.updateTimestamp == 2_000)
    }

    @Test func theFirstSessionHasEpochZero() throws {
        let new = TransactionState(
            transactionalID: "orders", producerID: 9, timeoutMilliseconds: 1, now: 1_000)
        let next = try stored(new.initialised(timeoutMilliseconds: 5_000, expected: nil, now: 1_000))
        #expect(next.producer == ProducerIdentity(id: 9, epoch: 0))
    }

    @Test func aSessionOverAnOpenTransactionAbortsItWithAnEpochOfNobody() throws {
        let next = try stored(
            try Self.state(.ongoing).initialised(timeoutMilliseconds: 5_000, expected: nil, now: 2_000))
        #expect(next.status == .prepareAbort)
        #expect(next.producerEpoch == 4)
        #expect(next.partitions == [try Self.partition(0)])
        #expect(next.timeoutMilliseconds == 60_000)
    }

    @Test(arguments: [Status.prepareCommit, .prepareAbort])
    func aSessionWaitsForTheEndOfADecidedTransaction(_ status: Status) throws {
        let step = try Self.state(status).initialised(timeoutMilliseconds: 1, expected: nil, now: 1)
        #expect(step == .answer(.concurrentTransactions))
    }

    @Test(arguments: Status.allCases)
    func nothingBeginsWhileAChangeIsOnItsWay(_ status: Status) throws {
        var state = try Self.state(status)
        state.pending = .ongoing
        let refused = TransactionStep.answer(.concurrentTransactions)
        #expect(state.initialised(timeoutMilliseconds: 1, expected: nil, now: 1) == refused)
        #expect(state.adding([try Self.partition(1)], by: Self.producer, now: 1) == refused)
        #expect(state.ended(commit: true, by: Self.producer, now: 1) == refused)
        #expect(!state.hasTimedOut(now: .max))
        #expect(!state.hasExpired(after: 0, now: .max))
    }

    @Test func aProducerThatGoesOnGetsTheNextEpochAndMayAskTwice() throws {
        let state = try Self.state(.completeAbort)
        let next = try stored(
            state.initialised(timeoutMilliseconds: 1, expected: Self.producer, now: 1))
        #expect(next.producerEpoch == 4)
        #expect(next.lastProducerEpoch == 3)
        let again = try stored(
            next.initialised(timeoutMilliseconds: 1, expected: Self.producer, now: 1))
        #expect(again.producerEpoch == 4)
        #expect(again.lastProducerEpoch == 3)
    }

    @Test func aProducerWhoseSessionWasTakenOverIsFenced() throws {
        let taken = try stored(
            try Self.state(.empty).initialised(timeoutMilliseconds: 1, expected: nil, now: 1))
        let step = taken.initialised(timeoutMilliseconds: 1, expected: Self.producer, now: 1)
        #expect(step == .answer(.producerFenced))
    }

    @Test func aProducerWithAnotherIDIsFenced() throws {
        let step = try Self.state(.empty).initialised(
            timeoutMilliseconds: 1, expected: ProducerIdentity(id: 8, epoch: 3), now: 1)
        #expect(step == .answer(.producerFenced))
    }

    @Test func aProducerWhoseIDWasForgottenBeginsAnew() throws {
        let new = TransactionState(
            transactionalID: "orders", producerID: 9, timeoutMilliseconds: 1, now: 1)
        let next = try stored(new.initialised(timeoutMilliseconds: 1, expected: Self.producer, now: 1))
        #expect(next.producer == ProducerIdentity(id: 9, epoch: 0))
    }

    // MARK: Epochs

    @Test func anIDWithoutFurtherEpochsIsReplaced() throws {
        let state = try Self.state(.empty, epoch: .max - 1)
        #expect(state.initialised(timeoutMilliseconds: 1, expected: nil, now: 1) == .needsProducerID)
        let next = try stored(
            state.initialised(timeoutMilliseconds: 1, expected: nil, freshProducerID: 50, now: 1))
        #expect(next.producer == ProducerIdentity(id: 50, epoch: 0))
        #expect(next.previousProducerID == 7)
        #expect(next.lastProducerEpoch == -1)
    }

    @Test func theLastEpochButOneIsGivenOut() throws {
        let state = try Self.state(.empty, epoch: .max - 2)
        let next = try stored(state.initialised(timeoutMilliseconds: 1, expected: nil, now: 1))
        #expect(next.producer == ProducerIdentity(id: 7, epoch: .max - 1))
    }

    @Test func theLastEpochIsKeptForFencing() throws {
        let fenced = try Self.state(.ongoing, epoch: .max - 1).fenced(now: 1)
        #expect(fenced.producerEpoch == Int16.max)
        let ended = try #require(fenced.completed(now: 2))
        #expect(ended.initialised(timeoutMilliseconds: 1, expected: nil, now: 1) == .needsProducerID)
    }

    @Test func aRequestThatBroughtANewIDMayBeRepeated() throws {
        let last = ProducerIdentity(id: 7, epoch: .max - 1)
        let state = try Self.state(.empty, epoch: last.epoch)
        let next = try stored(
            state.initialised(timeoutMilliseconds: 1, expected: last, freshProducerID: 50, now: 1))
        #expect(next.lastProducerEpoch == last.epoch)
        for _ in 0..<2 {
            let again = try stored(next.initialised(timeoutMilliseconds: 1, expected: last, now: 1))
            #expect(again.producer == ProducerIdentity(id: 50, epoch: 0))
        }
    }

    @Test func aZombieOfAnExhaustedIDIsFenced() throws {
        let state = try Self.state(.empty, epoch: .max - 1)
        let zombie = ProducerIdentity(id: 7, epoch: 12)
        let step = state.initialised(timeoutMilliseconds: 1, expected: zombie, now: 1)
        #expect(step == .answer(.producerFenced))
    }

    // MARK: Adding

    @Test(arguments: [Status.empty, .completeCommit, .completeAbort])
    func aPartitionOpensATransaction(_ status: Status) throws {
        let next = try stored(
            try Self.state(status).adding([try Self.partition(1)], by: Self.producer, now: 5_000))
        #expect(next.status == .ongoing)
        #expect(next.partitions == [try Self.partition(1)])
        #expect(next.startTimestamp == 5_000)
    }

    @Test func aFurtherPartitionLeavesTheStartAsItIs() throws {
        let next = try stored(
            try Self.state(.ongoing).adding([try Self.partition(1)], by: Self.producer, now: 5_000))
        #expect(next.partitions == [try Self.partition(0), try Self.partition(1)])
        #expect(next.startTimestamp == 1_000)
        #expect(next.updateTimestamp == 5_000)
    }

    @Test func aPartitionThatIsPartOfItNeedsNoWrite() throws {
        let step = try Self.state(.ongoing).adding([try Self.partition(0)], by: Self.producer, now: 5_000)
        #expect(step == .answer(.none))
    }

    @Test func aGroupOpensATransactionToo() throws {
        let next = try stored(
            try Self.state(.empty).adding([], groups: ["readers"], by: Self.producer, now: 5_000))
        #expect(next.status == .ongoing)
        #expect(next.groups == ["readers"])
        #expect(next.adding([], groups: ["readers"], by: Self.producer, now: 5_000) == .answer(.none))
    }

    @Test(arguments: [Status.prepareCommit, .prepareAbort])
    func nothingIsAddedToADecidedTransaction(_ status: Status) throws {
        let step = try Self.state(status).adding([try Self.partition(1)], by: Self.producer, now: 1)
        #expect(step == .answer(.concurrentTransactions))
    }

    @Test(arguments: Status.allCases)
    func strangersAreRefusedInEveryState(_ status: Status) throws {
        let state = try Self.state(status)
        let partition = try Self.partition(1)
        let zombie = ProducerIdentity(id: 7, epoch: 2)
        let stranger = ProducerIdentity(id: 8, epoch: 3)
        #expect(state.adding([partition], by: zombie, now: 1) == .answer(.producerFenced))
        #expect(state.adding([partition], by: stranger, now: 1) == .answer(.invalidProducerIDMapping))
        #expect(state.ended(commit: true, by: zombie, now: 1) == .answer(.producerFenced))
        #expect(state.ended(commit: true, by: stranger, now: 1) == .answer(.invalidProducerIDMapping))
        #expect(state.check(zombie, writesTo: partition) == .invalidProducerEpoch)
        #expect(state.check(stranger, writesTo: partition) == .invalidProducerIDMapping)
    }

    // MARK: Ending

    @Test(arguments: [true, false])
    func anOpenTransactionIsDecided(commit: Bool) throws {
        let next = try stored(try Self.state(.ongoing).ended(commit: commit, by: Self.producer, now: 9_000))
        #expect(next.status == (commit ? .prepareCommit : .prepareAbort))
        #expect(next.partitions == [try Self.partition(0)])
        #expect(next.producerEpoch == 3)
    }

    private static let repeats: [(Status, Bool, KafkaErrorCode)] = [
        (.prepareCommit, true, .concurrentTransactions),
        (.prepareCommit, false, .invalidTxnState),
        (.prepareAbort, true, .invalidTxnState),
        (.prepareAbort, false, .concurrentTransactions),
        (.completeCommit, true, .none),
        (.completeCommit, false, .invalidTxnState),
        (.completeAbort, true, .invalidTxnState),
        (.completeAbort, false, .none),
        (.empty, true, .invalidTxnState),
        (.empty, false, .invalidTxnState),
    ]

    @Test(arguments: repeats)
    func aRepeatedDecisionIsAnsweredAndTheOppositeRefused(
        status: Status, commit: Bool, error: KafkaErrorCode
    ) throws {
        #expect(try Self.state(status).ended(commit: commit, by: Self.producer, now: 1) == .answer(error))
    }

    @Test func completionLeavesNoPartitions() throws {
        var state = try Self.state(.prepareCommit)
        state.groups = ["readers"]
        let ended = try #require(state.completed(now: 9_000))
        #expect(ended.status == .completeCommit)
        #expect(ended.partitions.isEmpty && ended.groups.isEmpty)
        #expect(try Self.state(.prepareAbort).completed(now: 1)?.status == .completeAbort)
        #expect(try Self.state(.ongoing).completed(now: 1) == nil)
    }

    // MARK: Time

    @Test func onlyAnOpenTransactionTimesOut() throws {
        for status in Status.allCases {
            #expect(try Self.state(status).hasTimedOut(now: 61_001) == (status == .ongoing))
        }
        #expect(try !Self.state(.ongoing).hasTimedOut(now: 61_000))
    }

    @Test func onlyAnIdleIDExpires() throws {
        let idle: [Status] = [.empty, .completeCommit, .completeAbort]
        for status in Status.allCases {
            #expect(try Self.state(status).hasExpired(after: 500, now: 1_500) == idle.contains(status))
            #expect(try !Self.state(status).hasExpired(after: 500, now: 1_499))
        }
    }

    // MARK: Writes

    @Test func onlyPartsOfAnOpenTransactionMayBeWrittenTo() throws {
        var state = try Self.state(.ongoing)
        state.groups = ["readers"]
        #expect(state.check(Self.producer, writesTo: try Self.partition(0)) == .none)
        #expect(state.check(Self.producer, writesTo: try Self.partition(1)) == .invalidTxnState)
        #expect(state.check(Self.producer, commitsOffsetsOf: "readers") == .none)
        #expect(state.check(Self.producer, commitsOffsetsOf: "others") == .invalidTxnState)
        state.pending = .ongoing
        #expect(state.check(Self.producer, writesTo: try Self.partition(0)) == .none)
        state.pending = .prepareCommit
        #expect(state.check(Self.producer, writesTo: try Self.partition(0)) == .invalidTxnState)
        state.pending = nil
        state.status = .prepareCommit
        #expect(state.check(Self.producer, writesTo: try Self.partition(0)) == .invalidTxnState)
    }
}

struct TestFailure: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) {
        self.description = description
    }
}
