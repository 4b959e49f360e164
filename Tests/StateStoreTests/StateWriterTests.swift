import Foundation
import GRDB
import Synchronization
import Testing

@testable import StateStore

@Suite struct StateWriterTests {
    private let database: any DatabaseWriter
    private let writer: StateWriter

    init() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "state-\(UUID().uuidString).sqlite")
            .path
        database = try StateDatabase.open(
            path: path,
            tables: [
                { migrator in
                    migrator.registerMigration("numbers") {
                        try $0.execute(sql: "CREATE TABLE number (value INTEGER)")
                    }
                }
            ])
        writer = StateWriter(database)
    }

    private func write(_ sql: String) async -> (any Error)? {
        await withCheckedContinuation { continuation in
            writer.write({ try $0.execute(sql: sql) }, then: { continuation.resume(returning: $0) })
        }
    }

    private var numbers: [Int] {
        get throws {
            try database.read { try Int.fetchAll($0, sql: "SELECT value FROM number ORDER BY rowid") }
        }
    }

    @Test func aChangeIsThereWhenItsCompletionRuns() async throws {
        #expect(await write("INSERT INTO number VALUES (1)") == nil)
        #expect(try numbers == [1])
    }

    @Test func changesKeepTheOrderOfTheirCalls() async throws {
        for value in 1...50 {
            writer.write({ try $0.execute(sql: "INSERT INTO number VALUES (\(value))") }, then: { _ in })
        }
        _ = await write("INSERT INTO number VALUES (51)")
        #expect(try numbers == Array(1...51))
    }

    @Test func aChangeThatFailsIsUndoneAlone() async throws {
        async let first = write("INSERT INTO number VALUES (1)")
        async let second = write("INSERT INTO nothing VALUES (2)")
        async let third = write("INSERT INTO number VALUES (3)")
        let failures = await [first, second, third]
        #expect(failures.map { $0 == nil } == [true, false, true])
        #expect(try numbers.sorted() == [1, 3])
    }
}
