import DeltaFormat
import QueryEngine

/// What is known of tables, as texts and rows.
enum TablesText {
    /// A type as the table's schema names it.
    static func name(_ type: DeltaType) -> String {
        switch type {
        case .string: "string"
        case .long: "long"
        case .integer: "integer"
        case .short: "short"
        case .byte: "byte"
        case .float: "float"
        case .double: "double"
        case .boolean: "boolean"
        case .binary: "binary"
        case .date: "date"
        case .timestamp: "timestamp"
        case .timestampWithoutZone: "timestamp_ntz"
        case .decimal(let precision, let scale): "decimal(\(precision),\(scale))"
        case .array(let element, _): "array<\(name(element))>"
        case .map(let key, let value, _): "map<\(name(key)),\(name(value))>"
        case .structure(let fields):
            "struct<\(fields.map { "\($0.name):\(name($0.type))" }.joined(separator: ","))>"
        }
    }

    static let historyColumns: [(name: String, type: SQLType)] = [
        ("version", .integer), ("committed", .timestamp), ("operation", .text), ("parameters", .text),
        ("metrics", .text), ("engine", .text),
    ]

    /// A commit, by the columns of the history.
    static func row(_ entry: TableHistoryEntry) -> [SQLValue] {
        let info = entry.info
        return [
            .integer(entry.version.rawValue),
            info?.timestamp.map { .timestamp($0 &* 1000) } ?? .null,
            .optional(info?.operation), .optional(info.map { text($0.operationParameters) }),
            .optional(info.map { text($0.operationMetrics) }), .optional(info?.engineInfo),
        ]
    }

    private static func text(_ values: [String: String]) -> String {
        values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    }
}
