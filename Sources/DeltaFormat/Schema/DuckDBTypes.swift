/// Types as DuckDB writes them, such as `STRUCT(a INTEGER, b VARCHAR[])`.
enum DuckDBTypes {
    /// Marks a column of rows whose moments are such, in the field's metadata; never written.
    static let hasZone = "duckdb.hasZone"

    /// The table type that holds what DuckDB has in a column of a type.
    ///
    /// - Throws: `.invalid` for types that tables do not have.
    static func deltaType(_ text: String) throws(DeltaError) -> DeltaType {
        var reader = DuckDBTypeReader(text)
        guard let type = try reader.type(), reader.isAtEnd else {
            throw DeltaError(.invalid, "no column of a table can hold DuckDB's type \(text): cast it")
        }
        return type
    }

    /// DuckDB's type for the values of a table's column, as they lie in files.
    static func name(_ type: DeltaType) -> String {
        switch type {
        case .string: "VARCHAR"
        case .long: "BIGINT"
        case .integer: "INTEGER"
        case .short: "SMALLINT"
        case .byte: "TINYINT"
        case .float: "FLOAT"
        case .double: "DOUBLE"
        case .boolean: "BOOLEAN"
        case .binary: "BLOB"
        case .date: "DATE"
        case .timestamp: "TIMESTAMP WITH TIME ZONE"
        case .timestampWithoutZone: "TIMESTAMP"
        case .decimal(let precision, let scale): "DECIMAL(\(precision),\(scale))"
        case .array(let element, _): name(element) + "[]"
        case .map(let key, let value, _): "MAP(\(name(key)), \(name(value)))"
        case .structure(let fields):
            "STRUCT(\(fields.map { "\(SQLText.name($0.name)) \(name($0.type))" }.joined(separator: ", ")))"
        }
    }
}

/// Reads DuckDB's names of types from left to right.
private struct DuckDBTypeReader {
    private var rest: Substring
    /// Types within types; more are no column of anyone.
    private var depthLeft = 32

    init(_ text: String) {
        rest = text[...]
    }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func type() throws(DeltaError) -> DeltaType? {
        guard depthLeft > 0 else { return nil }
        depthLeft -= 1
        defer { depthLeft += 1 }
        guard var type = try plainType() else { return nil }
        while rest.first == "[" {
            // A list, or an array of a fixed size.
            guard let end = rest.firstIndex(of: "]") else { return nil }
            rest = rest[rest.index(after: end)...]
            type = .array(type, containsNull: true)
        }
        return type
    }

    private static let plain: [String: DeltaType] = [
        "VARCHAR": .string, "UUID": .string, "JSON": .string, "BIGINT": .long, "INTEGER": .integer,
        "SMALLINT": .short, "TINYINT": .byte, "UTINYINT": .short, "USMALLINT": .integer, "UINTEGER": .long,
        "UBIGINT": .decimal(precision: 20, scale: 0), "HUGEINT": .decimal(precision: 38, scale: 0),
        "FLOAT": .float, "DOUBLE": .double, "BOOLEAN": .boolean, "BLOB": .binary, "DATE": .date,
        "TIMESTAMP": .timestamp, "TIMESTAMP_S": .timestamp, "TIMESTAMP_MS": .timestamp,
        "TIMESTAMP_NS": .timestamp, "TIMESTAMP WITH TIME ZONE": .timestamp,
    ]

    private mutating func plainType() throws(DeltaError) -> DeltaType? {
        let word = String(rest.prefix { !"[],()".contains($0) })
        rest = rest.dropFirst(word.count)
        switch word {
        case "DECIMAL":
            guard take("("), let precision = number(), take(","), let scale = number(), take(")") else {
                return nil
            }
            return .decimal(precision: precision, scale: scale)
        case "STRUCT": return try structure()
        case "MAP":
            guard take("("), let key = try type(), take(","), let value = try type(), take(")") else {
                return nil
            }
            return .map(key, value, valueContainsNull: true)
        case "ENUM":
            // Its values, quoted, say nothing about the table.
            guard let end = rest.firstIndex(of: ")") else { return nil }
            rest = rest[rest.index(after: end)...]
            return .string
        default: return Self.plain[word]
        }
    }

    private mutating func structure() throws(DeltaError) -> DeltaType? {
        guard take("(") else { return nil }
        var fields: [DeltaField] = []
        repeat {
            guard let name = fieldName(), let type = try type() else { return nil }
            fields.append(DeltaField(name, type))
        } while take(",")
        return take(")") ? .structure(fields) : nil
    }

    /// A name up to the space before its type, quoted if it is no plain word.
    private mutating func fieldName() -> String? {
        skipSpaces()
        guard rest.first == "\"" else {
            let name = String(rest.prefix { $0 != " " })
            rest = rest.dropFirst(name.count).drop { $0 == " " }
            return name.isEmpty ? nil : name
        }
        var name = ""
        rest = rest.dropFirst()
        while let character = rest.popFirst() {
            if character != "\"" {
                name.append(character)
            } else if rest.first == "\"" {
                name.append("\"")
                rest = rest.dropFirst()
            } else {
                skipSpaces()
                return name
            }
        }
        return nil
    }

    private mutating func number() -> Int? {
        skipSpaces()
        let digits = rest.prefix { $0.isNumber }
        rest = rest.dropFirst(digits.count)
        return Int(digits)
    }

    private mutating func take(_ character: Character) -> Bool {
        skipSpaces()
        guard rest.first == character else { return false }
        rest = rest.dropFirst()
        skipSpaces()
        return true
    }

    private mutating func skipSpaces() {
        rest = rest.drop { $0 == " " }
    }
}

/// Names and texts as SQL writes them.
enum SQLText {
    static func name(_ name: String) -> String { "\"" + name.replacing("\"", with: "\"\"") + "\"" }
    static func literal(_ text: String) -> String { "'" + text.replacing("'", with: "''") + "'" }
}
