import KafkaWire
import StreamModel
import Testing

@testable import Broker

@Suite struct TransactionCoordinatorTests {
    private let fixture: TransactionFixture

    init() throws {
        fixture = try TransactionFixture()
    }

    private func written(_ index: Int32, _ producer: ProducerIdentity, commit: Bool) -> RecordingLog.Written {
        .init(
            partition: fixture.partition(index), producerID: producer.id, epoch: producer.epoch,
            isCommit: commit)
    }

    // MARK: The life of a transaction

    @Test(arguments: [true, false])
    func theEndIsOnEveryPartitionWhenTheClientIsAnswered(commit: Bool) async throws {
        let coordinator = try fixture.coordinator()
        let producer = try await coordinator.session()
        #expect(await coordinator.add([fixture.partition(0), fixture.partition(2)], by: producer) == .none)
        #expect(await coordinator.add(group: "readers", by: producer) == .none)
        #expect(await coordinator.end(commit: commit, by: producer) == .none)
        #expect(
            Set(fixture.log.written) == [
                written(0, producer, commit: commit), written(2, producer, commit: commit),
            ])
        #expect(fixture.offsets.ended == [.init(producerID: producer.id, isCommit: commit)])
        coordinator.settle()
        #expect(try fixture.stored("orders")?.status == (commit ? .completeCommit : .completeAbort))
        #expect(try fixture.stored("orders")?.partitions.isEmpty == true)
    }

    @Test func oneTransactionFollowsTheOther() async throws {
        let coordinator = try fixture.coordinator()
        let producer = try await coordinator.session()
        for index in [Int32(0), 1, 0] {
            #expect(await coordinator.add([fixture.partition(index)], by: producer) == .none)
            #expect(await coordinator.end(commit: true, by: producer) == .none)
        }
        #expect(fixture.log.written.map(\.partition) == [0, 1, 0].map { fixture.partition($0) })
    }

    @Test func aChangeIsDurableWhenItIsAnswered() async throws {
        let coordinator = try fixture.coordinator()
        let producer = try await coordinator.session()
        #expect(try fixture.stored("orders")?.producer == producer)
        #expect(await coordinator.add([fixture.partition(0)], by: producer) == .none)
        #expect(await coordinator.add([fixture.partition(1)], by: producer) == .none)
        #expect(await coordinator.add(group: "readers", by: producer) == .none)
        let stored = try #require(try fixture.stored("orders"))
        #expect(stored.status == .ongoing)
        #expect(stored.partitions == [fixture.partition(0), fixture.partition(1)])
        #expect(stored.groups == ["readers"])
        #expect(stored == coordinator.state(of: "orders"))
    }

    @Test func theDecisionIsDurableBeforeAMarkerIsWritten() async throws {
        let coordinator = try fixture.coordinator()
        let producer = try await coordinator.session()
        #expect(await coordinator.add([fixture.partition(0)], by: producer) == .none)
        fixture.log.hold()
        async let ended = coordinator.end(commit: true, by: producer)
        while fixture.log.heldCount == 0 { await Task.yield() }
        #expect(try fixture.stored("orders")?.status == .prepareCommit)
        #expect(await coordinator.end(commit: true, by: producer) == .concurrentTransactions)
        #expect(await coordinator.end(commit: false, by: producer) == .invalidTxnState)
        #expect(await coordinator.initialise().error == .concurrentTransactions)
        fixture.log.release()
        #expect(await ended == .none)
        #expect(await coordinator.end(commit: true, by: producer) == .none)
        #expect(await coordinator.end(commit: false, by: producer) == .invalidTxnState)
    }

    // MARK: Sessions

    @Test func aLaterSessionAbortsWhatTheEarlierLeftOpenAndFencesIt() async throws {
        let coordinator = try fixture.coordinator()
        let zombie = try await coordinator.session()
        #expect(await coordinator.add([fixture.partition(0)], by: zombie) == .none)
        #expect(await coordinator.initialise().error == .concurrentTransactions)
        let between = ProducerIdentity(id: zombie.id, epoch: zombie.epoch + 1)
        #expect(fixture.log.written == [written(0, between, commit: false)])
        let producer = try await coordinator.session()
        #expect(producer == ProducerIdentity(id: zombie.id, epoch: zombie.epoch + 2))
        #expect(await coordinator.add([fixture.partition(0)], by: zombie) == .producerFenced)
        #expect(await coordinator.end(commit: true, by: zombie) == .producerFenced)
        #expect(await coordinator.add([fixture.partition(0)], by: producer) == .none)
    }

    @Test func anUnknownTransactionalIDHasNoProducer() async throws {
        let coordinator = try fixture.coordinator()
        let stranger = ProducerIdentity(id: 0, epoch: 0)
        #expect(await coordinator.add([fixture.partition(0)], by: stranger) == .invalidProducerIDMapping)
        #expect(await coordinator.end(commit: true, by: stranger) == .invalidProducerIDMapping)
    }

    @Test(arguments: [0, -1, 900_001] as [Int32])
    func aTimeoutOutsideTheLimitIsRefused(milliseconds: Int32) async throws {
        let response = await (try fixture.coordinator()).initialise(timeoutMilliseconds: milliseconds)
        #expect(response == InitProducerIdResponse(error: .invalidTransactionTimeout))
    }

    @Test func anEmptyTransactionalIDIsRefused() async throws {
        #expect(await (try fixture.coordinator()).initialise("").error == .invalidRequest)
    }

    @Test func tooManyTransactionalIDsAreRefused() async throws {
        var settings = TransactionSettings()
        settings.maxTransactionalIDs = 1
        let coordinator = try fixture.coordinator(settings: settings)
        _ = try await coordinator.session("a")
        #expect(await coordinator.initialise("b").error == .policyViolation)
        _ = try await coordinator.session("a")
    }

    @Test func tooManyGroupsAreRefused() async throws {
        var settings = TransactionSettings()
        settings.maxGroupsPerTransaction = 1
        let coordinator = try fixture.coordinator(settings: settings)
        let producer = try await coordinator.session()
        #expect(await coordinator.add(group: "a", by: producer) == .none)
        #expect(await coordinator.add(group: "b", by: producer) == .policyViolation)
        #expect(await coordinator.add(group: "a", by: producer) == .none)
    }

    // MARK: Time

    @Test func anAbandonedTransactionIsAbortedAndItsProducerFenced() async throws {
        let coordinator = try fixture.coordinator()
        let producer = try await coordinator.session(timeoutMilliseconds: 5_000)
        #expect(await coordinator.add([fixture.partition(1)], by: producer) == .none)
        fixture.advance(milliseconds: 5_000)
        coordinator.tick()
        coordinator.settle()
        #expect(fixture.log.written == [])
        fixture.advance(milliseconds: 1)
        coordinator.tick()
        coordinator.settle()
        let fence = ProducerIdentity(id: producer.id, epoch: producer.epoch + 1)
        #expect(fixture.log.written == [written(1, fence, commit: false)])
        #expect(coordinator.state(of: "orders")?.status == .completeAbort)
        #expect(await coordinator.end(commit: true, by: producer) == .producerFenced)
    }

    @Test func anIDThatNobodyUsesIsForgotten() async throws {
        let coordinator = try fixture.coordinator()
        let first = try await coordinator.session()
        fixture.advance(milliseconds: 7 * 86_400_000 - 1)
        coordinator.tick()
        #expect(coordinator.state(of: "orders") != nil)
        fixture.advance(milliseconds: 3_600_000)
        coordinator.tick()
        coordinator.settle()
        #expect(coordinator.state(of: "orders") == nil)
        #expect(try fixture.stored("orders") == nil)
        let again = await coordinator.initialise(expected: first)
        #expect(again.error == .none)
        #expect(again.producerID != first.id)
        #expect(again.producerEpoch == 0)
    }

    // MARK: Writes under way

    @Test func aTransactionDoesNotEndWhileARecordIsHandedOver() async throws {
        let coordinator = try fixture.coordinator()
        let producer = try await coordinator.session()
        #expect(await coordinator.add(group: "readers", by: producer) == .none)
        let begun = coordinator.beginWrite("orders") { $0.check(producer, commitsOffsetsOf: "readers") }
        #expect(begun == .none)
        #expect(await coordinator.end(commit: true, by: producer) == .concurrentTransactions)
        #expect(await coordinator.initialise().error == .concurrentTransactions)
        coordinator.endWrite("orders")
        #expect(await coordinator.end(commit: true, by: producer) == .none)
    }

    @Test func recordsAreTakenForPartitionsOfTheTransactionOnly() async throws {
        let coordinator = try fixture.coordinator()
        let producer = try await coordinator.session()
        #expect(await coordinator.add([fixture.partition(0)], by: producer) == .none)
        var appended: [Int32] = []
        for index in [Int32(0), 1] {
            let error = coordinator.whileOngoing(
                "orders", producer, writesTo: fixture.partition(index)
            ) { appended.append(index) }
            #expect(error == (index == 0 ? .none : .invalidTxnState))
        }
        #expect(appended == [0])
        #expect(await coordinator.end(commit: true, by: producer) == .none)
    }
}
