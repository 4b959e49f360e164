import KafkaWire
import NIOCore
import NIOEmbedded
import StreamModel
import Testing

@testable import Broker

@Suite struct TransactionHandlerTests {
    /// Refuses what it is told to.
    struct Refusing: Authorizer {
        struct Right: Hashable {
            var operation: ACLOperation
            var type: ACLResourceType
            var name: String
        }

        var refused: Set<Right> = []

        func allows(
            _ principal: Principal, from host: String, _ operation: ACLOperation, on type: ACLResourceType,
            named name: String
        ) -> Bool { !refused.contains(Right(operation: operation, type: type, name: name)) }

        func allowsOnAny(
            _ principal: Principal, from host: String, _ operation: ACLOperation, on type: ACLResourceType
        ) -> Bool { !refused.contains { $0.operation == operation && $0.type == type } }
    }

    private let fixture: TransactionFixture
    private let coordinator: TransactionCoordinator

    init() throws {
        fixture = try TransactionFixture()
        coordinator = try fixture.coordinator()
    }

    private func access(
        refusing operation: ACLOperation, on type: ACLResourceType, named name: String
    ) -> TransactionAccess {
        TransactionAccess(
            authorizer: Refusing(refused: [.init(operation: operation, type: type, name: name)]))
    }

    private var open: TransactionAccess { TransactionAccess(authorizer: OpenAuthorizer()) }

    private func answer<Handler: RequestHandler>(
        of handler: Handler, version: Int16, _ write: (inout WireWriter) -> Void
    ) async throws -> Handler.Request.Response {
        let isFlexible = Handler.Request.api.isFlexible(version)
        var writer = WireWriter(isFlexible: isFlexible)
        write(&writer)
        writer.emptyTaggedFields()
        var reader = WireReader(writer.buffer, isFlexible: isFlexible)
        let request = try Handler.Request(&reader, version: version)
        #expect(reader.remaining == 0)
        let context = TestContext.make(version: version, loop: fixture.loop)
        return await withCheckedContinuation { continuation in
            handler.handle(
                request, context,
                Reply { if let response = $0 { continuation.resume(returning: response) } })
        }
    }

    // MARK: InitProducerId

    private func initProducerID(
        _ transactionalID: String?, producer: ProducerIdentity? = nil, version: Int16 = 4,
        access: TransactionAccess? = nil
    ) async throws -> InitProducerIdResponse {
        let handler = InitProducerIdHandler(coordinator: coordinator, access: access ?? open)
        return try await answer(of: handler, version: version) { writer in
            writer.nullableString(transactionalID)
            writer.int32(60_000)
            if version >= 3 {
                writer.int64(producer?.id ?? -1)
                writer.int16(producer?.epoch ?? -1)
            }
        }
    }

    @Test(arguments: Int16(0)...4)
    func anIdempotentProducerGetsAnIDWithEpochZero(version: Int16) async throws {
        let first = try await initProducerID(nil, version: version)
        let second = try await initProducerID(nil, version: version)
        #expect(first == InitProducerIdResponse(error: .none, producerID: 0, producerEpoch: 0))
        #expect(second == InitProducerIdResponse(error: .none, producerID: 1, producerEpoch: 0))
    }

