import ObjectStore
import Testing

@testable import DeltaFormat

@Suite struct UpkeepTests {
    private static let day: Int64 = 86_400_000

    private static func append(_ numbers: Range<Int>, to table: DeltaTable, _ fixture: TableFixture)
        async throws
    {
        for number in numbers {
            fixture.time.advance(milliseconds: 1000)
            _ = try await table.append(
                select: "SELECT \(number) AS a", on: fixture.engine,
                transactions: [AppTransaction(appID: "w", version: Int64(number))])
        }
    }

    @Test(arguments: TableStoreKind.allCases)
    func aCheckpointIsMadeEveryTenCommits(in kind: TableStoreKind) async throws {
        let fixture = try await TableFixture(kind)
        defer { fixture.remove() }
        // Times in memory are far in the past, so that all commits would be old.
        let properties = ["delta.enableExpiredLogCleanup": "false"]
        let table = try await fixture.created("SELECT 1 AS a", properties: properties) {
            $0.upkeep = .afterCommit
            $0.filesToMerge = 0
        }
        try await Self.append(0..<25, to: table, fixture)
        let checkpoints = try await fixture.store.keys().filter { $0.hasSuffix(".checkpoint.parquet") }
        #expect(checkpoints.count == 2)
        // Read by another process, with the commits before the checkpoint gone.
        for version in 0..<20 {
            try await fixture.store.delete(fixture.table().log.commitKey(TableVersion(Int64(version))))
        }
        let other = fixture.table()
        let snapshot = try #require(try await other.snapshot())
        #expect(snapshot.version == TableVersion(25))
        #expect(snapshot.fileCount == 25)
        #expect(snapshot.transactionVersion("w") == 24)
        #expect(
            try await fixture.rows(other) == (0..<25).map(String.init).sorted { Int($0) ?? 0 < Int($1) ?? 0 })
    }

    @Test func statisticsGoFromOneCheckpointIntoTheNext() async throws {
        let fixture = try await TableFixture()
        let table = try await fixture.created("SELECT 1 AS a")
        try await Self.append(0..<3, to: table, fixture)
        try await table.checkpoint()
        try await Self.append(3..<5, to: fixture.table(), fixture)
        let version = try await fixture.table().checkpoint()
        let checkpoint = Checkpoint(version: version, names: [Checkpoint.name(version)])
        let statistics = try await table.files.with(["_delta_log/" + checkpoint.names[0]]) {
            paths throws(DeltaError) in
            try await fixture.engine.rows(
                "SELECT add.stats FROM \(CheckpointReader.source(paths)) WHERE add.path IS NOT NULL ORDER BY 1"
            )
        }
        #expect(
            statistics.compactMap { $0[0].string }.map { $0.contains("\"numRecords\":1") }
                == [Bool](repeating: true, count: 5))
    }

    @Test(arguments: ["checkpoint.parquet", "_last_checkpoint"])
    func aCheckpointThatFailsHarmsNothing(at step: String) async throws {
        let fixture = try await TableFixture()
        let table = try await fixture.created("SELECT 1 AS a")
        try await Self.append(0..<3, to: table, fixture)
        fixture.store.fail(at: step)
        await #expect(throws: DeltaError.self) { try await table.checkpoint() }
        fixture.store.fail(at: nil)
        #expect(try await fixture.rows(fixture.table()).count == 3)
        try await Self.append(3..<4, to: table, fixture)
        try await table.checkpoint()
        #expect(try await fixture.rows(fixture.table()).count == 4)
    }

    @Test(arguments: TableStoreKind.allCases)
    func smallFilesAreMergedAndNoRowChanges(in kind: TableStoreKind) async throws {
        let fixture = try await TableFixture(kind)
        defer { fixture.remove() }
        let table = try await fixture.created("SELECT 1 AS a") { $0.filesToMerge = 4 }
        try await Self.append(0..<4, to: table, fixture)
        try await table.upkeep()
        #expect(try await table.snapshot()?.fileCount == 1)
        #expect(try await fixture.rows(table) == ["0", "1", "2", "3"])
        #expect(try await fixture.rows(table, at: .version(TableVersion(2))) == ["0", "1"])
        #expect(try await table.history().first?.info?.operation == "OPTIMIZE")
        #expect(try await table.optimize() == OptimizeOutcome())
    }

    @Test func aMergeGivesWayToWhoeverWasFaster() async throws {
        let fixture = try await TableFixture()
        let table = try await fixture.created("SELECT 1 AS a")
        try await Self.append(0..<2, to: table, fixture)
        let snapshot = try #require(try await table.snapshot())
        _ = try await fixture.table().optimize()
        let commit = Commit(
            actions: table.removals(of: snapshot.files, dataChange: false), operation: "OPTIMIZE")
        guard case .lost(.fileRemoved) = try await table.commit(commit, on: snapshot.state) else {
            return #expect(Bool(false), "the files were removed twice")
        }
    }

    @Test func aVacuumDeletesWhatNoYoungVersionNeeds() async throws {
        let fixture = try await TableFixture()
        let table = try await fixture.created("SELECT 1 AS a")
        try await Self.append(0..<3, to: table, fixture)
        _ = try await table.optimize()
        try await table.checkpoint()
        #expect(try await table.vacuum().files.isEmpty)
        fixture.time.advance(milliseconds: 8 * Self.day)
        try await Self.append(3..<4, to: table, fixture)
        #expect(try await table.vacuum(isDryRun: true).files.count == 3)
        #expect(try await table.vacuum().files.count == 3)
        #expect(try await fixture.rows(fixture.table()) == ["0", "1", "2", "3"])
    }

    @Test func aVacuumThatDiesHalfWayIsGoneOnWith() async throws {
        let fixture = try await TableFixture()
        let table = try await fixture.created("SELECT 1 AS a")
        try await Self.append(0..<4, to: table, fixture)
        let old = try #require(try await table.snapshot()).files.map(\.path).sorted()
        _ = try await table.optimize()
        fixture.time.advance(milliseconds: 8 * Self.day)
        fixture.store.fail(at: old[2])
        await #expect(throws: DeltaError.self) { try await table.vacuum() }
        #expect(try await fixture.rows(fixture.table()) == ["0", "1", "2", "3"])
        fixture.store.fail(at: nil)
        #expect(try await fixture.table().vacuum().files == Array(old[2...]))
        #expect(try await fixture.rows(fixture.table()) == ["0", "1", "2", "3"])
    }

    @Test func aShortRetentionMustBeForced() async throws {
        let fixture = try await TableFixture()
        let table = try await fixture.created("SELECT 1 AS a")
        let error = await #expect(throws: DeltaError.self) { try await table.vacuum(retention: 1000) }
        #expect(error?.code == .invalid)
        _ = try await table.vacuum(retention: 0, isForced: true)
    }

    @Test func filesThatAreNoneOfTheTableAreLeftAlone() {
        #expect(DeltaTable.isHidden("_delta_log/0.json", []))
        #expect(DeltaTable.isHidden("a/.tmp", []))
        #expect(!DeltaTable.isHidden("_p=1/a.parquet", ["_p"]))
        #expect(!DeltaTable.isHidden("a.parquet", []))
    }

    @Test func oldCommitsGoWhenACheckpointStandsForThem() async throws {
        let fixture = try await TableFixture()
        let table = try await fixture.created(
            "SELECT 1 AS a", properties: ["delta.logRetentionDuration": "interval 0 days"])
        try await Self.append(0..<4, to: table, fixture)
        // Times in memory are far in the past.
        try await table.checkpoint()
        let names = try await fixture.store.keys().filter { $0.contains("_delta_log") }
        #expect(names.filter { $0.hasSuffix(".json") }.count == 1)
        #expect(try await fixture.rows(fixture.table()).count == 4)
        let error = await #expect(throws: DeltaError.self) {
            try await fixture.table().snapshot(at: .version(TableVersion(2)))
        }
        #expect(error?.code == .notATable)
    }
}
