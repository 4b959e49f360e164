/// Decides by its columns which table a row belongs to.
///
/// A row is a table's if it has the table's key (by name or alias) and at least one more of its columns. If that is
/// true of several tables, the one wins that knows most of the row's members, then the table of the row's topic,
/// then the first. Members that no column is called by are passed over.
struct RowRouter: Sendable {
    enum Route: Equatable {
        case table(Int)
        /// The columns are those of a table, but its key is not among them.
        case noKey
        case none
    }

    private let columns: [[String: Int]]
    private let keys: [Int]

    init(_ tables: [TableDefinition]) {
        columns = tables.map { table in
            var columns: [String: Int] = [:]
            for (index, column) in table.columns.enumerated() {
                for name in [column.name] + column.aliases { columns[name] = index }
            }
            return columns
        }
        keys = tables.map { table in table.columns.firstIndex { $0.isKey } ?? 0 }
    }

    func route(_ names: [String], topicTable: Int) -> Route {
        var best: (table: Int, known: Int)?
        var isKeyMissing = false
        for table in [topicTable] + columns.indices.filter({ $0 != topicTable }) {
            let known = Set(names.compactMap { columns[table][$0] })
            if !known.contains(keys[table]) {
                isKeyMissing = isKeyMissing || known.count * 2 >= columns[table].count && known.count > 1
            } else if known.count > 1, known.count > best?.known ?? 0 {
                best = (table, known.count)
            }
        }
        if let best { return .table(best.table) }
        return isKeyMissing ? .noKey : .none
    }
}
