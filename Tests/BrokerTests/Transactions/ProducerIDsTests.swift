import Foundation
import GRDB
import StateStore
import Testing

@testable import Broker

@Suite struct ProducerIDsTests {
    private let database: any DatabaseWriter

    init() throws {
        let path = FileManager.default.temporaryDirectory
            .appending(path: "producer-ids-\(UUID().uuidString).sqlite").path
        database = try StateDatabase.open(path: path, tables: [ProducerIDs.registerMigrations])
    }

    private func opened(highestUsed: Int64 = -1) throws -> ProducerIDs {
        try ProducerIDs(database, writer: StateWriter(database), highestUsed: { highestUsed })
    }

    private func next(_ ids: ProducerIDs) async throws -> Int64 {
        try await withCheckedThrowingContinuation { continuation in
            ids.next { continuation.resume(with: $0) }
        }
    }

    private var storedEnd: Int64? {
        get throws {
            try database.read { try Int64.fetchOne($0, sql: "SELECT block_end FROM producer_id_block") }
        }
    }

    @Test func theEndOfABlockIsDurableBeforeItsFirstIDIsGivenOut() async throws {
        let ids = try opened()
        #expect(try storedEnd == nil)
        #expect(try await next(ids) == 0)
        #expect(try storedEnd == ProducerIDs.blockSize)
        #expect(try await next(ids) == 1)
    }

    @Test func noIDIsGivenOutTwiceOverRestarts() async throws {
        var given: Set<Int64> = []
        for _ in 0..<3 {
            let ids = try opened()
            for _ in 0..<5 { #expect(given.insert(try await next(ids)).inserted) }
        }
    }

    @Test func thoseWhoAskTogetherGetIDsOfTheirOwnOverTheEndOfABlock() async throws {
        let ids = try opened()
        let count = Int(ProducerIDs.blockSize) * 2 + 10
        let given = try await withThrowingTaskGroup(of: Int64.self) { group in
            for _ in 0..<count { group.addTask { try await next(ids) } }
            return try await group.reduce(into: Set<Int64>()) { $0.insert($1) }
        }
        #expect(given.count == count)
        #expect(given.max() == Int64(count) - 1)
    }

    @Test func idsThatTheLogKnowsAreNotGivenOutAgainWhereTheDatabaseWasLost() async throws {
        #expect(try await next(try opened(highestUsed: 41)) == 42)
        #expect(try await next(try opened(highestUsed: 5_000)) == 42 + ProducerIDs.blockSize)
    }

    @Test func aBlockThatCannotBeStoredGivesOutNothing() async throws {
        try await database.write { database in
            try database.execute(
                sql: """
                    CREATE TRIGGER refuse BEFORE INSERT ON producer_id_block
                    BEGIN SELECT RAISE(ABORT, 'told to'); END
                    """)
        }
        let ids = try opened()
        await #expect(throws: (any Error).self) { try await next(ids) }
        try await database.write { try $0.execute(sql: "DROP TRIGGER refuse") }
        #expect(try await next(ids) == 0)
    }
}
