import Foundation
import KafkaWire
import LogStorage
import Logging
import NIOCore
import StateStore
import StreamModel
import Testing

@testable import Broker

/// The cluster as other dialects than Kafka's see it.
@Suite struct LocalAdministrationTests {
    private static let pins = NewClusterTopic(name: "pins", partitionCount: 1)
    private static let misnamed = NewClusterTopic(name: "a b")
    private let alice = ClusterCaller(principal: "User:alice", host: "127.0.0.1")

    /// Runs a test with a broker over a folder of its own, and closes what it has opened.
    private func withCluster(
        _ settings: SecuritySettings = SecuritySettings(),
        _ body: @Sendable (any ClusterAdministration) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "pinline-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let log = CommitLog(directory: folder + "/log", logger: logger)
        try log.open()
        let database = try StateDatabase.open(path: folder + "/state.sqlite", tables: KafkaBroker.tables)
        let broker = try KafkaBroker(
            log: log, database: database, state: StateWriter(database), settings: BrokerSettings(),
            security: BrokerSecurity(settings: settings, database: database, logger: logger), logger: logger)
        let result: Result<Void, any Error>
        do { result = .success(try await body(broker.administration)) } catch { result = .failure(error) }
        broker.beginClosing()
        await broker.close()
        log.close()
        try result.get()
    }

