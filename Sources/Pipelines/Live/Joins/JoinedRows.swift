package import QueryEngine
import Synchronization

/// Joined rows as a table that SQL can read.
struct JoinedRows: TableSource {
    let columns: [(name: String, type: TableSourceType)]
    let rows: [[LiveValue]]

    var estimatedRows: Int? { rows.count }

    func beginScan(of columns: [Int]) throws -> any TableScan {
        Scan(
            rows: rows, columns: columns,
            types: columns.map { self.columns.indices.contains($0) ? self.columns[$0].type : .int64 })
    }

    private final class Scan: TableScan {
        let rows: [[LiveValue]]
        let columns: [Int]
        let types: [TableSourceType]
        private let next = Mutex(0)
        let maxThreads = 1

        init(rows: [[LiveValue]], columns: [Int], types: [TableSourceType]) {
            self.rows = rows
            self.columns = columns
            self.types = types
        }

        func makeWorker() throws -> any TableScanWorker { Worker(self) }

        func take(_ count: Int) -> Range<Int> {
            next.withLock { next in
                let range = next..<min(next + count, rows.count)
                next = range.upperBound
                return range
            }
        }
    }

    private final class Worker: TableScanWorker {
        private let scan: Scan
        private let arena = TextArena()

        init(_ scan: Scan) { self.scan = scan }

        func fill(_ chunk: borrowing OutputChunk) throws -> Int {
            arena.reset()
            let range = scan.take(chunk.capacity)
            for (place, column) in scan.columns.enumerated() {
                guard let data = chunk.data(of: place) else { continue }
                for (row, index) in range.enumerated() {
                    let values = scan.rows[index]
                    let value = column < values.count ? values[column] : .null
                    if !write(value, scan.types[place], row, to: data) {
                        chunk.validity(of: place)?[row >> 6] &= ~(1 << UInt64(row & 63))
                    }
                }
            }
            return range.count
        }

        /// - Returns: false for NULL.
        private func write(
            _ value: LiveValue, _ type: TableSourceType, _ row: Int, to data: UnsafeMutableRawPointer
        ) -> Bool {
            switch (type, value) {
            case (.int64, .integer(let number)):
                data.storeBytes(of: number, toByteOffset: row * 8, as: Int64.self)
            case (.double, .double(let number)):
                data.storeBytes(of: number, toByteOffset: row * 8, as: Double.self)
            case (.double, .integer(let number)):
                data.storeBytes(of: Double(number), toByteOffset: row * 8, as: Double.self)
            case (.text, .text(let text)): write(text, to: data + row * 16)
            default: return false
            }
            return true
        }

        private func write(_ text: String, to target: UnsafeMutableRawPointer) {
            let bytes = Array(text.utf8)
            target.storeBytes(of: UInt32(truncatingIfNeeded: bytes.count), as: UInt32.self)
            if bytes.count <= 12 {
                target.storeBytes(of: 0, toByteOffset: 4, as: UInt32.self)
                target.storeBytes(of: 0, toByteOffset: 8, as: UInt64.self)
                (target + 4).copyMemory(from: bytes, byteCount: bytes.count)
            } else {
                let copy = arena.copy(bytes)
                guard let address = copy.baseAddress else { return }
                (target + 4).copyMemory(from: address, byteCount: 4)
                target.storeBytes(of: address, toByteOffset: 8, as: UnsafeRawPointer.self)
            }
        }
    }
}

/// Gives SQL on one connection the joined rows of the moment, by the joins' names.
actor JoinViews {
    private static let functionName = "live_rows"
    private var host: (any TableFunctionHost)?
    private let function = DuckDBTableFunction(name: functionName)
    private var types: [String: [TableSourceType]] = [:]

    func set(
        _ rows: [[LiveValue]], of join: LiveJoin, types: [TableSourceType], on engine: any SQLEngine
    ) async throws(QueryEngineError) {
        guard let other = engine as? any TableFunctionHost else {
            throw QueryEngineError(.failed, "Joins of live metrics need DuckDB.")
        }
        if host !== other {
            try await other.register(function)
            host = other
            self.types = [:]
        }
        let columns = zip(join.columns, types).map { (name: $0, type: $1) }
        function.setSource(join.name, JoinedRows(columns: columns, rows: rows))
        guard self.types[join.name] != types else { return }
        try await other.execute(
            "CREATE OR REPLACE TEMP VIEW \"\(join.name)\" AS SELECT * FROM \(Self.functionName)('\(join.name)')"
        )
        self.types[join.name] = types
    }
}

extension StreamEngine: TableFunctionHost {
    package func register(_ function: DuckDBTableFunction) async throws(QueryEngineError) {
        try await connection.register(function)
    }
}
