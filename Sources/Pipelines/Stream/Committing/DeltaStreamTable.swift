package import DeltaFormat
package import QueryEngine
package import StreamModel
import Synchronization

/// A Delta table that follows a stream: rows and positions in one commit, by the action `txn`.
package final class DeltaStreamTable: StreamTable {
    private let table: DeltaTable
    private let clock: WallClock
    private let lastVacuum: Atomic<Int64>
    private static let vacuumMilliseconds: Int64 = 3_600_000

    package init(_ table: DeltaTable, clock: WallClock = .system) {
        self.table = table
        self.clock = clock
        lastVacuum = Atomic(clock.milliseconds)
    }

    package func open(like select: String, on engine: any SQLEngine) async throws -> StreamTableState {
        if let state = try await state() { return state }
        let schema = try await DeltaTable.schema(of: select, on: engine)
        return Self.state(try await table.create(schema))
    }

    package func state() async throws -> StreamTableState? {
        try await table.snapshot().map(Self.state)
    }

    private static func state(_ snapshot: TableSnapshot) -> StreamTableState {
        StreamTableState(
            id: snapshot.metadata.id, version: snapshot.version.rawValue, positions: snapshot.transactions,
            files: snapshot.fileCount, columns: snapshot.schema.fields.map(\.name))
    }

    package func append(
        select: String, on engine: any SQLEngine, positions: [String: Int64]
    ) async throws -> Int64 {
        let transactions = positions.sorted { $0.key < $1.key }
            .map { AppTransaction(appID: $0.key, version: $0.value) }
        do {
            let outcome = try await table.append(
                select: select, on: engine, transactions: transactions, operation: "STREAMING UPDATE",
                parameters: ["outputMode": "Append"], evolution: [.addColumns, .widen])
            if case .committed(let version, _, _) = outcome { return version.rawValue }
            return try await state()?.version ?? 0
        } catch let error as DeltaError where [.notATable, .conflict].contains(error.code) {
            throw StreamFailure(.tableChanged, error.message)
        }
    }

    package func select() async throws -> String {
        guard let snapshot = try await table.snapshot() else {
            throw StreamFailure(.tableChanged, "a table was deleted while it was read")
        }
        return snapshot.select()
    }

    package func tend() async throws {
        try await table.upkeep()
        let now = clock.milliseconds
        guard now - lastVacuum.load(ordering: .relaxed) > Self.vacuumMilliseconds else { return }
        lastVacuum.store(now, ordering: .relaxed)
        _ = try await table.vacuum()
    }
}
