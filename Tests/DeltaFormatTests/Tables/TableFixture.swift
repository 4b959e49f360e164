import Foundation
import ObjectStore
import QueryEngine
import StreamModel
import Synchronization
import Testing

@testable import DeltaFormat

/// The stores that tables are tested on; S3 is met by the acceptance tests.
enum TableStoreKind: String, CaseIterable, Sendable {
    case memory, directory
}

/// A table in a store of its own, with a clock that tests set.
struct TableFixture {
    let folder = FileManager.default.temporaryDirectory.path + "/delta-tests-" + UUID().uuidString
    let store: FailingStore
    let engine: DuckDBConnection
    let time = TestTime()

    init(_ kind: TableStoreKind = .memory) async throws {
        let place = folder + "/store"
        store = FailingStore(kind == .memory ? MemoryStore() : DirectoryStore(root: place))
        engine = try DuckDBDatabase(
            DuckDBLibrary.load(), settings: DuckDBSettings(threads: 1, keepsInsertionOrder: true)
        ).connect()
        try await engine.execute("SET TimeZone = 'UTC'")
    }

    /// A table as one process sees it; two of them are two processes.
    func table(_ change: (inout DeltaSettings) -> Void = { _ in }) -> DeltaTable {
        var settings = DeltaSettings()
        settings.upkeep = .byCaller
        change(&settings)
        let time = time
        return DeltaTable(
            store: store, folder: "tables/t", engine: engine, scratch: folder + "/scratch",
            settings: settings,
            clock: WallClock { time.milliseconds })
    }

    /// Creates the table with the columns of a statement.
    @discardableResult
    func created(
        _ select: String, partitionColumns: [String] = [], properties: [String: String] = [:],
        _ change: (inout DeltaSettings) -> Void = { _ in }
    ) async throws -> DeltaTable {
        let table = table(change)
        _ = try await table.create(
            try await DeltaTable.schema(of: select, on: engine), partitionColumns: partitionColumns,
            properties: properties)
        return table
    }

    /// The rows of a version as text, sorted.
    func rows(_ table: DeltaTable, at time: TimeTravel = .latest) async throws -> [String] {
        guard let snapshot = try await table.snapshot(at: time) else { return [] }
        let names = snapshot.files.map { PathText.decoded($0.path) }
        let files = snapshot.files.map(\.path)
        return try await table.files.with(names) { paths throws(DeltaError) in
            let places = Dictionary(zip(files, paths), uniquingKeysWith: { first, _ in first })
            let sql = snapshot.select { places[$0.path] ?? "" }
            return try await engine.rows("SELECT * FROM (\(sql)) ORDER BY ALL").map { row in
                row.map(\.json).joined(separator: "|")
            }
        }
    }

    func remove() {
        try? FileManager.default.removeItem(atPath: folder)
    }
}

/// A clock that goes on only when it is told to.
final class TestTime: Sendable {
    private let now = Mutex<Int64>(1_700_000_000_000)

    var milliseconds: Int64 { now.withLock { $0 } }

    func advance(milliseconds: Int64) {
        now.withLock { $0 += milliseconds }
    }
}

/// A store that fails at the calls whose keys a test names: as a process that dies there, or a network.
final class FailingStore: ObjectStore {
    private let store: any ObjectStore
    private let failing = Mutex<(text: String, isDoneFirst: Bool)?>(nil)

    init(_ store: any ObjectStore) {
        self.store = store
    }

    /// Lets calls fail that change an object whose key holds a text.
    ///
    /// - Parameter isDoneFirst: does what was asked for, and fails then.
    func fail(at text: String?, isDoneFirst: Bool = false) {
        failing.withLock { $0 = text.map { ($0, isDoneFirst) } }
    }

    private func change<Value>(
        _ key: ObjectKey, _ body: () async throws(ObjectStoreError) -> Value
    ) async throws(ObjectStoreError) -> Value {
        let fails = failing.withLock { failing in
            failing.flatMap { key.rawValue.contains($0.text) ? $0 : nil }
        }
        guard let fails else { return try await body() }
        if fails.isDoneFirst { _ = try await body() }
        throw ObjectStoreError(.unavailable, "the test's failure at \(key)")
    }

    func put(_ content: [UInt8], as key: ObjectKey, options: PutOptions) async throws(ObjectStoreError)
        -> PutOutcome
    {
        try await change(key) { () throws(ObjectStoreError) in
            try await store.put(content, as: key, options: options)
        }
    }

    func put(file path: String, as key: ObjectKey, options: PutOptions) async throws(ObjectStoreError)
        -> PutOutcome
    {
        try await change(key) { () throws(ObjectStoreError) in
            try await store.put(file: path, as: key, options: options)
        }
    }

    func get(_ key: ObjectKey, range: Range<Int64>?) async throws(ObjectStoreError) -> [UInt8]? {
        try await store.get(key, range: range)
    }

    func get(_ key: ObjectKey, into path: String) async throws(ObjectStoreError) -> ObjectStat? {
        try await store.get(key, into: path)
    }

    func stat(_ key: ObjectKey) async throws(ObjectStoreError) -> ObjectStat? { try await store.stat(key) }

    func list(prefix: String, after: ObjectKey?, limit: Int) async throws(ObjectStoreError) -> [ListedObject]
    {
        try await store.list(prefix: prefix, after: after, limit: limit)
    }

    func delete(_ key: ObjectKey) async throws(ObjectStoreError) {
        try await change(key) { () throws(ObjectStoreError) in try await store.delete(key) }
    }

    /// The keys of all objects.
    func keys() async throws -> [String] { try await list(prefix: "").map(\.rawValue) }
}
