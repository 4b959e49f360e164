import Foundation
import KafkaWire
import LogStorage
import Logging
import NIOCore
import NIOEmbedded
import StreamModel
import Testing

@testable import Broker

/// The handlers over a log in a folder of its own.
@Suite struct AdministrationHandlerTests {
    /// Refuses one operation.
    private struct Refusing: Authorizer {
        var operation: ACLOperation

        func allows(
            _ principal: Principal, from host: String, _ operation: ACLOperation, on type: ACLResourceType,
            named name: String
        ) -> Bool { operation != self.operation }
    }

    /// Runs a test with handlers, and closes what it has opened.
    private func withHandlers(
        _ authorizer: any Authorizer = OpenAuthorizer(),
        _ body: (AdministrationHandlers, Asking) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "pinline-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let log = CommitLog(directory: folder, logger: logger)
        try log.open()
        let threads = BrokerThreads(count: 1)
        let shared = AdministrationHandlers(
            log: log, threads: threads, authorizer: authorizer, clusterID: "cluster",
            settings: BrokerSettings())
        let failure: (any Error)?
        do {
            try await body(shared, Asking(loop: EmbeddedEventLoop()))
            failure = nil
        } catch {
            failure = error
        }
        await threads.shutDown()
        log.close()
        if let failure { throw failure }
    }

    @Test func aPartitionThatIsThereHasNoProducersAtFirstAndAnotherIsUnknown() async throws {
        try await withHandlers { shared, client in
            _ = try shared.log.createTopic(
                try #require(TopicName("pins")), partitions: 1, configuration: TopicConfiguration())
            let answer = try await client.ask(DescribeProducersHandler(shared: shared), 0) { writer in
                writer.array(["pins"]) { writer, name in
                    writer.string(name)
                    writer.array([0, 1, -1]) { $0.int32($1) }
                    writer.emptyTaggedFields()
                }
                writer.emptyTaggedFields()
            }
            let partitions = try #require(answer.topics.first).partitions
            #expect(partitions.map(\.error) == [.none, .unknownTopicOrPartition, .unknownTopicOrPartition])
            #expect(partitions.map(\.producers) == [[], [], []])
        }
    }

    /// Asks a handler and waits for its answer.
    private struct Asking: @unchecked Sendable {  // The loop is never run.
        var loop: EmbeddedEventLoop

        func ask<Handler: RequestHandler>(
            _ handler: Handler, _ version: Int16, _ write: (inout WireWriter) -> Void
        ) async throws -> Handler.Request.Response {
            var writer = WireWriter(isFlexible: Handler.Request.api.isFlexible(version))
            write(&writer)
            var reader = WireReader(writer.buffer, isFlexible: writer.isFlexible)
            let request = try Handler.Request(&reader, version: version)
            #expect(reader.remaining == 0, "the request was not read to its end")
            let client = RequestContext(
                apiVersion: version, clientID: nil, clientHost: "127.0.0.1", principal: .anonymous, loop: loop
            )
            let answer = await withCheckedContinuation { continuation in
                handler.handle(request, client, Reply { continuation.resume(returning: $0) })
            }
            return try #require(answer)
        }

        func create(
            _ shared: AdministrationHandlers, _ names: [String], partitions: Int32 = 2,
            validateOnly: Bool = false
        ) async throws -> [CreateTopicsResponse.Topic] {
            try await ask(CreateTopicsHandler(shared: shared), 7) { writer in
                writer.array(names) { writer, name in
                    writer.string(name)
                    writer.int32(partitions)
                    writer.int16(1)
                    writer.array([Int32]()) { $0.int32($1) }
                    writer.array([Int32]()) { $0.int32($1) }
                    writer.emptyTaggedFields()
                }
                writer.int32(30_000)
                writer.bool(validateOnly)
                writer.emptyTaggedFields()
            }.topics
        }
    }

    @Test func aTopicIsMadeOnceAndKnownByItsID() async throws {
        try await withHandlers { shared, asking in
            let made = try #require(try await asking.create(shared, ["pins"]).first)
            #expect(made.error == .none && made.partitionCount == 2 && made.id != .zero)
            #expect(made.configs?.isEmpty == false)
            let again = try await asking.create(shared, ["pins"])
            #expect(again.map(\.error) == [.topicAlreadyExists])
            #expect(shared.log.topicDescription(id: TopicID(made.id))?.name.rawValue == "pins")
        }
    }

    @Test func aTopicThatIsOnlyCheckedIsNotMade() async throws {
        try await withHandlers { shared, asking in
            let checked = try #require(try await asking.create(shared, ["pins"], validateOnly: true).first)
            #expect(checked.error == .none && checked.id == .zero)
            #expect(shared.log.topicDescriptions().isEmpty)
        }
    }

    @Test func aNameTwiceIsRefusedOnceAndTheOthersAreMade() async throws {
        try await withHandlers { shared, asking in
            let answers = try await asking.create(shared, ["twice", "once", "twice"])
            #expect(answers.map(\.name) == ["twice", "once"])
            #expect(answers.map(\.error) == [.invalidRequest, .none])
        }
    }

    @Test func moreThanTenThousandPartitionsInOneRequestAreRefused() async throws {
        try await withHandlers { shared, asking in
            let answers = try await asking.create(
                shared, ["a", "b", "c"], partitions: 5_000, validateOnly: true)
            #expect(answers.map(\.error) == [.none, .none, .policyViolation])
        }
    }

    @Test func whoMayNotCreateIsRefused() async throws {
        try await withHandlers(Refusing(operation: .create)) { shared, asking in
            let answers = try await asking.create(shared, ["pins"])
            #expect(answers.map(\.error) == [.topicAuthorizationFailed])
        }
    }

    @Test func aTopicIsDeletedByNameOrByID() async throws {
        try await withHandlers { shared, asking in
            let made = try await asking.create(shared, ["by-name", "by-id"])
            let response = try await asking.ask(DeleteTopicsHandler(shared: shared), 6) { writer in
                writer.array([
                    ("by-name", WireUUID.zero), (nil, made[1].id), (nil, WireUUID(high: 1, low: 1)),
                ]) {
                    $0.nullableString($1.0)
                    $0.uuid($1.1)
                    $0.emptyTaggedFields()
                }
                writer.int32(30_000)
                writer.emptyTaggedFields()
            }
            #expect(response.topics.map(\.error) == [.none, .none, .unknownTopicID])
            #expect(response.topics.map(\.name) == ["by-name", "by-id", nil])
            #expect(shared.log.topicDescriptions().isEmpty)
        }
    }

    @Test func partitionsAreAdded() async throws {
        try await withHandlers { shared, asking in
            _ = try await asking.create(shared, ["pins"])
            let response = try await asking.ask(CreatePartitionsHandler(shared: shared), 0) { writer in
                writer.array([("pins", Int32(5)), ("none", 5)]) {
                    $0.string($1.0)
                    $0.int32($1.1)
                    $0.nullableArray([Int32]?.none) { $0.int32($1) }
                }
                writer.int32(0)
                writer.bool(false)
            }
            #expect(response.results.map(\.error) == [.none, .unknownTopicOrPartition])
            #expect(shared.log.topicDescriptions().map(\.partitionCount) == [5])
        }
    }

    @Test func recordsThatAreNotThereCannotBeDeleted() async throws {
        try await withHandlers { shared, asking in
            _ = try await asking.create(shared, ["pins"])
            let response = try await asking.ask(DeleteRecordsHandler(shared: shared), 1) { writer in
                writer.array(["pins"]) { writer, name in
                    writer.string(name)
                    writer.array([(0, -1), (1, 1), (0, -2), (9, 0), (-1, 0)] as [(Int32, Int64)]) {
                        $0.int32($1.0)
                        $0.int64($1.1)
                    }
                }
                writer.int32(30_000)
            }
            let answers = try #require(response.topics.first).partitions
            #expect(
                answers.map(\.error) == [
                    .none, .offsetOutOfRange, .offsetOutOfRange, .unknownTopicOrPartition,
                    .unknownTopicOrPartition,
                ])
            #expect(answers.map(\.lowWatermark) == [0, -1, -1, -1, -1])
        }
    }

