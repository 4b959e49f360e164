import CDuckDB

/// DuckDB's numbers for its types.
enum DuckDBType {
    static let bool: Int32 = 1
    static let tinyint: Int32 = 2
    static let smallint: Int32 = 3
    static let integer: Int32 = 4
    static let bigint: Int32 = 5
    static let unsignedTinyint: Int32 = 6
    static let unsignedSmallint: Int32 = 7
    static let unsignedInteger: Int32 = 8
    static let unsignedBigint: Int32 = 9
    static let float: Int32 = 10
    static let double: Int32 = 11
    static let timestamp: Int32 = 12
    static let date: Int32 = 13
    static let time: Int32 = 14
    static let interval: Int32 = 15
    static let hugeint: Int32 = 16
    static let varchar: Int32 = 17
    static let blob: Int32 = 18
    static let decimal: Int32 = 19
    static let timestampSeconds: Int32 = 20
    static let timestampMilliseconds: Int32 = 21
    static let timestampNanoseconds: Int32 = 22
    static let enumeration: Int32 = 23
    static let list: Int32 = 24
    static let structure: Int32 = 25
    static let map: Int32 = 26
    static let uuid: Int32 = 27
    static let timestampWithZone: Int32 = 31
    static let unsignedHugeint: Int32 = 32
    static let array: Int32 = 33
    /// Of a function's argument: whatever is given.
    static let any: Int32 = 34

    static func sqlType(of type: dk_ptr?) -> SQLType {
        switch dk_get_type_id(type) {
        case bool: return .bool
        case tinyint...unsignedBigint: return .integer
        case hugeint, unsignedHugeint: return .decimal(width: 38, scale: 0)
        case float, double: return .double
        case decimal:
            return .decimal(width: Int(dk_decimal_width(type)), scale: Int(dk_decimal_scale(type)))
        case varchar, enumeration, uuid: return .text
        case blob: return .blob
        case timestamp, timestampSeconds, timestampMilliseconds, timestampNanoseconds, timestampWithZone:
            return .timestamp
        case date: return .date
        case time: return .time
        case interval: return .interval
        case list, map, array: return .list(sqlType(child: childType(of: type)))
        case structure: return .structure(fields(of: type))
        default: return .other
        }
    }

    private static func sqlType(child: dk_ptr?) -> SQLType {
        var child = child
        defer { dk_destroy_logical_type(&child) }
        return sqlType(of: child)
    }

    /// The element type of a list, array or map; the caller destroys it.
    static func childType(of type: dk_ptr?) -> dk_ptr? {
        dk_get_type_id(type) == array ? dk_array_type_child_type(type) : dk_list_type_child_type(type)
    }

    private static func fields(of type: dk_ptr?) -> [ResultColumn] {
        (0..<dk_struct_type_child_count(type)).map { index in
            ResultColumn(
                name: fieldName(of: type, at: index),
                type: sqlType(child: dk_struct_type_child_type(type, index)))
        }
    }

    static func fieldName(of type: dk_ptr?, at index: UInt64) -> String {
        let name = dk_struct_type_child_name(type, index)
        defer { dk_free(name) }
        return name.map { String(cString: $0) } ?? ""
    }
}
