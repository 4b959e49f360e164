import Synchronization
import Testing

@testable import QueryEngine

@Suite struct DuckDBTableFunctionTests {
    @Test func onlyTheColumnsThatAStatementReadsAreAskedFor() async throws {
        let source = Numbers(rows: 5000)
        let connection = try await connection(with: source)
        let result = try await connection.execute("SELECT sum(n), count(half) FROM numbers('x')")
        #expect(result.rows == [[.integer(4999 * 5000 / 2), .integer(2500)]])
        #expect(source.asked.withLock { $0 } == [0, 1])
        _ = try await connection.execute("SELECT max(name) FROM numbers('x')")
        #expect(source.asked.withLock { $0 } == [2])
    }

    @Test func rowsAreCountedWithoutReadingAColumn() async throws {
        let result = try await connection(with: Numbers(rows: 3000)).execute(
            "SELECT count(*) FROM numbers('x')")
        #expect(result.rows == [[.integer(3000)]])
    }

    @Test func textsOfAllLengthsArriveWhole() async throws {
        let result = try await connection(with: Numbers(rows: 30)).execute(
            "SELECT name FROM numbers('x') ORDER BY n")
        #expect(result.rows == (0..<30).map { [.text(String(repeating: "x", count: $0))] })
    }

    @Test func aSourceThatThrowsFailsTheStatement() async throws {
        let connection = try await connection(with: Numbers(rows: 30, failsAtEnd: true))
        let error = await #expect(throws: QueryEngineError.self) {
            try await connection.execute("SELECT sum(n) FROM numbers('x')")
        }
        #expect(error?.message.contains("the source is broken") == true)
    }

    @Test func anUnknownSourceIsAnError() async throws {
        let connection = try await connection(with: Numbers(rows: 1))
        await #expect(throws: QueryEngineError.self) {
            try await connection.execute("SELECT * FROM numbers('y')")
        }
    }

    private func connection(with source: Numbers) async throws -> DuckDBConnection {
        let connection = try openDuckDB()
        let function = DuckDBTableFunction(name: "numbers")
        function.setSource("x", source)
        try await connection.register(function)
        return connection
    }
}

/// `n` counts up, `half` is NULL in every second row, `name` has n letters.
private final class Numbers: TableSource {
    struct Broken: Error, CustomStringConvertible {
        var description: String { "the source is broken" }
    }

    let rows: Int
    let failsAtEnd: Bool
    let asked = Mutex<[Int]>([])

    init(rows: Int, failsAtEnd: Bool = false) {
        self.rows = rows
        self.failsAtEnd = failsAtEnd
    }

    var columns: [(name: String, type: TableSourceType)] {
        [("n", .int64), ("half", .double), ("name", .text)]
    }
    var estimatedRows: Int? { rows }

    func beginScan(of columns: [Int]) -> any TableScan {
        asked.withLock { $0 = columns }
        return Scan(self, columns)
    }

    private final class Scan: TableScan {
        let source: Numbers
        let columns: [Int]

        init(_ source: Numbers, _ columns: [Int]) {
            self.source = source
            self.columns = columns
        }

        var maxThreads: Int { 1 }
        func makeWorker() -> any TableScanWorker { Worker(source, columns) }
    }

    private final class Worker: TableScanWorker {
        private let source: Numbers
        private let columns: [Int]
        private var next = 0
        private let letters = UnsafeMutableRawBufferPointer.allocate(byteCount: 64, alignment: 8)

        init(_ source: Numbers, _ columns: [Int]) {
            self.source = source
            self.columns = columns
            letters.copyBytes(from: repeatElement(UInt8(ascii: "x"), count: 64))
        }

        deinit { letters.deallocate() }

        func fill(_ chunk: borrowing OutputChunk) throws -> Int {
            let count = min(chunk.capacity, source.rows - next)
            if count == 0, source.failsAtEnd { throw Broken() }
            for (place, column) in columns.enumerated() where column < 3 {
                guard let data = chunk.data(of: place) else { continue }
                for row in 0..<count { write(column, row, data, place, chunk) }
            }
            next += count
            return count
        }

        private func write(
            _ column: Int, _ row: Int, _ data: UnsafeMutableRawPointer, _ place: Int,
            _ chunk: borrowing OutputChunk
        ) {
            let number = next + row
            switch column {
            case 0: data.storeBytes(of: Int64(number), toByteOffset: row * 8, as: Int64.self)
            case 1:
                data.storeBytes(of: Double(number), toByteOffset: row * 8, as: Double.self)
                if number % 2 == 1 { chunk.validity(of: place)?[row >> 6] &= ~(1 << UInt64(row & 63)) }
            default:
                let length = min(number, 60)
                let element = data + row * 16
                element.storeBytes(of: UInt32(length), as: UInt32.self)
                if length <= 12 {
                    for index in 0..<12 {
                        element.storeBytes(
                            of: index < length ? UInt8(ascii: "x") : 0, toByteOffset: 4 + index,
                            as: UInt8.self)
                    }
                } else {
                    element.storeBytes(of: 0x7878_7878, toByteOffset: 4, as: UInt32.self)
                    element.storeBytes(
                        of: letters.baseAddress, toByteOffset: 8, as: UnsafeMutableRawPointer?.self)
                }
            }
        }
    }
}
