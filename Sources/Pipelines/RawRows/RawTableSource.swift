import JSONText
import QueryEngine
import Synchronization

/// The raw rows of one table, out of the objects of its topics, as SQL reads them.
///
/// One line is one row as a rule. Exact repeats of a line are dropped before they are parsed; wrappers are undone;
/// rows of other tables are left to a pass for these and only noted.
final class RawTableSource: TableSource {
    /// What a pass is for.
    enum Purpose: Sendable {
        /// Every row once.
        case load
        /// All rows of some keys, repeats included; nothing is counted.
        case rows(of: KeySet)
    }

    let objects: RawObjectSet
    let table: Int
    let tables: [TableDefinition]
    let purpose: Purpose
    let router: RowRouter
    /// How many bytes of objects were read so far.
    let bytesRead = Atomic(0)
    /// What the pass met; whole when its statement has ended.
    let counts: Mutex<RawCounts>

    init(_ objects: RawObjectSet, table: Int, of tables: [TableDefinition], purpose: Purpose = .load) {
        self.objects = objects
        self.table = table
        self.tables = tables
        self.purpose = purpose
        router = RowRouter(tables)
        counts = Mutex(RawCounts(columns: tables[table].columns.count))
    }

    var columns: [(name: String, type: TableSourceType)] { Self.columns(of: tables[table]) }

    /// The raw columns of a table, as every source of its raw rows supplies them.
    static func columns(of table: TableDefinition) -> [(name: String, type: TableSourceType)] {
        table.columns.map { column in
            switch column.type {
            case .int: (column.name, .int64)
            case .double: (column.name, .double)
            case .string: (column.name, .text)
            }
        }
    }

    var estimatedRows: Int? { objects.estimatedLines }

    func beginScan(of columns: [Int]) -> any TableScan {
        RawTableScan(self, projection: columns)
    }
}

/// One pass over the raw rows of a table.
final class RawTableScan: TableScan {
    let source: RawTableSource
    let projection: [Int]
    let plan: BlockPlan
    let repeats: RepeatTable

    init(_ source: RawTableSource, projection: [Int]) {
        self.source = source
        self.projection = projection
        plan = BlockPlan(sizes: source.objects.objects.map(\.bytes))
        repeats = RepeatTable(expectedLines: source.objects.estimatedLines)
    }

    var maxThreads: Int { 64 }

    func makeWorker() -> any TableScanWorker {
        RawTableWorker(self)
    }
}

/// One thread's share of a pass.
final class RawTableWorker: TableScanWorker {
    private static let seed: UInt64 = 0x70_696E_6C69_6E65

    private let source: RawTableSource
    private let scan: RawTableScan
    private let repeats: RepeatTable.Probe
    private let lines: LineReader
    private let arena: TextArena
    private let filler: ColumnFiller
    private let parser: RowParser
    private var finder: RowFinder
    private let slots: RowSlots
    private var counts: RawCounts
    private let table: TableDefinition
    private let tableIndex: Int
    private let isLoad: Bool
    private let keyColumn: Int
    /// Lines that are cut and hashed but not yet looked at.
    private let ahead: UnsafeMutablePointer<HashedLine>
    private var aheadCount = 0
    private var nextAhead = 0
    private static let maxAhead = 32
    private var touched = 0
    /// Rows of a line that did not fit into the last chunk.
    private var pending: [UnsafeRawBufferPointer] = []
    private var nextPending = 0

    private struct HashedLine {
        var line: RawLine
        var hash: UInt64
    }

    init(_ scan: RawTableScan) {
        source = scan.source
        ahead = .allocate(capacity: Self.maxAhead)
        self.scan = scan
        repeats = scan.repeats.probe
        table = source.tables[source.table]
        tableIndex = source.table
        if case .load = source.purpose { isLoad = true } else { isLoad = false }
        lines = LineReader(source.objects, scan.plan)
        arena = TextArena()
        filler = ColumnFiller(table, projection: scan.projection, arena: arena)
        parser = RowParser(table, among: source.tables)
        finder = RowFinder(source.router, arena: arena)
        slots = RowSlots(columns: table.columns.count)
        counts = RawCounts(columns: table.columns.count)
        keyColumn = table.columns.firstIndex { $0.isKey } ?? 0
    }

    deinit {
        ahead.deallocate()
        parser.deallocate()
        slots.deallocate()
    }

    func fill(_ chunk: borrowing OutputChunk) throws -> Int {
        filler.begin(chunk)
        if nextPending == pending.count { arena.reset() }
        while filler.rows < chunk.capacity {
            if nextPending < pending.count {
                appendPending(chunk)
            } else if nextAhead < aheadCount {
                nextAhead += 1
                try take(ahead[nextAhead - 1].line, ahead[nextAhead - 1].hash, chunk)
            } else if !lookAhead() {
                // What was written points into the piece, which must stay for the caller.
                if filler.rows > 0 { break }
                report()
                guard try lines.loadNextPiece() else { break }
                arena.reset()
                for locator in lines.overlongLines { counts.setAside(.tooLong, at: locator) }
            }
        }
        return filler.rows
    }

