import QueryEngine

/// Runs a table's cleaning file on micro-batches; used by the stream's thread.
///
/// What it keeps of a micro-batch lies in the engine under the table's name, with `arrived_at` as its last column.
final class TableCleaner {
    /// Rows that cleaning cannot take, with the engine's words.
    typealias Poison = [(row: Int, message: String)]

    let definition: TableDefinition
    /// What cleaning gives.
    let columns: [ResultColumn]
    /// Where the rows of the micro-batch are.
    private let batchTable: String
    private let cleaning: String
    private let session: StreamSession
    private var connection: DuckDBConnection { session.batches.connection }
    /// Whether each raw row gives one cleaned row, in their order.
    private var isRowByRow: Bool
    private(set) var isEmpty = true

    /// The rows of the micro-batch as they are committed.
    var select: String { "SELECT \(columnList) FROM \(name.quotedName)" }
    private var name: String { definition.name }
    private var columnList: String { columns.map(\.name.quotedName).joined(separator: ", ") }
    private var arrivals: String { name + " arrivals" }

    init(_ definition: TableDefinition, _ cleaning: SQLText, _ session: StreamSession) throws {
        self.definition = definition
        self.session = session
        self.cleaning = cleaning.forDuckDB
        isRowByRow = cleaning.names.isDisjoint(with: Self.regroupingWords)
        batchTable = ("pinline_batch_of_" + definition.name).quotedName
        let nothing = RowList(columns: definition.columns.count)
        session.rows.setSource(definition.rawName, RowListSource(nothing, of: definition))
        session.rows.setSource(definition.name + " arrivals", ArrivalSource(nothing, nil))
        let connection = session.batches.connection
        let raw = "\(StreamSession.rowsName)(\(definition.rawName.quotedText))"
        _ = try connection.wait(
            for: "CREATE TEMP VIEW \(definition.rawName.quotedName) AS SELECT * FROM \(raw)")
        do {
            columns = try connection.waitForColumns(of: self.cleaning)
        } catch {
            throw StreamFailure(.invalidSQL, "\(definition.clean): \(error.message)")
        }
        if let taken = columns.first(where: { ["arrived_at", Self.newColumn].contains($0.name.lowercased()) })
        {
            throw StreamFailure(
                .invalidSQL,
                "\(definition.clean): no column may have the name \(taken.name), which the "
                    + "stream job gives to one of its own")
        }
        _ = try connection.wait(
            for: """
                CREATE TEMP TABLE \(batchTable) AS
                SELECT *, CAST(0 AS BIGINT) AS arrived_at, true AS \(Self.newColumn)
                FROM (\n\(self.cleaning)\n) LIMIT 0
                """)
        _ = try connection.wait(
            for: """
                CREATE TEMP VIEW \(definition.name.quotedName) AS
                SELECT \(columnList), arrived_at FROM \(batchTable) WHERE \(Self.newColumn)
                """)
    }

    private static let newColumn = "pinline_new"
    /// Words of statements that may leave rows out, add some, or change their order.
    private static let regroupingWords: Set<String> = [
        "where", "group", "having", "qualify", "distinct", "join", "union", "intersect", "except", "order",
        "limit", "offset", "sample", "tablesample", "unnest", "pivot", "unpivot", "with", "count", "sum",
        "avg",
        "min", "max",
    ]

    /// Empties the table of the micro-batch.
    func clear() throws {
        guard !isEmpty else { return }
        _ = try connection.wait(
            for: "CREATE OR REPLACE TEMP TABLE \(batchTable) AS SELECT * FROM \(batchTable) LIMIT 0")
        isEmpty = true
    }

    /// Cleans rows and keeps those that are new.
    ///
    /// - Parameters:
    ///   - filter: says which are new.
    ///   - isFirst: whether the table is to hold nothing else.
    /// - Returns: what the filter found, and rows that cleaning cannot take.
    func clean(
        _ list: RowList, of batch: RecordBatch, filter: RepeatFilter, isFirst: Bool
    ) throws -> (RepeatFilter.Found, Poison) {
        session.filters.setVisitor(name, filter)
        defer { session.filters.setVisitor(name, nil) }
        var poison: Poison = []
        for _ in 0..<Self.maxTries {
            do {
                return (try run(list, batch, filter, isFirst: isFirst), poison)
            } catch let error as QueryEngineError {
                guard Self.isPoison(error) else { throw error }
                _ = filter.take()
                for bad in try findPoison(list) where list.excluded.insert(bad.row).inserted {
                    poison.append(bad)
                }
            }
        }
        throw StreamFailure(.invalidSQL, "\(definition.clean) fails on rows that do not fail alone")
    }

