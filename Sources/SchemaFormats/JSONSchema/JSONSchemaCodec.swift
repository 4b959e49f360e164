package import JSONText

/// JSON that keeps to a JSON Schema; in a record it stands as JSON.
package struct JSONSchemaCodec: SchemaCodec {
    private let schema: JSONSchema
    package let recordName: String?

    /// - Parameter references: the schemas that `$ref` may name.
    package init(_ text: String, references: [NamedSchema] = []) throws(SchemaFormatError) {
        let root = try JSONSchemaReader.tree(text)
        schema = try JSONSchemaReader.read(root, references: references)
        recordName = root["title"]?.text
    }

    package func encode(_ value: JSONTree, into output: inout [UInt8]) throws(SchemaFormatError) {
        var validation = JSONSchemaValidation(schema: schema)
        try validation.check(value)
        output += JSONWriter.bytes { $0.tree(value) }
    }

    /// As with the peer, what was written is not looked at by the schema again.
    package func decode(
        _ bytes: UnsafeRawBufferPointer, into writer: inout JSONWriter
    ) throws(SchemaFormatError) {
        do throws(JSONTextError) {
            var scanner = JSONScanner(bytes, maxDepth: 10 * SchemaLimits.maxDepth)
            _ = try scanner.value()
            try scanner.finish()
        } catch {
            throw SchemaFormatError(.unreadableBytes, "no JSON: \(error.message)")
        }
        writer.json(bytes)
    }
}
