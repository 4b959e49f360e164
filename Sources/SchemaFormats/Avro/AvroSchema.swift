import JSONText

/// A type of Avro; named types stand in a table, so that they may contain themselves.
indirect enum AvroType: Sendable, Equatable {
    case null, boolean, int, long, float, double, bytes, string
    case array(AvroType)
    case map(AvroType)
    case union([AvroType])
    /// Its place in `AvroSchema.named`.
    case named(Int)
}

struct AvroField: Sendable {
    var name: String
    var type: AvroType
    /// The value of a field that is not there; as in a schema, so unions are not told by name.
    var defaultValue: JSONTree?
}

enum AvroNamedType: Sendable {
    case record(name: String, fields: [AvroField])
    case enumeration(name: String, symbols: [String])
    case fixed(name: String, size: Int)

    var name: String {
        switch self {
        case .record(let name, _), .enumeration(let name, _), .fixed(let name, _): name
        }
    }
}

/// A schema of Avro 1.11 with the named types of what it refers to; logical types count as what they annotate.
struct AvroSchema: Sendable {
    var root: AvroType
    var named: [AvroNamedType]

    /// The name of a branch in the JSON encoding of a union.
    func branchName(_ type: AvroType) -> String {
        switch type {
        case .null: "null"
        case .boolean: "boolean"
        case .int: "int"
        case .long: "long"
        case .float: "float"
        case .double: "double"
        case .bytes: "bytes"
        case .string: "string"
        case .array: "array"
        case .map: "map"
        case .union: "union"
        case .named(let place): named.indices.contains(place) ? named[place].name : ""
        }
    }
}

/// Reads the JSON form of schemas.
struct AvroSchemaReader {
    private var named: [AvroNamedType] = []
    private var places: [String: Int] = [:]
    private var partsLeft = SchemaLimits.maxParts

    static func read(_ text: String, references: [String]) throws(SchemaFormatError) -> AvroSchema {
        var reader = AvroSchemaReader()
        for reference in references { _ = try reader.type(tree(reference), namespace: "", depth: 0) }
        let root = try reader.type(tree(text), namespace: "", depth: 0)
        return AvroSchema(root: root, named: reader.named)
    }

    private static func tree(_ text: String) throws(SchemaFormatError) -> JSONTree {
        do throws(JSONTextError) {
            return try JSONTree(Array(text.utf8), maxDepth: 2 * SchemaLimits.maxDepth)
        } catch {
            // A type's name alone is not always written as a JSON string.
            let name = text.filter { !$0.isWhitespace }
            if primitives[name] != nil { return .string(name) }
            throw invalid("the schema is no JSON: \(error.message)")
        }
    }

    private static func invalid(_ message: String) -> SchemaFormatError {
        SchemaFormatError(.invalidSchema, message)
    }

    private static let primitives: [String: AvroType] = [
        "null": .null, "boolean": .boolean, "int": .int, "long": .long, "float": .float, "double": .double,
        "bytes": .bytes, "string": .string,
    ]

    // MARK: Types

    private mutating func type(
        _ tree: JSONTree, namespace: String, depth: Int
    ) throws(SchemaFormatError) -> AvroType {
        guard depth < SchemaLimits.maxDepth else { throw Self.invalid("types are nested too deeply") }
        partsLeft -= 1
        guard partsLeft > 0 else { throw Self.invalid("the schema has too many parts") }
        switch tree {
        case .string(let name): return try type(named: name, namespace: namespace)
        case .array(let branches): return try union(branches, namespace: namespace, depth: depth)
        case .object: return try complex(tree, namespace: namespace, depth: depth)
        default: throw Self.invalid("a type is neither a name nor an object nor an array")
        }
    }

    private func type(named name: String, namespace: String) throws(SchemaFormatError) -> AvroType {
        if let primitive = Self.primitives[name] { return primitive }
        let candidates =
            name.contains(".") || namespace.isEmpty ? [name] : ["\(namespace).\(name)", name]
        for candidate in candidates {
            if let place = places[candidate] { return .named(place) }
        }
        throw Self.invalid("\(name.prefix(200)) is not a defined name")
    }

    private mutating func union(
        _ branches: [JSONTree], namespace: String, depth: Int
    ) throws(SchemaFormatError) -> AvroType {
        var types: [AvroType] = []
        var names: Set<String> = []
        for branch in branches {
            let type = try type(branch, namespace: namespace, depth: depth + 1)
            if case .union = type { throw Self.invalid("a union is nested in a union") }
            let name = AvroSchema(root: .null, named: named).branchName(type)
            guard names.insert(name).inserted else { throw Self.invalid("a union has \(name) twice") }
            types.append(type)
        }
        guard !types.isEmpty else { throw Self.invalid("a union has no branch") }
        return .union(types)
    }

