import QueryEngine

/// Rows of one table as places in a batch's bytes: what the parser found, column by column.
final class RowList: @unchecked Sendable {
    // Unchecked: filled by one thread, which hands it to the statement that reads it and waits.
    let columns: Int
    private(set) var count = 0
    /// The batch's entry that each row came from.
    private(set) var records: [Int] = []
    /// Rows that are not handed out.
    var excluded: Set<Int> = []
    private var slots: UnsafeMutablePointer<RowSlots.Slot>
    private var bits: UnsafeMutablePointer<UInt64>
    private var capacity = 256

    init(columns: Int) {
        self.columns = max(1, columns)
        slots = .allocate(capacity: capacity * self.columns)
        slots.initialize(repeating: Self.nothing, count: capacity * self.columns)
        bits = .allocate(capacity: capacity)
        bits.initialize(repeating: 0, count: capacity)
    }

    deinit {
        slots.deallocate()
        bits.deallocate()
    }

    private static var nothing: RowSlots.Slot {
        RowSlots.Slot(start: StaticString("").utf8Start, count: 0, kind: .absent)
    }

    var isEmpty: Bool { count == excluded.count }

    func reset() {
        count = 0
        records.removeAll(keepingCapacity: true)
        excluded.removeAll()
    }

    /// Where the next row may be written; it counts once `keep` was called.
    func next() -> RowSlots {
        if count == capacity { grow() }
        return self[count]
    }

    func keep(from record: Int) {
        count += 1
        records.append(record)
    }

    subscript(row: Int) -> RowSlots { RowSlots(at: slots + row * columns, bits: bits + row) }

    private func grow() {
        let otherSlots = UnsafeMutablePointer<RowSlots.Slot>.allocate(capacity: capacity * 2 * columns)
        otherSlots.initialize(repeating: Self.nothing, count: capacity * 2 * columns)
        otherSlots.update(from: slots, count: capacity * columns)
        let otherBits = UnsafeMutablePointer<UInt64>.allocate(capacity: capacity * 2)
        otherBits.initialize(repeating: 0, count: capacity * 2)
        otherBits.update(from: bits, count: capacity)
        slots.deallocate()
        bits.deallocate()
        (slots, bits, capacity) = (otherSlots, otherBits, capacity * 2)
    }
}

/// The rows of a list as SQL reads them: `<table>_raw`.
final class RowListSource: TableSource {
    private let list: RowList
    private let table: TableDefinition
    private let rows: Range<Int>

    /// - Parameter rows: those that are handed out; nil stands for all.
    init(_ list: RowList, of table: TableDefinition, rows: Range<Int>? = nil) {
        self.list = list
        self.table = table
        self.rows = rows ?? 0..<list.count
    }

    var columns: [(name: String, type: TableSourceType)] { RawTableSource.columns(of: table) }
    var estimatedRows: Int? { rows.count }

    func beginScan(of columns: [Int]) -> any TableScan {
        Scan(list: list, table: table, rows: rows, projection: columns)
    }

    private final class Scan: TableScan {
        let list: RowList
        let table: TableDefinition
        let rows: Range<Int>
        let projection: [Int]

        init(list: RowList, table: TableDefinition, rows: Range<Int>, projection: [Int]) {
            self.list = list
            self.table = table
            self.rows = rows
            self.projection = projection
        }

        /// One, so that rows come in the order of the records.
        var maxThreads: Int { 1 }
        func makeWorker() -> any TableScanWorker { Worker(self) }
    }

    private final class Worker: TableScanWorker {
        private let list: RowList
        private let filler: ColumnFiller
        private let arena = TextArena()
        private let end: Int
        private var next: Int

        init(_ scan: Scan) {
            list = scan.list
            (next, end) = (scan.rows.lowerBound, scan.rows.upperBound)
            filler = ColumnFiller(scan.table, projection: scan.projection, arena: arena)
        }

        func fill(_ chunk: borrowing OutputChunk) -> Int {
            arena.reset()
            filler.begin(chunk)
            while filler.rows < chunk.capacity, next < end {
                if !list.excluded.contains(next) { filler.append(list[next], to: chunk) }
                next += 1
            }
            return filler.rows
        }
    }
}

/// When the records of a list's rows were appended to the log, one value a row.
final class ArrivalSource: TableSource {
    private let times: [Int64]

    init(_ list: RowList, _ batch: RecordBatch?, rows: Range<Int>? = nil) {
        times = (rows ?? 0..<list.count).compactMap { row in
            list.excluded.contains(row) ? nil : batch?.entries[list.records[row]].timestamp
        }
    }

    var columns: [(name: String, type: TableSourceType)] { [("arrived_at", .int64)] }
    var estimatedRows: Int? { times.count }
    func beginScan(of columns: [Int]) -> any TableScan { Scan(times, isAsked: columns.first == 0) }

    private final class Scan: TableScan {
        let times: [Int64]
        let isAsked: Bool

        init(_ times: [Int64], isAsked: Bool) {
            self.times = times
            self.isAsked = isAsked
        }

        var maxThreads: Int { 1 }
        func makeWorker() -> any TableScanWorker { Worker(self) }
    }

    private final class Worker: TableScanWorker {
        private let scan: Scan
        private var next = 0

        init(_ scan: Scan) {
            self.scan = scan
        }

        func fill(_ chunk: borrowing OutputChunk) -> Int {
            let count = min(chunk.capacity, scan.times.count - next)
            if scan.isAsked, let data = chunk.data(of: 0) {
                for index in 0..<count {
                    data.storeBytes(of: scan.times[next + index], toByteOffset: index * 8, as: Int64.self)
                }
            }
            next += count
            return count
        }
    }
}
