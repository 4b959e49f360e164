import ObjectStore
import Testing

@testable import DeltaFormat

@Suite struct AppendTests {
    @Test(arguments: TableStoreKind.allCases)
    func rowsOfEachCommitAreThere(in kind: TableStoreKind) async throws {
        let fixture = try await TableFixture(kind)
        defer { fixture.remove() }
        let table = try await fixture.created("SELECT 1 AS a, 'x' AS b")
        let first = try await table.append(select: "SELECT 2 AS a, 'y' AS b", on: fixture.engine)
        #expect(first == .committed(version: TableVersion(1), files: 1, rows: 1))
        // Columns in another order, one missing, one narrower.
        _ = try await table.append(select: "SELECT 3::SMALLINT AS A", on: fixture.engine)
        #expect(try await fixture.rows(table) == ["2|\"y\"", "3|null"])
        #expect(try await fixture.rows(fixture.table()) == ["2|\"y\"", "3|null"])
        #expect(try await fixture.rows(table, at: .version(TableVersion(1))) == ["2|\"y\""])
    }

    @Test func aTransactionIsCommittedOnce() async throws {
        let fixture = try await TableFixture()
        let table = try await fixture.created("SELECT 1 AS a")
        let position = [AppTransaction(appID: "in/0", version: 5)]
        let (one, engine) = ("SELECT 1 AS a", fixture.engine)
        _ = try await table.append(select: one, on: engine, transactions: position)
        #expect(try await table.append(select: one, on: engine, transactions: position) == .alreadyCommitted)
        let other = fixture.table()
        #expect(try await other.append(select: one, on: engine, transactions: position) == .alreadyCommitted)
        #expect(try await other.snapshot()?.transactionVersion("in/0") == 5)
        #expect(try await fixture.rows(table).count == 1)
    }

    @Test func positionsWithoutRowsAreCommittedToo() async throws {
        let fixture = try await TableFixture()
        let table = try await fixture.created("SELECT 1 AS a")
        let none = "SELECT 1 AS a WHERE false"
        #expect(try await table.append(select: none, on: fixture.engine) == .nothingToCommit)
        let outcome = try await table.append(
            select: none, on: fixture.engine, transactions: [AppTransaction(appID: "a", version: 1)])
        #expect(outcome == .committed(version: TableVersion(1), files: 0, rows: 0))
        #expect(try await table.snapshot()?.transactions == ["a": 1])
    }