    @Test func whoMayNotBeIdempotentGetsNoID() async throws {
        let right = Refusing.Right(operation: .idempotentWrite, type: .cluster, name: "kafka-cluster")
        let writer = TransactionAccess(authorizer: Refusing(refused: [right]))
        #expect(try await initProducerID(nil, access: writer).error == .none)
        let nobody = TransactionAccess(
            authorizer: Refusing(refused: [right, .init(operation: .write, type: .topic, name: "clicks")]))
        #expect(try await initProducerID(nil, access: nobody).error == .clusterAuthorizationFailed)
        let stranger = access(refusing: .write, on: .transactionalID, named: "orders")
        #expect(
            try await initProducerID("orders", access: stranger).error == .transactionalIDAuthorizationFailed)
    }

    @Test func anIDWithoutEpochIsNoProducer() async throws {
        let half = ProducerIdentity(id: 7, epoch: -1)
        #expect(try await initProducerID("orders", producer: half).error == .invalidRequest)
    }

    @Test(arguments: [(Int16(3), KafkaErrorCode.invalidProducerEpoch), (4, .producerFenced)])
    func aFencedProducerIsToldSoInWordsItKnows(version: Int16, error: KafkaErrorCode) async throws {
        let zombie = try await coordinator.session()
        _ = try await coordinator.session()
        #expect(try await initProducerID("orders", producer: zombie, version: version).error == error)
    }

    // MARK: AddPartitionsToTxn

    private func addPartitions(
        _ topics: [(String, [Int32])], by producer: ProducerIdentity, version: Int16 = 3,
        access: TransactionAccess? = nil
    ) async throws -> [[KafkaErrorCode]] {
        let handler = AddPartitionsToTxnHandler(coordinator: coordinator, access: access ?? open)
        let response = try await answer(of: handler, version: version) { writer in
            writer.string("orders")
            writer.int64(producer.id)
            writer.int16(producer.epoch)
            writer.array(topics) { writer, topic in
                writer.string(topic.0)
                writer.array(topic.1) { writer, index in writer.int32(index) }
                writer.emptyTaggedFields()
            }
        }
        #expect(response.topics.map(\.name) == topics.map(\.0))
        return response.topics.map { $0.partitions.map(\.error) }
    }

    @Test(arguments: Int16(0)...3)
    func partitionsBecomePartOfTheTransaction(version: Int16) async throws {
        let producer = try await coordinator.session()
        let errors = try await addPartitions([("clicks", [0, 2])], by: producer, version: version)
        #expect(errors == [[.none, .none]])
        #expect(coordinator.state(of: "orders")?.partitions == [fixture.partition(0), fixture.partition(2)])
    }

    @Test func onePartitionThatIsNotThereKeepsOutTheOthers() async throws {
        let producer = try await coordinator.session()
        let errors = try await addPartitions(
            [("clicks", [0, 3, -1]), ("no such topic!", [0])], by: producer)
        #expect(
            errors == [
                [.operationNotAttempted, .unknownTopicOrPartition, .unknownTopicOrPartition],
                [.unknownTopicOrPartition],
            ])
        #expect(coordinator.state(of: "orders")?.status == .empty)
    }

    @Test func aTopicThatMayNotBeWrittenKeepsOutTheOthers() async throws {
        let producer = try await coordinator.session()
        let access = access(refusing: .write, on: .topic, named: "secrets")
        let errors = try await addPartitions(
            [("clicks", [0]), ("secrets", [0])], by: producer, access: access)
        #expect(errors == [[.operationNotAttempted], [.topicAuthorizationFailed]])
    }

    @Test(arguments: [(Int16(1), KafkaErrorCode.invalidProducerEpoch), (2, .producerFenced)])
    func aZombieMayNotAdd(version: Int16, error: KafkaErrorCode) async throws {
        let zombie = try await coordinator.session()
        _ = try await coordinator.session()
        #expect(try await addPartitions([("clicks", [0])], by: zombie, version: version) == [[error]])
    }

    // MARK: Offsets

    private func addOffsets(
        _ group: String, by producer: ProducerIdentity, version: Int16 = 3, access: TransactionAccess? = nil
    ) async throws -> KafkaErrorCode {
        let handler = AddOffsetsToTxnHandler(coordinator: coordinator, access: access ?? open)
        return try await answer(of: handler, version: version) { writer in
            writer.string("orders")
            writer.int64(producer.id)
            writer.int16(producer.epoch)
            writer.string(group)
        }.error
    }

    private func commitOffsets(
        by producer: ProducerIdentity, topic: String = "clicks", version: Int16 = 3,
        access: TransactionAccess? = nil
    ) async throws -> [KafkaErrorCode] {
        let handler = TxnOffsetCommitHandler(coordinator: coordinator, access: access ?? open)
        let response = try await answer(of: handler, version: version) { writer in
            writer.string("orders")
            writer.string("readers")
            writer.int64(producer.id)
            writer.int16(producer.epoch)
            if version >= 3 {
                writer.int32(12)
                writer.string("member-1")
                writer.nullableString("instance-1")
            }
            writer.array([topic]) { writer, topic in
                writer.string(topic)
                writer.array([Int32(1), 9]) { writer, index in
                    writer.int32(index)
                    writer.int64(100)
                    if version >= 2 { writer.int32(0) }
                    writer.nullableString(nil)
                    writer.emptyTaggedFields()
                }
                writer.emptyTaggedFields()
            }
        }
        return response.topics.first?.partitions.map(\.error) ?? []
    }

    @Test(arguments: Int16(0)...3)
    func offsetsWaitForTheEndOfTheTransaction(version: Int16) async throws {
        let producer = try await coordinator.session()
        #expect(try await addOffsets("readers", by: producer, version: version) == .none)
        let errors = try await commitOffsets(by: producer, version: version)
        #expect(errors == [.none, .unknownTopicOrPartition])
        let commit = try #require(fixture.offsets.commits.first)
        #expect(commit.group == "readers" && commit.producerID == producer.id)
        #expect(commit.generation == (version >= 3 ? 12 : -1))
        #expect(commit.memberID == (version >= 3 ? "member-1" : ""))
        #expect(commit.groupInstanceID == (version >= 3 ? "instance-1" : nil))
        #expect(commit.positions.map(\.offset) == [100])
        #expect(await coordinator.end(commit: true, by: producer) == .none)
        #expect(fixture.offsets.ended == [.init(producerID: producer.id, isCommit: true)])
    }

    @Test func offsetsOfAGroupOutsideTheTransactionAreRefused() async throws {
        let producer = try await coordinator.session()
        #expect(try await commitOffsets(by: producer) == [.invalidTxnState, .unknownTopicOrPartition])
        let zombie = ProducerIdentity(id: producer.id, epoch: producer.epoch - 1)
        #expect(try await commitOffsets(by: zombie) == [.invalidProducerEpoch, .unknownTopicOrPartition])
        #expect(fixture.offsets.commits.isEmpty)
    }

    @Test func theGroupsRefusalGoesToTheClient() async throws {
        let producer = try await coordinator.session()
        #expect(try await addOffsets("readers", by: producer) == .none)
        fixture.offsets.refuse(with: .illegalGeneration)
        #expect(try await commitOffsets(by: producer).first == .illegalGeneration)
        #expect(await coordinator.end(commit: false, by: producer) == .none)
    }

    @Test func rightsOnTransactionGroupAndTopicAreAskedFor() async throws {
        let producer = try await coordinator.session()
        let transaction = access(refusing: .write, on: .transactionalID, named: "orders")
        let group = access(refusing: .read, on: .group, named: "readers")
        let topic = access(refusing: .read, on: .topic, named: "clicks")
        #expect(
            try await addOffsets("readers", by: producer, access: transaction)
                == .transactionalIDAuthorizationFailed)
        #expect(try await addOffsets("readers", by: producer, access: group) == .groupAuthorizationFailed)
        #expect(
            try await commitOffsets(by: producer, access: transaction).first
                == .transactionalIDAuthorizationFailed)
        #expect(try await commitOffsets(by: producer, access: group).first == .groupAuthorizationFailed)
        #expect(try await commitOffsets(by: producer, access: topic).first == .topicAuthorizationFailed)
    }

    // MARK: EndTxn

    private func end(
        commit: Bool, by producer: ProducerIdentity, version: Int16, access: TransactionAccess? = nil
    ) async throws -> KafkaErrorCode {
        let handler = EndTxnHandler(coordinator: coordinator, access: access ?? open)
        return try await answer(of: handler, version: version) { writer in
            writer.string("orders")
            writer.int64(producer.id)
            writer.int16(producer.epoch)
            writer.bool(commit)
        }.error
    }

    @Test(arguments: Int16(0)...3, [true, false])
    func aTransactionEnds(version: Int16, commit: Bool) async throws {
        let producer = try await coordinator.session()
        #expect(await coordinator.add([fixture.partition(0)], by: producer) == .none)
        let refused = access(refusing: .write, on: .transactionalID, named: "orders")
        #expect(
            try await end(commit: commit, by: producer, version: version, access: refused)
                == .transactionalIDAuthorizationFailed)
        #expect(try await end(commit: commit, by: producer, version: version) == .none)
        #expect(fixture.log.written.map(\.isCommit) == [commit])
        let zombie = ProducerIdentity(id: producer.id, epoch: producer.epoch + 1)
        #expect(
            try await end(commit: commit, by: zombie, version: version)
                == (version >= 2 ? .producerFenced : .invalidProducerEpoch))
    }

    // MARK: Administration

    @Test func describesWhatIsOpen() async throws {
        let producer = try await coordinator.session()
        #expect(await coordinator.add([fixture.partition(2), fixture.partition(0)], by: producer) == .none)
        let handler = DescribeTransactionsHandler(
            coordinator: coordinator, access: access(refusing: .describe, on: .transactionalID, named: "x"))
        let response = try await answer(of: handler, version: 0) { writer in
            writer.array(["orders", "x", "nobody", "", "orders"]) { $0.string($1) }
        }
        var expected = DescribeTransactionsResponse.Transaction(error: .none, transactionalID: "orders")
        expected.state = "Ongoing"
        expected.timeoutMilliseconds = 60_000
        expected.startTimestamp = 1_000_000
        expected.producerID = producer.id
        expected.producerEpoch = producer.epoch
        expected.topics = [.init(name: "clicks", partitions: [0, 2])]
        #expect(
            response.transactions == [
                expected, .init(error: .transactionalIDAuthorizationFailed, transactionalID: "x"),
                .init(error: .transactionalIDNotFound, transactionalID: "nobody"),
                .init(error: .invalidRequest, transactionalID: ""),
            ])
    }

    @Test func listsByStateAndProducer() async throws {
        let first = try await coordinator.session("a")
        let second = try await coordinator.session("b")
        #expect(await coordinator.add([fixture.partition(0)], by: second, to: "b") == .none)
        func list(_ states: [String], _ producers: [Int64]) async throws -> ListTransactionsResponse {
            let handler = ListTransactionsHandler(coordinator: coordinator, access: open)
            return try await answer(of: handler, version: 0) { writer in
                writer.array(states) { $0.string($1) }
                writer.array(producers) { $0.int64($1) }
            }
        }
        #expect(try await list([], []).transactions.map(\.transactionalID) == ["a", "b"])
        #expect(try await list(["Ongoing"], []).transactions.map(\.transactionalID) == ["b"])
        #expect(try await list([], [first.id]).transactions.map(\.transactionalID) == ["a"])
        let unknown = try await list(["Ongoing", "Sleeping"], [])
        #expect(unknown.unknownStateFilters == ["Sleeping"])
        #expect(unknown.transactions.map(\.state) == ["Ongoing"])
    }
}

/// A request's surroundings.
enum TestContext {
    static func make(version: Int16, loop: any EventLoop) -> RequestContext {
        RequestContext(
            apiVersion: version, clientID: "test", clientHost: "127.0.0.1", principal: .anonymous, loop: loop)
    }
}