    private static let maxTries = 3

    private func run(
        _ list: RowList, _ batch: RecordBatch, _ filter: RepeatFilter, isFirst: Bool
    ) throws -> RepeatFilter.Found {
        let expected = list.count - list.excluded.count
        guard expected > 0 else { return RepeatFilter.Found() }
        session.rows.setSource(definition.rawName, RowListSource(list, of: definition))
        if isRowByRow {
            session.rows.setSource(arrivals, ArrivalSource(list, batch))
            try fill(
                """
                SELECT c.*, a.arrived_at, \(isNew) AS \(Self.newColumn)
                FROM (\n\(cleaning)\n) c POSITIONAL JOIN \(StreamSession.rowsName)(\(arrivals.quotedText)) a
                """, isFirst: isFirst)
            let found = filter.take()
            if found.new.count + found.repeats == expected { return found }
            // The file does regroup rows after all.
            guard isFirst else {
                throw StreamFailure(.invalidSQL, "\(definition.clean) changes the rows' number")
            }
            isRowByRow = false
        }
        let last = list.records.lazy.map { batch.entries[$0].timestamp }.max() ?? 0
        try fill(
            "SELECT *, CAST(\(last) AS BIGINT) AS arrived_at, \(isNew) AS \(Self.newColumn) FROM (\n\(cleaning)\n) c",
            isFirst: isFirst)
        return filter.take()
    }

    private var isNew: String {
        let values = columns.map { "c.\($0.name.quotedName)" }.joined(separator: ", ")
        return "\(StreamSession.filterName)(\(name.quotedText), \(values))"
    }

    private func fill(_ select: String, isFirst: Bool) throws {
        let target = isFirst ? "CREATE OR REPLACE TEMP TABLE \(batchTable) AS" : "INSERT INTO \(batchTable)"
        _ = try connection.wait(for: target + "\n" + select)
        isEmpty = false
    }

    /// Adds the new rows of the micro-batch to a table that waits to be committed.
    func keep(in pending: String, isFirst: Bool) throws {
        let target = isFirst ? "CREATE TABLE \(pending) AS" : "INSERT INTO \(pending)"
        _ = try connection.wait(for: "\(target) \(select)")
    }

    /// Lets a filter see the rows of a SELECT, with these columns in this order; nil is NULL in every row.
    static func visitRows(
        of select: String, columns: [String?], as name: String, on session: StreamSession,
        filter: any RowVisitor
    ) throws {
        session.filters.setVisitor(name, filter)
        defer { session.filters.setVisitor(name, nil) }
        let values = columns.map { $0.map { "t.\($0.quotedName)" } ?? "CAST(NULL AS VARCHAR)" }
            .joined(separator: ", ")
        _ = try session.batches.connection.wait(
            for: """
                SELECT count(*) FROM (\(select)) t WHERE \(StreamSession.filterName)(\(name.quotedText), \(values))
                """)
    }

    // MARK: Poison

    /// Whether other rows may do better.
    private static func isPoison(_ error: QueryEngineError) -> Bool {
        switch error.code {
        case .invalidValue, .failed, .invalidStatement, .tooManyRows: true
        default: false
        }
    }

    /// Halves the rows until those that fail stand alone.
    private func findPoison(_ list: RowList) throws -> Poison {
        var poison: Poison = []
        var open = [0..<list.count]
        while let rows = open.popLast() {
            guard let message = try failure(of: rows, list) else { continue }
            if rows.count == 1 {
                poison.append((rows.lowerBound, message))
            } else {
                let middle = rows.lowerBound + rows.count / 2
                open += [rows.lowerBound..<middle, middle..<rows.upperBound]
            }
        }
        return poison
    }

    /// Why some rows cannot be cleaned together; nil if they can.
    private func failure(of rows: Range<Int>, _ list: RowList) throws -> String? {
        session.rows.setSource(definition.rawName, RowListSource(list, of: definition, rows: rows))
        do {
            _ = try connection.wait(
                for: "CREATE OR REPLACE TEMP TABLE pinline_probe AS SELECT * FROM (\n\(cleaning)\n)")
            return nil
        } catch {
            guard Self.isPoison(error) else { throw error }
            return error.message
        }
    }
}
