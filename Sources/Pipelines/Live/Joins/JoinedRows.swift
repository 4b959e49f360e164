import JSONText
import QueryEngine

/// Joined rows on their way into the engine, as one statement and one text of JSON.
struct JoinedRows: Sendable {
    /// The type of a column for SQL.
    enum ColumnType: UInt64, Sendable {
        case integer, double, text

        init(_ type: SQLType) {
            switch type {
            case .integer: self = .integer
            case .double: self = .double
            default: self = .text
            }
        }

        var sql: String {
            switch self {
            case .integer: "BIGINT"
            case .double: "DOUBLE"
            case .text: "VARCHAR"
            }
        }
    }

    let join: LiveJoin
    /// Of the join's columns.
    let types: [ColumnType]
    let rows: [[LiveValue]]

    /// Makes the temporary table of the join's name; its parameter is `rows`.
    var statement: String {
        let structure = zip(join.columns, types).map { "\"\($0)\":\"\($1.sql)\"" }.joined(separator: ",")
        return """
            CREATE OR REPLACE TEMP TABLE "\(join.name)" AS
            SELECT unnest(from_json($rows, '[{\(structure)}]'), recursive := true)
            """
    }

    var json: String {
        let columns = join.columns
        let bytes = JSONWriter.bytes { json in
            json.array { json in
                for row in rows {
                    json.object { json in
                        for (name, value) in zip(columns, row) { json.member(name, value) }
                    }
                }
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
