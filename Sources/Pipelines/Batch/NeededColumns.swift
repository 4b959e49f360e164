/// Which columns of the cleaned tables a run has to keep.
///
/// A column is needed if a query names it, in whatever role; where a query may read columns that it does not name
/// (`SELECT *`, natural joins), all columns of the tables it names are. That keeps a few too many at times and never
/// one too few. Raw columns that no needed column is made of are then never written by the reader.
struct NeededColumns {
    private let names: Set<String>
    /// Tables of which some query may read every column.
    private let whole: Set<String>

    init(_ queries: [SQLText]) {
        names = queries.reduce(into: []) { $0.formUnion($1.names) }
        whole = queries.filter(\.readsUnnamedColumns).reduce(into: []) { $0.formUnion($1.names) }
    }

    /// True if some query names the table.
    func includes(table: String) -> Bool {
        names.contains(table.lowercased())
    }

    /// The columns of a cleaned table to keep, in its order.
    /// - Parameter always: columns that the run itself looks at.
    func columns(of table: String, among columns: [String], always: Set<String>) -> [String] {
        guard !whole.contains(table.lowercased()) else { return columns }
        return columns.filter { always.contains($0) || names.contains($0.lowercased()) }
    }
}

extension String {
    /// The text as a name in SQL, whatever it holds.
    package var quotedName: String { "\"" + replacing("\"", with: "\"\"") + "\"" }
    /// The text as a string in SQL.
    package var quotedText: String { "'" + replacing("'", with: "''") + "'" }
}