    private mutating func complex(
        _ tree: JSONTree, namespace: String, depth: Int
    ) throws(SchemaFormatError) -> AvroType {
        guard let kind = tree["type"] else { throw Self.invalid("an object has no type") }
        guard case .string(let name) = kind else {
            return try type(kind, namespace: namespace, depth: depth + 1)
        }
        switch name {
        case "record", "error": return try record(tree, namespace: namespace, depth: depth)
        case "enum": return try enumeration(tree, namespace: namespace)
        case "fixed": return try fixed(tree, namespace: namespace)
        case "array":
            guard let items = tree["items"] else { throw Self.invalid("an array has no items") }
            return .array(try type(items, namespace: namespace, depth: depth + 1))
        case "map":
            guard let values = tree["values"] else { throw Self.invalid("a map has no values") }
            return .map(try type(values, namespace: namespace, depth: depth + 1))
        default: return try type(named: name, namespace: namespace)
        }
    }

    // MARK: Named types

    /// The full name of a definition, and the namespace of what stands in it.
    private static func name(
        of tree: JSONTree, namespace: String
    ) throws(SchemaFormatError) -> (full: String, namespace: String) {
        guard let name = tree["name"]?.text else { throw invalid("a named type has no name") }
        let given = tree["namespace"]?.text ?? namespace
        let full = name.contains(".") || given.isEmpty ? name : "\(given).\(name)"
        for part in full.split(separator: ".", omittingEmptySubsequences: false) {
            try checkName(part, of: full)
        }
        return (full, full.lastIndex(of: ".").map { String(full[..<$0]) } ?? "")
    }

    private static func checkName(_ name: Substring, of full: String) throws(SchemaFormatError) {
        let isName =
            name.utf8.first.map { isLetter($0) } == true
            && name.utf8.allSatisfy { isLetter($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard isName else { throw invalid("illegal name: \(full.prefix(200))") }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
    }

    private mutating func define(_ type: AvroNamedType) throws(SchemaFormatError) -> Int {
        guard Self.primitives[type.name] == nil else {
            throw Self.invalid("\(type.name) is the name of a type of Avro's own")
        }
        guard places[type.name] == nil else { throw Self.invalid("cannot redefine: \(type.name)") }
        places[type.name] = named.count
        named.append(type)
        return named.count - 1
    }

    private mutating func record(
        _ tree: JSONTree, namespace: String, depth: Int
    ) throws(SchemaFormatError) -> AvroType {
        let (name, inner) = try Self.name(of: tree, namespace: namespace)
        guard let members = tree["fields"]?.elements else {
            throw Self.invalid("the record \(name) has no fields")
        }
        // Known before its fields are read: they may be of this very type.
        let place = try define(.record(name: name, fields: []))
        var fields: [AvroField] = []
        var names: Set<String> = []
        for member in members {
            guard let fieldName = member["name"]?.text, let fieldType = member["type"] else {
                throw Self.invalid("a field of \(name) has no name or no type")
            }
            try Self.checkName(fieldName[...], of: fieldName)
            guard names.insert(fieldName).inserted else {
                throw Self.invalid("the record \(name) has the field \(fieldName) twice")
            }
            fields.append(
                AvroField(
                    name: fieldName, type: try type(fieldType, namespace: inner, depth: depth + 1),
                    defaultValue: member["default"]))
        }
        named[place] = .record(name: name, fields: fields)
        return .named(place)
    }

    private mutating func enumeration(
        _ tree: JSONTree, namespace: String
    ) throws(SchemaFormatError) -> AvroType {
        let (name, _) = try Self.name(of: tree, namespace: namespace)
        var symbols: [String] = []
        for element in tree["symbols"]?.elements ?? [] {
            guard let symbol = element.text else { throw Self.invalid("a symbol of \(name) is no string") }
            try Self.checkName(symbol[...], of: symbol)
            symbols.append(symbol)
        }
        guard !symbols.isEmpty, Set(symbols).count == symbols.count else {
            throw Self.invalid("the symbols of \(name) are none, or not distinct")
        }
        return .named(try define(.enumeration(name: name, symbols: symbols)))
    }

    private mutating func fixed(_ tree: JSONTree, namespace: String) throws(SchemaFormatError) -> AvroType {
        let (name, _) = try Self.name(of: tree, namespace: namespace)
        guard let size = tree["size"]?.integer, (0...Int64(Int32.max)).contains(size) else {
            throw Self.invalid("the size of \(name) is no number from 0 on")
        }
        return .named(try define(.fixed(name: name, size: Int(size))))
    }
}
