/// The type of a field.
enum ProtoType: Sendable, Equatable {
    case double, float, int32, int64, uint32, uint64, sint32, sint64, fixed32, fixed64, sfixed32, sfixed64
    case bool, string, bytes
    /// Their places in `ProtoSchema`.
    case enumeration(Int)
    case message(Int)
    case group(Int)

    static let scalars: [String: ProtoType] = [
        "double": .double, "float": .float, "int32": .int32, "int64": .int64, "uint32": .uint32,
        "uint64": .uint64, "sint32": .sint32, "sint64": .sint64, "fixed32": .fixed32, "fixed64": .fixed64,
        "sfixed32": .sfixed32, "sfixed64": .sfixed64, "bool": .bool, "string": .string, "bytes": .bytes,
    ]

    var wire: ProtoWire {
        switch self {
        case .int32, .int64, .uint32, .uint64, .sint32, .sint64, .bool, .enumeration: .varint
        case .fixed64, .sfixed64, .double: .fixed64
        case .fixed32, .sfixed32, .float: .fixed32
        case .string, .bytes, .message: .bytes
        case .group: .groupStart
        }
    }

    var isMessage: Bool { message != nil }

    var message: Int? {
        switch self {
        case .message(let place), .group(let place): place
        default: nil
        }
    }
}

/// How the bytes of a field are laid out.
enum ProtoWire: UInt64 {
    case varint = 0
    case fixed64 = 1
    case bytes = 2
    case groupStart = 3
    case groupEnd = 4
    case fixed32 = 5
}

struct ProtoField: Sendable {
    enum Shape: Sendable, Equatable {
        case singular
        case repeated(isPacked: Bool)
        /// The entries are messages of a key and a value.
        case map(key: ProtoType)
    }

    var number: Int32
    var name: String
    var jsonName: String
    var type: ProtoType
    var shape: Shape
    /// Whether a field that is not there differs from one with its type's zero.
    var hasPresence: Bool
    var isRequired: Bool
    /// Its place among the oneofs of the message; also that of an optional field of proto3, which is alone in it.
    var oneof: Int?
    /// As written in the schema, for proto2.
    var defaultValue: ProtoToken?

    /// What stands behind its tag: of a map, whole entries.
    var typeInBytes: ProtoType {
        if case .map = shape { .bytes } else { type }
    }
}

struct ProtoMessage: Sendable {
    var name: String
    /// By number.
    var fields: [ProtoField] = []
    /// Places by names in JSON, the field's own and the one it becomes there.
    var byName: [String: Int] = [:]
    var byNumber: [Int32: Int] = [:]
    var nested: [Int] = []
    var special: ProtoSpecial?
}

struct ProtoEnumeration: Sendable {
    var name: String
    var values: [(name: String, number: Int32)]
    /// Of proto2, where other numbers are not the enum's.
    var isClosed: Bool

    func number(of name: String) -> Int32? { values.first { $0.name == name }?.number }
    func name(of number: Int32) -> String? { values.first { $0.number == number }?.name }
}

/// Google's types that have a form of their own in JSON.
enum ProtoSpecial: Sendable, Equatable {
    case timestamp, duration, fieldMask, structure, value, list, wrapper, any

    static let byName: [String: ProtoSpecial] = {
        var all: [String: ProtoSpecial] = [
            "Timestamp": .timestamp, "Duration": .duration, "FieldMask": .fieldMask, "Struct": .structure,
            "Value": .value, "ListValue": .list, "Any": .any,
        ]
        for kind in ["Double", "Float", "Int64", "UInt64", "Int32", "UInt32", "Bool", "String", "Bytes"] {
            all[kind + "Value"] = .wrapper
        }
        return Dictionary(uniqueKeysWithValues: all.map { ("google.protobuf." + $0.key, $0.value) })
    }()
}

/// The messages and enums of a file and of all that it imports.
struct ProtoSchema: Sendable {
    var messages: [ProtoMessage] = []
    var enums: [ProtoEnumeration] = []
    /// Those of the file itself, in its order.
    var roots: [Int] = []
}