    /// Cuts and hashes the next lines, and fetches what their look-up needs; false at the end of the piece.
    ///
    /// Looked up one after the other, each line would wait for memory.
    private func lookAhead() -> Bool {
        var count = 0
        while count < Self.maxAhead, let line = lines.next() {
            let hash = isLoad ? JSONText.hash(line.bytes, seed: Self.seed) : 0
            (ahead + count).initialize(to: HashedLine(line: line, hash: hash))
            count += 1
        }
        if isLoad {
            var sum = 0
            for index in 0..<count { sum &+= repeats.touch(ahead[index].hash) }
            touched = sum  // kept, so that the reads are not optimised away
        }
        aheadCount = count
        nextAhead = 0
        return count > 0
    }

    /// Hands over what was counted since the last piece.
    private func report() {
        source.bytesRead.add(lines.pieceBytes, ordering: .relaxed)
        counts.columns = filler.takeCounts()
        source.counts.withLock { $0.add(counts) }
        counts = RawCounts(columns: table.columns.count)
    }

    // MARK: Lines

    @inline(__always)
    private func take(
        _ line: RawLine, _ hash: UInt64, _ chunk: borrowing OutputChunk
    ) throws(PipelineError) {
        let isOwn = line.topicTable == tableIndex
        guard isLoad else { return takeByKey(line, isOwn, chunk) }
        let isKnown = try repeats.contains(hash) { place throws(PipelineError) in
            try lines.isSame(line, as: place)
        }
        if isKnown {
            counts.rowsRead += 1
            counts.exactRepeats += 1
        } else if isOwn, parsesPlainly(line) {
            try append(line, hash, chunk)
        } else {
            try takeClosely(line, isOwn, hash, chunk)
        }
    }

    /// Scans a line that is one row of this table and looks like the others.
    ///
    /// Its members are columns of this table or of none, so that no other table can know more of them.
    @inline(__always)
    private func parsesPlainly(_ line: RawLine) -> Bool {
        parser.parse(line, into: slots) && slots.has(keyColumn) && slots.seen & (slots.seen &- 1) != 0
    }

    /// Appends the row in `slots`, unless another thread came first with an equal line.
    @inline(__always)
    private func append(_ line: RawLine, _ hash: UInt64, _ chunk: borrowing OutputChunk) throws(PipelineError)
    {
        counts.rowsRead += 1
        let isNew = try repeats.insert(hash, at: line.locator) { place throws(PipelineError) in
            try lines.isSame(line, as: place)
        }
        if isNew { filler.append(slots, to: chunk) } else { counts.exactRepeats += 1 }
    }

    private func takeClosely(
        _ line: RawLine, _ isOwn: Bool, _ hash: UInt64, _ chunk: borrowing OutputChunk
    ) throws(PipelineError) {
        guard !line.bytes.allSatisfy(\.isBlank) else { return }
        finder.look(through: line.bytes, topicTable: line.topicTable)
        if isOwn { noteStrays(line) }
        let own = finder.rows.filter { $0.table == tableIndex }
        if own.count == 1, finder.rows.count == 1, finder.failures.isEmpty {
            RowFinder.fill(slots, from: own[0].bytes, of: table)
            try append(line, hash, chunk)
        } else {
            counts.rowsRead += own.count
            postpone(own.map(\.bytes))
        }
    }

    private func noteStrays(_ line: RawLine) {
        for reason in finder.failures { counts.setAside(reason, at: line.locator) }
        for row in finder.rows where row.table != tableIndex {
            counts.strays.insert(RawCounts.Stray(table: row.table, object: line.object))
        }
    }

    private func postpone(_ rows: [UnsafeRawBufferPointer]) {
        guard !rows.isEmpty else { return }
        pending.removeAll(keepingCapacity: true)
        pending += rows
        nextPending = 0
    }

    private func appendPending(_ chunk: borrowing OutputChunk) {
        RowFinder.fill(slots, from: pending[nextPending], of: table)
        nextPending += 1
        if case .rows(let keys) = source.purpose, !filler.isKey(keyColumn, of: slots, in: keys) { return }
        filler.append(slots, to: chunk)
    }

    private func takeByKey(_ line: RawLine, _ isOwn: Bool, _ chunk: borrowing OutputChunk) {
        guard case .rows(let keys) = source.purpose else { return }
        if isOwn, parsesPlainly(line) {
            if filler.isKey(keyColumn, of: slots, in: keys) { filler.append(slots, to: chunk) }
            return
        }
        guard !line.bytes.allSatisfy(\.isBlank) else { return }
        finder.look(through: line.bytes, topicTable: line.topicTable)
        postpone(finder.rows.filter { $0.table == tableIndex }.map(\.bytes))
    }
}
