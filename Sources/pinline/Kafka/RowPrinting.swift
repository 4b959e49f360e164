import Foundation
import Pipelines
import QueryEngine

/// Rows of a command's answer.
struct RowTable {
    private var result: QueryResult

    /// - Parameter columns: the names in order; those of numbers are aligned to the right.
    init(_ columns: [(name: String, type: SQLType)]) {
        result = QueryResult(columns: columns.map { ResultColumn(name: $0.name, type: $0.type) }, rows: [])
    }

    mutating func add(_ row: SQLValue...) {
        result.rows.append(row)
    }

    mutating func add(_ row: [SQLValue]) {
        result.rows.append(row)
    }

    /// Does something for each item and shows a row for it, in case of a failure for those before.
    ///
    /// - Parameter body: the result's row; nil for none.
    static func show<Item>(
        _ columns: [String], _ format: ResultFormat, for items: [Item], _ body: (Item) throws -> [SQLValue]?
    ) throws {
        var table = RowTable(columns.map { ($0, .text) })
        do {
            for item in items {
                if let row = try body(item) { table.result.rows.append(row) }
            }
        } catch {
            if !table.result.rows.isEmpty { table.show(format) }
            throw error
        }
        table.show(format)
    }

    func show(_ format: ResultFormat) {
        switch format {
        case .table: print(ResultText.table(result), terminator: "")
        case .json: print(ResultText.json(result), terminator: "")
        case .csv: print(ResultText.csv(result), terminator: "")
        }
    }
}

extension SQLValue {
    static func number(_ value: some BinaryInteger) -> SQLValue { .integer(Int64(clamping: value)) }

    static func optional(_ value: Int64?) -> SQLValue { value.map { .integer($0) } ?? .null }

    static func optional(_ value: String?) -> SQLValue { value.map { .text($0) } ?? .null }

    static func numbers(_ values: [Int32]) -> SQLValue { .list(values.map { .integer(Int64($0)) }) }
}
