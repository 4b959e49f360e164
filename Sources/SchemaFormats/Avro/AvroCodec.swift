package import JSONText

/// Avro's JSON encoding to its binary one, and back.
package struct AvroCodec: SchemaCodec {
    let schema: AvroSchema

    /// - Parameter references: the texts of what the schema refers to; what is referred to first.
    package init(_ text: String, references: [String] = []) throws(SchemaFormatError) {
        schema = try AvroSchemaReader.read(text, references: references)
    }

    package var recordName: String? {
        guard case .named = schema.root else { return nil }
        return schema.branchName(schema.root)
    }

    package func encode(_ value: JSONTree, into output: inout [UInt8]) throws(SchemaFormatError) {
        if case .bytes = schema.root {
            // Confluent's serializers write bytes at the top without their length.
            return output.append(contentsOf: try AvroEncoder.latin1(value))
        }
        var encoder = AvroEncoder(schema: schema, output: output)
        try encoder.write(value, as: schema.root, depth: 0)
        output = encoder.output
    }

    package func decode(
        _ bytes: UnsafeRawBufferPointer, into writer: inout JSONWriter
    ) throws(SchemaFormatError) {
        if case .bytes = schema.root { return writer.string(AvroDecoder.latin1(bytes)) }
        var decoder = AvroDecoder(schema: schema, cursor: ByteCursor(bytes))
        try decoder.read(schema.root, into: &writer, depth: 0)
        guard decoder.cursor.isAtEnd else {
            throw SchemaFormatError(.unreadableBytes, "bytes are left after the value")
        }
    }
}
