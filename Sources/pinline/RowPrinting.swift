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
