import Foundation
import GRDB
import KafkaWire
import Logging
import NIOCore
import NIOEmbedded
import StateStore
import StreamModel
import Synchronization
import Testing

@testable import Broker

/// A coordinator over a real database, with log, groups and clock in the test's hand.
final class TransactionFixture: Sendable {
    let clicks: TopicName
    let log: RecordingLog
    let offsets = RecordingOffsets()
    let loop = NIOAsyncTestingEventLoop()
    private let database: any DatabaseWriter
    private let time = Mutex<Int64>(1_000_000)

    init() throws {
        clicks = try #require(TopicName("clicks"))
        log = RecordingLog(topics: [clicks: 3])
        let path = FileManager.default.temporaryDirectory
            .appending(path: "transactions-\(UUID().uuidString).sqlite").path
        database = try StateDatabase.open(path: path, tables: [TransactionCoordinator.registerMigrations])
    }

    func partition(_ index: Int32) -> TopicPartition { TopicPartition(clicks, PartitionIndex(index)) }

    func advance(milliseconds: Int64) {
        time.withLock { $0 += milliseconds }
    }

    /// The server as it starts: what an earlier coordinator had in memory is gone.
    func coordinator(settings: TransactionSettings = TransactionSettings()) throws -> TransactionCoordinator {
        let writer = StateWriter(database)
        return try TransactionCoordinator(
            database, writer: writer, settings: settings,
            parts: .init(
                producerIDs: try ProducerIDs(database, writer: writer), log: log, offsets: offsets,
                loop: loop,
                clock: WallClock { [self] in time.withLock { $0 } },
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
    }

    /// What a restart would find.
    func stored(_ transactionalID: String) throws -> TransactionState? {
        try database.read { try TransactionStore.load($0)[transactionalID] }
    }

    /// Refuses every change from now on, as a full disk does; or takes them again.
    func refuseWrites(_ refuses: Bool) throws {
        try database.write { database in
            for operation in ["INSERT", "DELETE"] {
                let name = "refuse_\(operation)"
                try database.execute(sql: "DROP TRIGGER IF EXISTS \(name)")
                guard refuses else { continue }
                try database.execute(
                    sql: """
                        CREATE TRIGGER \(name) BEFORE \(operation) ON transactional_id
                        BEGIN SELECT RAISE(ABORT, 'told to'); END
                        """)
            }
        }
    }
}

extension TransactionCoordinator {
    func initialise(
        _ transactionalID: String? = "orders", timeoutMilliseconds: Int32 = 60_000,
        expected: ProducerIdentity? = nil
    ) async -> InitProducerIdResponse {
        await withCheckedContinuation { continuation in
            initProducerID(
                transactionalID: transactionalID, timeoutMilliseconds: timeoutMilliseconds, expected: expected
            ) { continuation.resume(returning: $0) }
        }
    }

    /// A session that must begin.
    func session(
        _ transactionalID: String = "orders", timeoutMilliseconds: Int32 = 60_000
    ) async throws -> ProducerIdentity {
        let response = await initialise(transactionalID, timeoutMilliseconds: timeoutMilliseconds)
        try #require(response.error == .none)
        return ProducerIdentity(id: response.producerID, epoch: response.producerEpoch)
    }

    func add(
        _ partitions: Set<TopicPartition>, by producer: ProducerIdentity,
        to transactionalID: String = "orders"
    ) async -> KafkaErrorCode {
        await withCheckedContinuation { continuation in
            add(partitions, to: transactionalID, by: producer) { continuation.resume(returning: $0) }
        }
    }

    func add(
        group: String, by producer: ProducerIdentity, to transactionalID: String = "orders"
    ) async -> KafkaErrorCode {
        await withCheckedContinuation { continuation in
            add(group: group, to: transactionalID, by: producer) { continuation.resume(returning: $0) }
        }
    }

    func end(
        commit: Bool, by producer: ProducerIdentity, of transactionalID: String = "orders"
    ) async -> KafkaErrorCode {
        await withCheckedContinuation { continuation in
            end(transactionalID, commit: commit, by: producer) { continuation.resume(returning: $0) }
        }
    }

    /// Waits until all changes so far are durable.
    func settle() {
        store.writer.finish()
    }
}
