import Synchronization
import Testing

@testable import QueryEngine

/// Opens DuckDB; a test fails here, with the places that were tried, if the library is not there.
func openDuckDB(_ settings: DuckDBSettings = DuckDBSettings(threads: 2)) throws -> DuckDBConnection {
    try DuckDBDatabase(DuckDBLibrary.load(), settings: settings).connect()
}

@Suite struct DuckDBTests {
    @Test func valuesOfEveryCommonTypeComeBackTyped() async throws {
        let result = try await openDuckDB().execute(
            """
            SELECT NULL AS n, true AS b, 42 AS i, -9000000000::BIGINT AS l, 1.5::DOUBLE AS d, 12.30::DECIMAL(9, 2) AS m,
                'twelve chars' AS s, 'more than twelve characters' AS t, TIMESTAMP '2020-08-28 03:52:47' AS ts,
                DATE '2020-08-28' AS day, [1, 2] AS list, {'a': 1, 'b': 'x'} AS obj, sum(1::INT) AS big,
                '550e8400-e29b-41d4-a716-446655440000'::UUID AS id, 'red'::ENUM('green', 'red') AS color
            """)
        #expect(
            result.rows == [
                [
                    .null, .bool(true), .integer(42), .integer(-9_000_000_000), .double(1.5),
                    .decimal(SQLDecimal(unscaled: 1230, scale: 2)), .text("twelve chars"),
                    .text("more than twelve characters"), .timestamp(1_598_586_767_000_000), .date(18_502),
                    .list([.integer(1), .integer(2)]),
                    .structure([
                        SQLField(name: "a", value: .integer(1)), SQLField(name: "b", value: .text("x")),
                    ]),
                    .integer(1), .text("550e8400-e29b-41d4-a716-446655440000"), .text("red"),
                ]
            ])
        #expect(result.columns.prefix(3).map(\.name) == ["n", "b", "i"])
        #expect(result.columns[5].type == .decimal(width: 9, scale: 2))
        #expect(result.columns[10].type == .list(.integer))
    }

    @Test func resultsOfManyChunksKeepTheirRows() async throws {
        let result = try await openDuckDB().execute("SELECT range AS i FROM range(10000) ORDER BY i")
        #expect(result.rows.count == 10_000)
        #expect(result.rows.last == [.integer(9999)])
    }

    @Test func namedParametersAreBoundByName() async throws {
        let result = try await openDuckDB().execute(
            "SELECT $second || '!' AS a, $first + 1 AS b, $none IS NULL AS c",
            parameters: ["first": .integer(41), "second": .text("naïve"), "none": .null])
        #expect(result.rows == [[.text("naïve!"), .integer(42), .bool(true)]])
    }

    @Test func aParameterWithoutValueIsNamed() async throws {
        let connection = try openDuckDB()
        let error = await #expect(throws: QueryEngineError.self) {
            try await connection.execute("SELECT $a + $b", parameters: ["a": .integer(1)])
        }
        #expect(error?.code == .invalidParameter)
        #expect(error?.message.contains("b") == true)
    }

    @Test func columnsAreKnownWithoutRunningTheStatement() async throws {
        let columns = try await openDuckDB().columns(of: "SELECT 1 AS a, 'x' AS b, error('not run') AS c")
        #expect(columns.map(\.name) == ["a", "b", "c"])
        #expect(columns[1].type == .text)
    }

    @Test(arguments: [
        ("SELEC 1", QueryEngineError.Code.invalidStatement),
        ("SELECT x FROM missing", .invalidStatement),
        ("SELECT CAST('abc' AS INT)", .invalidValue),
    ]) func errorsHaveACodeAndOneLine(_ sql: String, _ code: QueryEngineError.Code) async throws {
        let connection = try openDuckDB()
        let error = await #expect(throws: QueryEngineError.self) { try await connection.execute(sql) }
        #expect(error?.code == code)
        #expect(error?.message.contains("\n") == false)
    }

    @Test func theMemoryLimitIsAnErrorThatLeavesTheConnectionUsable() async throws {
        let connection = try openDuckDB(DuckDBSettings(threads: 2, memoryLimit: "30MB"))
        let error = await #expect(throws: QueryEngineError.self) {
            try await connection.execute(
                "CREATE TABLE x AS SELECT md5(range::VARCHAR) AS m FROM range(5000000)")
        }
        #expect(error?.code == .outOfMemory)
        #expect(error?.message.contains("--memory") == true)
        #expect(try await connection.execute("SELECT 1").rows == [[.integer(1)]])
    }

    @Test func aSettingThatDuckDBDoesNotTakeIsRefused() throws {
        let error = #expect(throws: QueryEngineError.self) {
            _ = try openDuckDB(DuckDBSettings(memoryLimit: "plenty"))
        }
        #expect(error?.code == .invalidSetting)
    }

    @Test func cancellingTheTaskInterruptsTheStatement() async throws {
        let connection = try openDuckDB()
        let source = EndlessSource()
        let function = DuckDBTableFunction(name: "endless")
        function.setSource("rows", source)
        try await connection.register(function)
        let work = Task { try await connection.execute("SELECT sum(n) FROM endless('rows')") }
        // The statement runs for sure once it has asked for rows.
        await source.started()
        work.cancel()
        let error = await #expect(throws: QueryEngineError.self) { try await work.value }
        #expect(error?.code == .cancelled)
        #expect(try await connection.execute("SELECT 1").rows == [[.integer(1)]])
    }

    @Test func aTaskThatIsCancelledBeforeDoesNotRunItsStatement() async throws {
        let connection = try openDuckDB()
        let work = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await connection.execute("SELECT 1")
        }
        let error = await #expect(throws: QueryEngineError.self) { try await work.value }
        #expect(error?.code == .cancelled)
    }

    @Test func nothingIsFetchedFromTheNetwork() async throws {
        let result = try await openDuckDB().execute(
            "SELECT value FROM duckdb_settings() WHERE name LIKE 'auto%known_extensions' ORDER BY name")
        #expect(result.rows == [[.text("false")], [.text("false")]])
    }

    @Test func integersComeInBlocksWithoutNulls() async throws {
        let sum = Mutex<Int64>(0)
        let nulls = try await openDuckDB().forEachInteger(
            "SELECT CASE WHEN range % 10 > 0 THEN range END FROM range(5000)"
        ) { block in sum.withLock { $0 += block.reduce(0, +) } }
        #expect(nulls == 500)
        let expected: Int64 = (0..<5000).reduce(0) { $1 % 10 > 0 ? $0 + $1 : $0 }
        #expect(sum.withLock { $0 } == expected)
    }
}

/// Rows of one column, without end.
private final class EndlessSource: TableSource, Sendable {
    private let waiting: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    init() {
        (waiting, signal) = AsyncStream.makeStream()
    }

    var columns: [(name: String, type: TableSourceType)] { [("n", .int64)] }
    var estimatedRows: Int? { nil }

    func beginScan(of columns: [Int]) -> any TableScan { Scan(signal) }

    func started() async {
        for await _ in waiting { return }
    }

    private final class Scan: TableScan, TableScanWorker, Sendable {
        private let signal: AsyncStream<Void>.Continuation
        init(_ signal: AsyncStream<Void>.Continuation) { self.signal = signal }
        var maxThreads: Int { 1 }
        func makeWorker() -> any TableScanWorker { self }

        func fill(_ chunk: borrowing OutputChunk) -> Int {
            signal.yield()
            chunk.data(of: 0)?.assumingMemoryBound(to: Int64.self).update(repeating: 1, count: chunk.capacity)
            return chunk.capacity
        }
    }
}
