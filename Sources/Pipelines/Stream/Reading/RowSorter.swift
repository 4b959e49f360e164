import JSONText

/// Finds the rows of a batch's records and sorts them by table; what is no row is set aside with its reason.
///
/// A record is read as a line of an object is: wrappers are undone, and a row of another table goes to its own table
/// by its columns.
final class RowSorter {
    /// A record that holds something which belongs to no table.
    struct Failure {
        /// The batch's entry.
        var record: Int
        var reason: SetAsideReason
        /// Why it is no JSON, in words; nil if it is JSON on its outside.
        var syntax: String?
    }

    /// Rows that the tables have not got yet, one list a table.
    let fresh: [RowList]
    /// Rows that their tables have, but an observer may not have seen.
    let known: [RowList]
    private(set) var failures: [Failure] = []
    private let tables: [TableDefinition]
    private let keys: [Int]
    private let parsers: [RowParser]
    private let router: RowRouter
    private var compact: [UInt8] = []

    init(_ tables: [TableDefinition]) {
        self.tables = tables
        fresh = tables.map { RowList(columns: $0.columns.count) }
        known = tables.map { RowList(columns: $0.columns.count) }
        keys = tables.map { table in table.columns.firstIndex { $0.isKey } ?? 0 }
        parsers = tables.map { RowParser($0, among: tables) }
        router = RowRouter(tables)
    }

    deinit {
        for parser in parsers { parser.deallocate() }
    }

    /// Fills the lists and `failures`.
    ///
    /// - Parameters:
    ///   - topicTable: the table that a source's topic carries.
    ///   - isKnown: whether a table has the rows of a record already.
    func sort(
        _ batch: RecordBatch, topicTable: (_ source: Int) -> Int,
        isKnown: (_ table: Int, _ entry: RecordBatch.Entry) -> Bool
    ) {
        for list in fresh + known { list.reset() }
        failures.removeAll(keepingCapacity: true)
        var finder = RowFinder(router, arena: batch.arena)
        for (record, entry) in batch.entries.enumerated() {
            let table = topicTable(entry.source)
            let list = isKnown(table, entry) ? known[table] : fresh[table]
            let slots = list.next()
            let line = batch.line(entry)
            // Its members are columns of this table or of none, so that no other table can know more of them.
            if parsers[table].parse(line, into: slots), slots.has(keys[table]),
                slots.seen & (slots.seen &- 1) != 0
            {
                list.keep(from: record)
            } else {
                sortClosely(record, entry, batch, table, &finder, isKnown)
            }
        }
    }

    private func sortClosely(
        _ record: Int, _ entry: RecordBatch.Entry, _ batch: RecordBatch, _ table: Int,
        _ finder: inout RowFinder, _ isKnown: (Int, RecordBatch.Entry) -> Bool
    ) {
        // As the sink would store it: what is kept as text is the same text everywhere.
        compact.removeAll(keepingCapacity: true)
        var scanner = JSONScanner()
        do throws(JSONTextError) {
            try scanner.appendCompact(batch.bytes(entry.value), to: &compact)
        } catch {
            failures.append(
                Failure(record: record, reason: RowFinder.reason(error), syntax: error.message))
            return
        }
        finder.look(through: batch.arena.copy(compact), topicTable: table)
        if let reason = finder.failures.first {
            failures.append(Failure(record: record, reason: reason))
        }
        for row in finder.rows {
            let list = isKnown(row.table, entry) ? known[row.table] : fresh[row.table]
            RowFinder.fill(list.next(), from: row.bytes, of: tables[row.table])
            list.keep(from: record)
        }
    }
}