    @Test func positionsThatCameApartAreAConflict() async throws {
        let fixture = try await TableFixture()
        let table = try await fixture.created("SELECT 1 AS a")
        _ = try await table.append(
            select: "SELECT 1 AS a", on: fixture.engine,
            transactions: [AppTransaction(appID: "p0", version: 4)])
        let error = await #expect(throws: DeltaError.self) {
            try await table.append(
                select: "SELECT 1 AS a", on: fixture.engine,
                transactions: [
                    AppTransaction(appID: "p0", version: 4), AppTransaction(appID: "p1", version: 4),
                ])
        }
        #expect(error?.code == .conflict)
    }

    @Test func whoIsSlowerComesBehind() async throws {
        let fixture = try await TableFixture()
        let table = try await fixture.created("SELECT 1 AS a")
        let other = fixture.table()
        let stale = try #require(try await table.snapshot())
        _ = try await other.append(select: "SELECT 2 AS a", on: fixture.engine)
        let commit = Commit(
            actions: [.transaction(AppTransaction(appID: "x", version: 1), lastUpdated: nil)],
            operation: "WRITE")
        #expect(try await table.commit(commit, on: stale.state) == .committed(TableVersion(2)))
        #expect(try await fixture.rows(table) == ["2"])
    }

    @Test func rowsAreWrittenAnewWhenTheColumnsChangedMeanwhile() async throws {
        let fixture = try await TableFixture()
        let table = try await fixture.created("SELECT 1 AS a")
        _ = try await table.snapshot()
        _ = try await fixture.table().append(
            select: "SELECT 2 AS a, 'x' AS b", on: fixture.engine, evolution: .addColumns)
        _ = try await table.append(select: "SELECT 3 AS a", on: fixture.engine)
        #expect(try await fixture.rows(table) == ["2|\"x\"", "3|null"])
    }

    @Test func aCommitWhoseAnswerIsLostIsSeenToBeOurs() async throws {
        let fixture = try await TableFixture()
        let table = try await fixture.created("SELECT 1 AS a")
        fixture.store.fail(at: "0001.json", isDoneFirst: true)
        let outcome = try await table.append(select: "SELECT 1 AS a", on: fixture.engine)
        #expect(outcome == .committed(version: TableVersion(1), files: 1, rows: 1))
    }

    @Test(arguments: [".parquet", "0001.json"], TableStoreKind.allCases)
    func whatFailsBeforeTheCommitLeavesNothingToBeSeen(at step: String, in kind: TableStoreKind) async throws
    {
        let fixture = try await TableFixture(kind)
        defer { fixture.remove() }
        let table = try await fixture.created("SELECT 1 AS a")
        let position = [AppTransaction(appID: "a", version: 1)]
        fixture.store.fail(at: step)
        let error = await #expect(throws: DeltaError.self) {
            try await table.append(select: "SELECT 1 AS a", on: fixture.engine, transactions: position)
        }
        #expect(error?.code == .unavailable)
        #expect(try await fixture.rows(fixture.table()) == [])
        fixture.store.fail(at: nil)
        _ = try await table.append(select: "SELECT 1 AS a", on: fixture.engine, transactions: position)
        #expect(try await fixture.rows(fixture.table()) == ["1"])
    }

    @Test func columnsThatTheTableLacksAreRefusedUnlessAllowed() async throws {
        let fixture = try await TableFixture()
        let table = try await fixture.created("SELECT 1 AS a")
        let error = await #expect(throws: DeltaError.self) {
            try await table.append(select: "SELECT 1 AS a, 2 AS b", on: fixture.engine)
        }
        #expect(error?.code == .invalid)
    }

    @Test func aWiderColumnIsWrittenAnewInAllFiles() async throws {
        let fixture = try await TableFixture()
        let table = try await fixture.created("SELECT 1 AS a, 'p' AS p", partitionColumns: ["p"])
        for partition in ["x", "y"] {
            _ = try await table.append(select: "SELECT 7 AS a, '\(partition)' AS p", on: fixture.engine)
        }
        _ = try await table.append(
            select: "SELECT 9000000000 AS a, 'x' AS p", on: fixture.engine, evolution: .widen)
        #expect(try await table.snapshot()?.schema.field("a")?.type == .long)
        #expect(try await fixture.rows(table) == ["7|\"x\"", "7|\"y\"", "9000000000|\"x\""])
        #expect(try await fixture.rows(table, at: .version(TableVersion(2))) == ["7|\"x\"", "7|\"y\""])
    }

    @Test func aColumnThatTakesNoNullRefusesOne() async throws {
        let fixture = try await TableFixture()
        let table = fixture.table()
        _ = try await table.create(DeltaSchema([DeltaField("a", .integer, isNullable: false)]))
        for select in ["SELECT NULL::INT AS a", "SELECT 1 AS a UNION ALL SELECT NULL"] {
            await #expect(throws: DeltaError.self) {
                try await table.append(select: select, on: fixture.engine)
            }
        }
    }

    @Test func partitionsAreFoldersWhoseValuesComeBack() async throws {
        let fixture = try await TableFixture(.directory)
        defer { fixture.remove() }
        let rows = """
            SELECT * FROM (VALUES (1, 'a/b=c ä:%', TIMESTAMP '2020-01-01 00:00:00.123456', true),
              (2, NULL, NULL, NULL), (3, '', TIMESTAMP '2020-01-01 00:00:00', false)) AS v(a, s, t, b)
            """
        let table = try await fixture.created(rows, partitionColumns: ["s", "t", "b"])
        _ = try await table.append(select: rows, on: fixture.engine)
        #expect(
            try await fixture.rows(table) == [
                "1|\"a/b=c ä:%\"|\"2020-01-01T00:00:00.123456Z\"|true", "2|null|null|null",
                "3|null|\"2020-01-01T00:00:00Z\"|false",
            ])
    }

    @Test func aTableIsMadeOnce() async throws {
        let fixture = try await TableFixture()
        #expect(try await fixture.table().snapshot() == nil)
        let error = await #expect(throws: DeltaError.self) {
            try await fixture.table().append(select: "SELECT 1 AS a", on: fixture.engine)
        }
        #expect(error?.code == .notATable)
        let table = try await fixture.created("SELECT 1 AS a", properties: ["delta.appendOnly": "true"])
        let again = try await fixture.table().create(DeltaSchema([DeltaField("b", .string)]))
        #expect(again.schema.fields.map(\.name) == ["a"])
        #expect(again.properties == ["delta.appendOnly": "true"])
        #expect(try await table.snapshot()?.version == TableVersion(0))
    }
}