    @Test func settingsThatWereChangedAreDescribed() async throws {
        try await withHandlers { shared, asking in
            _ = try await asking.create(shared, ["pins"])
            let change = try await asking.ask(IncrementalAlterConfigsHandler(shared: shared), 0) { writer in
                writer.array([(Int8(2), "pins"), (2, "none"), (4, "0"), (99, "x")]) { writer, resource in
                    writer.int8(resource.0)
                    writer.string(resource.1)
                    writer.array(["retention.ms"]) { writer, name in
                        writer.string(name)
                        writer.int8(0)
                        writer.nullableString("77")
                    }
                }
                writer.bool(false)
            }
            #expect(
                change.resources.map(\.error) == [
                    .none, .unknownTopicOrPartition, .invalidRequest, .invalidRequest,
                ])
            let response = try await asking.ask(DescribeConfigsHandler(shared: shared), 1) { writer in
                writer.array(["pins"]) { writer, name in
                    writer.int8(2)
                    writer.string(name)
                    writer.nullableArray(["retention.ms"]) { $0.string($1) }
                }
                writer.bool(true)
            }
            let config = try #require(response.resources.first?.configs.first)
            #expect(response.resources.first?.configs.count == 1)
            #expect(config.value == "77" && config.source == .dynamicTopic && config.synonyms.count == 2)
        }
    }

    @Test func theOnlyBrokerIsToldWhereTheClientFindsIt() async throws {
        try await withHandlers { shared, asking in
            let response = try await asking.ask(DescribeClusterHandler(shared: shared), 0) { writer in
                writer.bool(true)
                writer.emptyTaggedFields()
            }
            #expect(response.clusterID == "cluster" && response.controllerID == 0)
            #expect(response.brokers == [.init(id: 0, host: "127.0.0.1", port: 9092)])
            #expect(response.authorizedOperations > 0)
        }
    }

    @Test func theFolderIsDescribedWithEachPartitionOnce() async throws {
        try await withHandlers { shared, asking in
            _ = try await asking.create(shared, ["pins"])
            let response = try await asking.ask(DescribeLogDirsHandler(shared: shared), 1) { writer in
                writer.nullableArray([Int32]?.none) { $0.int32($1) }
            }
            let folder = try #require(response.directories.first)
            #expect(folder.path == shared.log.directory && folder.totalBytes > folder.usableBytes)
            #expect(
                folder.topics.map(\.name) == ["pins"] && folder.topics[0].partitions.map(\.index) == [0, 1])
        }
    }

    // MARK: One broker, one folder

    private static let pins = ["pins"]

    private func withPins(
        _ authorizer: any Authorizer = OpenAuthorizer(),
        _ body: (AdministrationHandlers, Asking) async throws -> Void
    ) async throws {
        try await withHandlers(authorizer) { shared, client in
            _ = try shared.log.createTopic(try #require(TopicName("pins")), partitions: 2)
            try await body(shared, client)
        }
    }

    @Test(arguments: [Int16(0), 1, 2])
    func noElectionIsNeeded(version: Int16) async throws {
        try await withPins { shared, client in
            let answer = try await client.ask(ElectLeadersHandler(shared: shared), version) { writer in
                if version >= 1 { writer.int8(0) }
                writer.array(Self.pins) { writer, name in
                    writer.string(name)
                    writer.array([0, 1, 2]) { $0.int32($1) }
                    writer.emptyTaggedFields()
                }
                writer.int32(1000)
                writer.emptyTaggedFields()
            }
            #expect(
                answer.topics.first?.partitions.map(\.error) == [
                    .electionNotNeeded, .electionNotNeeded, .unknownTopicOrPartition,
                ])
        }
    }

    @Test func aPartitionStaysOnTheOnlyBroker() async throws {
        try await withPins { shared, client in
            let moves: [[Int32]?] = [[0], [1], [], [0, 0], nil]
            let answer = try await client.ask(AlterPartitionReassignmentsHandler(shared: shared), 0) {
                writer in
                writer.int32(1000)
                writer.array(Self.pins) { writer, name in
                    writer.string(name)
                    writer.array(moves) { writer, brokers in
                        writer.int32(1)
                        writer.nullableArray(brokers) { $0.int32($1) }
                        writer.emptyTaggedFields()
                    }
                    writer.emptyTaggedFields()
                }
                writer.emptyTaggedFields()
            }
            #expect(
                answer.topics.first?.partitions.map(\.error) == [
                    .none, .invalidReplicaAssignment, .invalidReplicaAssignment, .invalidReplicaAssignment,
                    .noReassignmentInProgress,
                ])
            let list = try await client.ask(ListPartitionReassignmentsHandler(shared: shared), 0) { writer in
                writer.int32(1000)
                writer.nullableArray(nil as [String]?) { $0.string($1) }
                writer.emptyTaggedFields()
            }
            #expect(list.error == .none)
        }
    }

    @Test(arguments: [Int16(0), 1, 2])
    func aReplicaStaysInTheOnlyFolder(version: Int16) async throws {
        try await withPins { shared, client in
            let paths = [shared.log.directory, "/elsewhere"]
            let answer = try await client.ask(AlterReplicaLogDirsHandler(shared: shared), version) { writer in
                writer.array(paths) { writer, path in
                    writer.string(path)
                    writer.array(Self.pins) { writer, name in
                        writer.string(name)
                        writer.array([0, 2]) { $0.int32($1) }
                        writer.emptyTaggedFields()
                    }
                    writer.emptyTaggedFields()
                }
                writer.emptyTaggedFields()
            }
            #expect(
                answer.topics.map { $0.partitions.map(\.error) } == [
                    [.none, .unknownTopicOrPartition], [.logDirNotFound, .logDirNotFound],
                ])
        }
    }

    @Test func withoutTheRightToAlterTheClusterNothingIsMoved() async throws {
        try await withPins(Refusing(operation: .alter)) { shared, client in
            let elected = try await client.ask(ElectLeadersHandler(shared: shared), 2) { writer in
                writer.int8(0)
                writer.nullableArray(nil as [String]?) { $0.string($1) }
                writer.int32(1000)
                writer.emptyTaggedFields()
            }
            #expect(elected.error == .clusterAuthorizationFailed)
            let moved = try await client.ask(AlterPartitionReassignmentsHandler(shared: shared), 0) {
                writer in
                writer.int32(1000)
                writer.array([String]()) { $0.string($1) }
                writer.emptyTaggedFields()
            }
            #expect(moved.error == .clusterAuthorizationFailed)
        }
    }
}
