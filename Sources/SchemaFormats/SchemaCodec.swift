package import JSONText

/// The kinds of schemas that a registry keeps; the raw values are its own words.
package enum SchemaKind: String, Sendable, CaseIterable {
    case avro = "AVRO"
    case json = "JSON"
    case protobuf = "PROTOBUF"
}

/// A schema that another one refers to, under the name it does so.
package struct NamedSchema: Sendable, Equatable {
    package var name: String
    package var text: String

    package init(name: String, text: String) {
        self.name = name
        self.text = text
    }
}

/// Turns JSON into the bytes that a schema describes, and such bytes into JSON.
package protocol SchemaCodec: Sendable {
    /// The full name of what the schema describes, by which subjects may be named; nil if it has none.
    var recordName: String? { get }

    /// Appends what follows the schema's id in a record.
    func encode(_ value: JSONTree, into output: inout [UInt8]) throws(SchemaFormatError)

    /// Writes the value of what follows the schema's id in a record.
    func decode(_ bytes: UnsafeRawBufferPointer, into writer: inout JSONWriter) throws(SchemaFormatError)
}

/// What keeps outside texts and bytes from taking all memory or all of the stack.
enum SchemaLimits {
    /// Types within types in a schema, and values within values in a record.
    static let maxDepth = 100
    /// Values in a record that take no bytes, such as nulls; those that take bytes are bounded by their record.
    static let maxEmptyValues = 1_000_000
    /// Named types, fields and the like in one schema with all that it refers to.
    static let maxParts = 50_000
    /// The text of one schema.
    static let maxTextBytes = 8 << 20
}

package enum SchemaCodecs {
    /// Reads a schema.
    ///
    /// - Parameter references: all that it refers to, directly or not; what is referred to before what refers.
    /// - Throws: `.invalidSchema`.
    package static func make(
        _ kind: SchemaKind, _ text: String, references: [NamedSchema] = []
    ) throws(SchemaFormatError) -> any SchemaCodec {
        for document in [text] + references.map(\.text) where document.utf8.count > SchemaLimits.maxTextBytes
        {
            throw SchemaFormatError(
                .invalidSchema, "a schema is larger than \(SchemaLimits.maxTextBytes) bytes")
        }
        switch kind {
        case .avro: return try AvroCodec(text, references: references.map(\.text))
        case .json: return try JSONSchemaCodec(text, references: references)
        case .protobuf: return try ProtobufCodec(text, references: references)
        }
    }
}
