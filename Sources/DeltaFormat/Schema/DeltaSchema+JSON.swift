import JSONText

// The `schemaString` of a table's metadata.
extension DeltaSchema {
    /// - Throws: `.corrupted` for what is no schema, `.unsupportedFeature` for a type that is not known here.
    init(json text: String) throws(DeltaError) {
        guard let tree = try? JSONTree(Array(text.utf8)),
            case .structure(let fields) = try DeltaType(tree)
        else {
            throw DeltaError(.corrupted, "the table's schema is no JSON of a struct: \(text.prefix(200))")
        }
        self.init(fields)
    }

    /// As `schemaString` has it.
    var json: String {
        var writer = JSONWriter()
        DeltaType.structure(fields).write(to: &writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}

extension DeltaType: CustomStringConvertible {
    package var description: String { text }

    init(_ tree: JSONTree) throws(DeltaError) {
        if let name = tree.text {
            self = try Self.primitive(name)
            return
        }
        switch tree["type"]?.text {
        case "struct":
            var fields: [DeltaField] = []
            for element in tree["fields"]?.elements ?? [] { fields.append(try DeltaField(element)) }
            self = .structure(fields)
        case "array":
            self = .array(
                try DeltaType(tree["elementType"] ?? .null), containsNull: tree["containsNull"]?.bool ?? true)
        case "map":
            self = .map(
                try DeltaType(tree["keyType"] ?? .null), try DeltaType(tree["valueType"] ?? .null),
                valueContainsNull: tree["valueContainsNull"]?.bool ?? true)
        default:
            throw DeltaError(.corrupted, "the table's schema has a type without a name that is known")
        }
    }

    private static let names: [(String, DeltaType)] = [
        ("string", .string), ("long", .long), ("integer", .integer), ("short", .short), ("byte", .byte),
        ("float", .float), ("double", .double), ("boolean", .boolean), ("binary", .binary), ("date", .date),
        ("timestamp", .timestamp), ("timestamp_ntz", .timestampWithoutZone),
    ]

    private static func primitive(_ name: String) throws(DeltaError) -> DeltaType {
        if let known = names.first(where: { $0.0 == name }) { return known.1 }
        if name.hasPrefix("decimal(") {
            let numbers = name.dropFirst(8).dropLast().split(separator: ",").map { part in
                Int(part.filter { $0 != " " })
            }
            if numbers.count == 2, let precision = numbers[0], let scale = numbers[1],
                (1...38).contains(precision), (0...precision).contains(scale)
            {
                return .decimal(precision: precision, scale: scale)
            }
        }
        throw DeltaError(
            .unsupportedFeature, "the table has a column of type '\(name)', which is not known here")
    }

    /// The name of a type that has no parts; nil for others.
    var primitiveName: String? {
        if case .decimal(let precision, let scale) = self { return "decimal(\(precision),\(scale))" }
        return Self.names.first { $0.1 == self }?.0
    }

    func write(to writer: inout JSONWriter) {
        if let primitiveName { return writer.string(primitiveName) }
        writer.object { writer in
            switch self {
            case .array(let element, let containsNull):
                writer.member("type", "array")
                writer.key("elementType")
                element.write(to: &writer)
                writer.member("containsNull", containsNull)
            case .map(let key, let value, let valueContainsNull):
                writer.member("type", "map")
                writer.key("keyType")
                key.write(to: &writer)
                writer.key("valueType")
                value.write(to: &writer)
                writer.member("valueContainsNull", valueContainsNull)
            case .structure(let fields):
                writer.member("type", "struct")
                writer.member("fields", array: { for field in fields { field.write(to: &$0) } })
            default: break
            }
        }
    }

    /// As people read it: `array<double>`.
    var text: String {
        switch self {
        case .array(let element, _): "array<\(element.text)>"
        case .map(let key, let value, _): "map<\(key.text),\(value.text)>"
        case .structure(let fields):
            "struct<\(fields.map { "\($0.name):\($0.type.text)" }.joined(separator: ","))>"
        default: primitiveName ?? ""
        }
    }
}

extension DeltaField {
    init(_ tree: JSONTree) throws(DeltaError) {
        guard let name = tree["name"]?.text, let type = tree["type"] else {
            throw DeltaError(.corrupted, "the table's schema has a field without name or type")
        }
        self.init(name, try DeltaType(type), isNullable: tree["nullable"]?.bool ?? true)
        for member in tree["metadata"]?.members ?? [] {
            var writer = JSONWriter()
            writer.tree(member.value)
            metadata[member.name] = String(decoding: writer.bytes, as: UTF8.self)
        }
    }

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", name)
            writer.key("type")
            type.write(to: &writer)
            writer.member("nullable", isNullable)
            writer.member(
                "metadata",
                object: { writer in
                    for (name, json) in metadata.sorted(by: { $0.key < $1.key }) {
                        writer.key(name)
                        writer.json(json.utf8)
                    }
                })
        }
    }
}
