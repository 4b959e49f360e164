import KafkaWire
import NIOCore
import NIOEmbedded
import StreamModel
import Testing

@testable import Broker
@testable import LogStorage

/// A crash in each gap between two steps, and each step failing.
@Suite struct TransactionRecoveryTests {
    private let fixture: TransactionFixture

    init() throws {
        fixture = try TransactionFixture()
    }

    private func open(
        _ coordinator: TransactionCoordinator, group: String? = nil
    ) async throws -> ProducerIdentity {
        let producer = try await coordinator.session()
        #expect(await coordinator.add([fixture.partition(0), fixture.partition(1)], by: producer) == .none)
        if let group { #expect(await coordinator.add(group: group, by: producer) == .none) }
        return producer
    }

    // MARK: Crashes

    @Test func anOpenTransactionGoesOnAfterARestart() async throws {
        let producer = try await open(try fixture.coordinator())
        let restarted = try fixture.coordinator()
        restarted.start()
        restarted.settle()
        #expect(fixture.log.written == [])
        #expect(await restarted.add([fixture.partition(2)], by: producer) == .none)
        #expect(await restarted.end(commit: true, by: producer) == .none)
        #expect(fixture.log.written.count == 3)
    }

    @Test func theTimeoutOfAnOpenTransactionCountsFromItsStart() async throws {
        _ = try await open(try fixture.coordinator())
        fixture.advance(milliseconds: 60_001)
        let restarted = try fixture.coordinator()
        restarted.tick()
        restarted.settle()
        #expect(fixture.log.written.map(\.isCommit) == [false, false])
    }

    /// Where the server dies after the decision is durable.
    enum Gap: CaseIterable {
        case beforeAnyMarker, betweenMarkers, beforeOffsets, beforeCompletion
    }

    @Test(arguments: Gap.allCases, [true, false])
    func aDecisionIsCarriedOutAfterARestart(gap: Gap, commit: Bool) async throws {
        let crashed = try fixture.coordinator()
        let producer = try await open(crashed, group: "readers")
        try await crash(crashed, in: gap, commit: commit, producer)
        #expect(try fixture.stored("orders")?.isPrepared == true)
        let restarted = try fixture.coordinator()
        restarted.start()
        restarted.settle()
        #expect(Set(fixture.log.written.map(\.partition)) == [fixture.partition(0), fixture.partition(1)])
        #expect(fixture.log.written.allSatisfy { $0.isCommit == commit && $0.epoch == producer.epoch })
        #expect(fixture.offsets.ended.last == .init(producerID: producer.id, isCommit: commit))
        #expect(try fixture.stored("orders")?.status == (commit ? .completeCommit : .completeAbort))
        #expect(await restarted.end(commit: commit, by: producer) == .none)
        #expect(await restarted.end(commit: !commit, by: producer) == .invalidTxnState)
        #expect(await restarted.add([fixture.partition(2)], by: producer) == .none)
    }

    /// Lets the coordinator come as far as the gap; it never goes on, since nobody moves its clock.
    private func crash(
        _ coordinator: TransactionCoordinator, in gap: Gap, commit: Bool, _ producer: ProducerIdentity
    ) async throws {
        switch gap {
        case .beforeAnyMarker:
            fixture.log.hold()
            coordinator.end("orders", commit: commit, by: producer) { _ in }
            coordinator.settle()
            fixture.log.forgetHeld()
        case .betweenMarkers:
            fixture.log.refuse(fixture.partition(0), with: .diskFull)
            #expect(await coordinator.end(commit: commit, by: producer) == .none)
            fixture.log.refuse(fixture.partition(0), with: nil)
        case .beforeOffsets:
            fixture.offsets.fail(times: 1)
            #expect(await coordinator.end(commit: commit, by: producer) == .none)
        case .beforeCompletion:
            fixture.log.hold()
            async let ended = coordinator.end(commit: commit, by: producer)
            while fixture.log.heldCount < 2 { await Task.yield() }
            try fixture.refuseWrites(true)
            fixture.log.release()
            #expect(await ended == .none)
            coordinator.settle()
            try fixture.refuseWrites(false)
        }
    }

    @Test func transactionsThatALostDatabaseForgotAreAborted() async throws {
        let state = { (id: Int64, start: Offset?) in
            ActiveProducer(
                producerID: id, epoch: 3, lastSequence: 0, lastTimestamp: 0, coordinatorEpoch: 0,
                transactionStart: start)
        }
        fixture.log.remember(state(40, Offset(7)), on: fixture.partition(1))
        fixture.log.remember(state(41, nil), on: fixture.partition(2))
        #expect(fixture.log.highestProducerID == 41)
        let restarted = try fixture.coordinator()
        restarted.start()
        let marker = RecordingLog.Written(
            partition: fixture.partition(1), producerID: 40, epoch: 3, isCommit: false)
        #expect(fixture.log.written == [marker])
        _ = try await restarted.session()
        try fixture.coordinator().start()
        #expect(fixture.log.written == [marker])
    }

    @Test func aDecisionThatWasNotStoredWasNotMade() async throws {
        let coordinator = try fixture.coordinator()
        let producer = try await open(coordinator)
        try fixture.refuseWrites(true)
        #expect(await coordinator.end(commit: true, by: producer) == .coordinatorNotAvailable)
        #expect(fixture.log.written == [])
        #expect(coordinator.state(of: "orders")?.status == .ongoing)
        try fixture.refuseWrites(false)
        #expect(await coordinator.end(commit: false, by: producer) == .none)
        #expect(fixture.log.written.map(\.isCommit) == [false, false])
    }

    @Test func aCompletionThatWasNotStoredDoesNotHoldUpTheNextTransaction() async throws {
        let coordinator = try fixture.coordinator()
        let producer = try await open(coordinator)
        fixture.log.hold()
        async let ended = coordinator.end(commit: true, by: producer)
        while fixture.log.heldCount < 2 { await Task.yield() }
        try fixture.refuseWrites(true)
        fixture.log.release()
        #expect(await ended == .none)
        coordinator.settle()
        #expect(try fixture.stored("orders")?.status == .prepareCommit)
        try fixture.refuseWrites(false)
        #expect(await coordinator.add([fixture.partition(2)], by: producer) == .none)
        #expect(try fixture.stored("orders")?.partitions == [fixture.partition(2)])
    }

    @Test func aSessionThatWasNotStoredDidNotBegin() async throws {
        let coordinator = try fixture.coordinator()
        try fixture.refuseWrites(true)
        #expect(await coordinator.initialise().error == .coordinatorNotAvailable)
        #expect(coordinator.state(of: "orders") == nil)
        try fixture.refuseWrites(false)
        #expect(try await coordinator.session().epoch == 0)
    }

    // MARK: Failures of the log and of the groups

    @Test func aDeletedTopicDoesNotHoldUpTheEnd() async throws {
        let coordinator = try fixture.coordinator()
        let producer = try await open(coordinator)
        fixture.log.refuse(fixture.partition(0), with: .unknownPartition)
        #expect(await coordinator.end(commit: true, by: producer) == .none)
        #expect(fixture.log.written.map(\.partition) == [fixture.partition(1)])
        #expect(coordinator.state(of: "orders")?.status == .completeCommit)
    }

    @Test func aMarkerThatCannotBeWrittenIsTriedAgainUntilItIs() async throws {
        let coordinator = try fixture.coordinator()
        let producer = try await open(coordinator, group: "readers")
        fixture.log.refuse(fixture.partition(0), with: .diskFull)
        #expect(await coordinator.end(commit: true, by: producer) == .none)
        #expect(fixture.log.written.map(\.partition) == [fixture.partition(1)])
        #expect(fixture.offsets.ended == [])
        #expect(coordinator.state(of: "orders")?.status == .prepareCommit)
        #expect(await coordinator.add([fixture.partition(1)], by: producer) == .concurrentTransactions)
        await fixture.loop.advanceTime(by: .milliseconds(100))
        #expect(coordinator.state(of: "orders")?.status == .prepareCommit)
        fixture.log.refuse(fixture.partition(0), with: nil)
        await fixture.loop.advanceTime(by: .milliseconds(200))
        #expect(fixture.log.written.map(\.partition) == [fixture.partition(1), fixture.partition(0)])
        #expect(fixture.offsets.ended.count == 1)
        #expect(coordinator.state(of: "orders")?.status == .completeCommit)
        #expect(counter("pinline_transaction_completion_failures_total", of: coordinator) == 2)
        #expect(counter("pinline_transactions_completing", of: coordinator) == 0)
    }

    @Test func offsetsThatCannotBeStoredAreTriedAgain() async throws {
        let coordinator = try fixture.coordinator()
        let producer = try await open(coordinator, group: "readers")
        fixture.offsets.fail(times: 1)
        #expect(await coordinator.end(commit: true, by: producer) == .none)
        #expect(counter("pinline_transactions_completing", of: coordinator) == 1)
        await fixture.loop.advanceTime(by: .milliseconds(100))
        #expect(fixture.offsets.ended == [.init(producerID: producer.id, isCommit: true)])
        #expect(coordinator.state(of: "orders")?.status == .completeCommit)
        #expect(fixture.log.written.count == 2)
    }

    @Test func nothingIsTriedAgainAfterTheStop() async throws {
        let coordinator = try fixture.coordinator()
        let producer = try await open(coordinator)
        coordinator.stop()
        fixture.log.refuse(fixture.partition(0), with: .closed)
        #expect(await coordinator.end(commit: true, by: producer) == .none)
        fixture.log.refuse(fixture.partition(0), with: nil)
        await fixture.loop.advanceTime(by: .seconds(60))
        #expect(fixture.log.written.count == 1)
        coordinator.settle()
        let restarted = try fixture.coordinator()
        restarted.start()
        restarted.settle()
        #expect(fixture.log.written.count == 3)
    }

    @Test func theWaitBetweenTriesDoublesUpToTenSeconds() {
        let waits = (0...8).map { TransactionCoordinator.backoff(attempt: $0) }
        #expect(
            waits == [100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000].map { .milliseconds($0) })
    }

    private func counter(_ name: String, of coordinator: TransactionCoordinator) -> Double? {
        coordinator.samples().first { $0.name == name }?.value
    }
}