    private func code(_ body: @Sendable () async throws -> Void) async -> ClusterError.Code? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? ClusterError)?.code
        }
    }

    private func codeOfCheckingCreation(in cluster: any ClusterAdministration) async -> ClusterError.Code? {
        do throws(ClusterError) {
            _ = try await cluster.createTopic(Self.pins, validateOnly: true, by: alice)
            return nil
        } catch {
            return error.code
        }
    }

    @Test func aTopicIsMadeEnlargedConfiguredAndDeleted() async throws {
        try await withCluster { cluster in
            let made = try await cluster.createTopic(
                NewClusterTopic(name: "pins", partitionCount: 2, settings: [("retention.ms", "5000")]),
                validateOnly: false, by: alice)
            #expect(made.partitionCount == 2)
            #expect(made.allowedOperations.contains("ALTER_CONFIGS"))
            #expect(try await cluster.topics(for: alice) == [made])
            try await cluster.addPartitions(to: "pins", total: 3, by: alice)
            #expect(try await cluster.topic("pins", for: alice).partitionCount == 3)
            let offsets = try await cluster.offsets(ofPartition: 2, of: "pins", for: alice)
            #expect(offsets == .init(earliest: Offset(0), latest: Offset(0), lastStable: Offset(0)))
            try await cluster.changeSettings(
                of: .topic("pins"), [SettingChange("segment.bytes", value: "1048576")], validateOnly: false,
                by: alice)
            let settings = try await cluster.settings(of: .topic("pins"), for: alice)
            let own = settings.filter { $0.source == .dynamicTopic }.map { "\($0.name)=\($0.value ?? "")" }
            #expect(own.sorted() == ["retention.ms=5000", "segment.bytes=1048576"])
            #expect(settings.allSatisfy { $0.synonyms.first?.value == $0.value })
            try await cluster.deleteTopic("pins", by: alice)
            #expect(try await cluster.topics(for: alice).isEmpty)
        }
    }

    @Test func whatCannotBeDoneIsRefusedWithItsCode() async throws {
        try await withCluster { cluster in
            _ = try await cluster.createTopic(Self.pins, validateOnly: true, by: alice)
            #expect(await code { _ = try await cluster.topic("pins", for: alice) } == .unknownTopic)
            _ = try await cluster.createTopic(Self.pins, validateOnly: false, by: alice)
            #expect(await codeOfCheckingCreation(in: cluster) == .topicExists)
            #expect(
                await code {
                    _ = try await cluster.createTopic(Self.misnamed, validateOnly: false, by: alice)
                }
                    == .refused)
            #expect(
                await code { try await cluster.addPartitions(to: "pins", total: 1, by: alice) } == .refused)
            #expect(await code { try await cluster.deleteTopic("none", by: alice) } == .unknownTopic)
            #expect(
                await code { _ = try await cluster.offsets(ofPartition: 1, of: "pins", for: alice) }
                    == .unknownPartition)
            #expect(await code { _ = try await cluster.settings(of: .broker(3), for: alice) } == .notFound)
            let change = [SettingChange("num.partitions", value: "2")]
            for resource in [ClusterResource.broker(0), .allBrokers, .topic("pins")] {
                let found = await code {
                    try await cluster.changeSettings(of: resource, change, validateOnly: false, by: alice)
                }
                #expect(found == .refused)
            }
            #expect(await code { _ = try await cluster.group("none", for: alice) } == .notFound)
            #expect(try await cluster.committedOffsets(of: "none", for: alice).isEmpty)
            #expect(
                await code { _ = try await cluster.acls(matching: ClusterACLFilter(), for: alice) }
                    == .refused)
        }
    }

    @Test func rightsAreThoseOfWhoAsks() async throws {
        var settings = SecuritySettings()
        settings.aclEnabled = true
        settings.superUsers = [Principal(name: "root")]
        try await withCluster(settings) { cluster in
            let root = ClusterCaller(principal: "User:root", host: "127.0.0.1")
            let topic = NewClusterTopic(name: "pins", partitionCount: 1)
            #expect(
                await code { _ = try await cluster.createTopic(topic, validateOnly: false, by: alice) }
                    == .denied)
            _ = try await cluster.createTopic(topic, validateOnly: false, by: root)
            #expect(try await cluster.topics(for: alice).isEmpty)
            #expect(await code { _ = try await cluster.topic("pins", for: alice) } == .denied)
            #expect(
                await code { _ = try await cluster.acls(matching: ClusterACLFilter(), for: alice) } == .denied
            )
            let acl = ClusterACL(
                resourceType: "TOPIC", resourceName: "pi", patternType: "PREFIXED", principal: "User:alice",
                host: "*", operation: "DESCRIBE", permission: "ALLOW")
            try await cluster.createACLs([acl], by: root)
            #expect(try await cluster.topics(for: alice).map(\.allowedOperations) == [["DESCRIBE"]])
            #expect(try await cluster.acls(matching: ClusterACLFilter(), for: root) == [acl])
            #expect(try await cluster.deleteACLs(matching: ClusterACLFilter(), by: root) == [acl])
            #expect(try await cluster.topics(for: alice).isEmpty)
        }
    }

    @Test func kindsOfACLsHaveKafkasNames() {
        #expect(
            ACLOperation.allCases.map(\.kafkaName) == [
                "UNKNOWN", "ANY", "ALL", "READ", "WRITE", "CREATE", "DELETE", "ALTER", "DESCRIBE",
                "CLUSTER_ACTION", "DESCRIBE_CONFIGS", "ALTER_CONFIGS", "IDEMPOTENT_WRITE",
            ])
        #expect(
            ACLResourceType.allCases.map(\.kafkaName) == [
                "UNKNOWN", "ANY", "TOPIC", "GROUP", "CLUSTER", "TRANSACTIONAL_ID", "DELEGATION_TOKEN",
            ])
        #expect(
            ACLPatternType.allCases.map(\.kafkaName) == ["UNKNOWN", "ANY", "MATCH", "LITERAL", "PREFIXED"])
    }

    @Test func anAssignmentIsReadAndWhatIsNoneIsEmpty() throws {
        var writer = WireWriter(isFlexible: false)
        writer.int16(3)
        writer.array(["b", "a"]) { writer, topic in
            writer.string(topic)
            writer.array([1, 0, -1]) { $0.int32($1) }
        }
        let a = try #require(TopicName("a")), b = try #require(TopicName("b"))
        #expect(
            ConsumerAssignment.partitions(of: writer.buffer) == [
                TopicPartition(a, PartitionIndex(0)), TopicPartition(a, PartitionIndex(1)),
                TopicPartition(b, PartitionIndex(0)), TopicPartition(b, PartitionIndex(1)),
            ])
        #expect(ConsumerAssignment.partitions(of: ByteBuffer()).isEmpty)
        #expect(ConsumerAssignment.partitions(of: ByteBuffer(bytes: [0, 1, 0, 0, 0, 9])).isEmpty)
    }
}
