import JSONText

/// A schema of Kafka Connect, as its JSON converter writes them.
final class ConnectSchema: Sendable, Equatable {
    enum Kind: String, Sendable {
        case int8, int16, int32, int64, float, double, boolean, string, bytes, array, map, `struct`
    }

    struct Field: Sendable, Equatable {
        var name: String
        var schema: ConnectSchema
    }

    let kind: Kind
    let isOptional: Bool
    let name: String?
    let version: Int64?
    let defaultValue: JSONTree?
    let documentation: String?
    let parameters: [String: String]
    /// Of a struct, in order.
    let fields: [Field]
    /// Of an array's elements, or of a map's values.
    let elements: ConnectSchema?
    let keys: ConnectSchema?

    static let decimal = "org.apache.kafka.connect.data.Decimal"
    static let timestamp = "org.apache.kafka.connect.data.Timestamp"

    /// Schemas that nest deeper than this are refused.
    private static let maxDepth = 60

    convenience init(_ tree: JSONTree) throws(ConversionError) {
        try self.init(tree, depth: 0)
    }

    private init(_ tree: JSONTree, depth: Int) throws(ConversionError) {
        guard let type = tree["type"]?.text else {
            throw ConversionError("Schema must contain 'type' field")
        }
        guard let kind = Kind(rawValue: type), depth < Self.maxDepth else {
            throw ConversionError("Unknown schema type: \(type)")
        }
        self.kind = kind
        isOptional = tree["optional"]?.bool ?? false
        name = tree["name"]?.text
        version = tree["version"]?.integer
        documentation = tree["doc"]?.text
        defaultValue = tree["default"].flatMap { $0.isNull ? nil : $0 }
        parameters = (tree["parameters"]?.members ?? []).reduce(into: [:]) { $0[$1.name] = $1.value.text }
        switch kind {
        case .array:
            guard let items = tree["items"] else {
                throw ConversionError("Array schema did not specify the element type")
            }
            elements = try ConnectSchema(items, depth: depth + 1)
            keys = nil
            fields = []
        case .map:
            guard let keyTree = tree["keys"] else {
                throw ConversionError("Map schema did not specify the key type")
            }
            guard let valueTree = tree["values"] else {
                throw ConversionError("Map schema did not specify the value type")
            }
            keys = try ConnectSchema(keyTree, depth: depth + 1)
            elements = try ConnectSchema(valueTree, depth: depth + 1)
            fields = []
        case .struct:
            fields = try Self.fields(tree, depth)
            keys = nil
            elements = nil
        default:
            fields = []
            keys = nil
            elements = nil
        }
    }

    private static func fields(_ tree: JSONTree, _ depth: Int) throws(ConversionError) -> [Field] {
        guard let list = tree["fields"]?.elements else {
            throw ConversionError("Struct schema's \"fields\" argument is not an array.")
        }
        var fields: [Field] = []
        for entry in list {
            guard let name = entry["field"]?.text else {
                throw ConversionError("Struct schema's field name not specified properly")
            }
            fields.append(Field(name: name, schema: try ConnectSchema(entry, depth: depth + 1)))
        }
        return fields
    }

    func field(_ name: String) -> ConnectSchema? { fields.first { $0.name == name }?.schema }

    static func == (left: ConnectSchema, right: ConnectSchema) -> Bool {
        if left === right { return true }
        return left.kind == right.kind && left.isOptional == right.isOptional && left.name == right.name
            && left.version == right.version && left.defaultValue == right.defaultValue
            && left.documentation == right.documentation && left.parameters == right.parameters
            && left.fields == right.fields && left.elements == right.elements && left.keys == right.keys
    }
}

/// Why a record's bytes are not what its converter reads.
struct ConversionError: Error, Equatable, CustomStringConvertible {
    var description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Schemas that were read before, by their text.
struct SchemaCache {
    private let limit: Int
    private var known: [[UInt8]: ConnectSchema] = [:]
    private var last: ([UInt8], ConnectSchema)?

    init(limit: Int) {
        self.limit = limit
    }

    /// The schema of a text, one object for each text as long as it is remembered; nil for `null`.
    mutating func schema(_ text: UnsafeRawBufferPointer) throws(ConversionError) -> ConnectSchema? {
        if let last, last.0.count == text.count, last.0.elementsEqual(text) { return last.1 }
        let bytes = Array(text)
        let schema: ConnectSchema
        if let found = known[bytes] {
            schema = found
        } else {
            guard let tree = try? JSONTree(bytes) else { throw ConversionError("the schema is no JSON") }
            if tree.isNull { return nil }
            let read = try ConnectSchema(tree)
            // Two spellings of one schema are one schema.
            schema = known.values.first { $0 == read } ?? read
            if known.count >= limit { known.removeAll() }
            known[bytes] = schema
        }
        last = (bytes, schema)
        return schema
    }
}
