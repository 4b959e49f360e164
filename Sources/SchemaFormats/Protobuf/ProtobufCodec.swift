package import JSONText

/// Protobuf's JSON mapping to its binary form, and back.
package struct ProtobufCodec: SchemaCodec {
    private let schema: ProtoSchema

    /// - Parameter references: the files that are imported, under the names they are imported by.
    package init(_ text: String, references: [NamedSchema] = []) throws(SchemaFormatError) {
        schema = try ProtoLinker.link(text, references: references)
    }

    /// That of the first message.
    package var recordName: String? { schema.messages[schema.roots[0]].name }

    /// Writes the file's first message, which one zero stands for.
    package func encode(_ value: JSONTree, into output: inout [UInt8]) throws(SchemaFormatError) {
        output.append(0)
        var encoder = ProtobufEncoder(schema: schema)
        output += try encoder.message(value, schema.roots[0], depth: 0)
    }

    package func decode(
        _ bytes: UnsafeRawBufferPointer, into writer: inout JSONWriter
    ) throws(SchemaFormatError) {
        var cursor = ByteCursor(bytes)
        let place = try message(&cursor)
        var decoder = ProtobufDecoder(schema: schema, byteCount: cursor.remaining)
        try decoder.write(
            try cursor.take(cursor.remaining), of: place, into: &writer, depth: 0)
    }

    /// The message that is told by places: among those of the file, among those in that one, and so on.
    private func message(_ cursor: inout ByteCursor) throws(SchemaFormatError) -> Int {
        let count = try cursor.zigzag()
        guard count != 0 else { return schema.roots[0] }
        guard (1...Int64(SchemaLimits.maxDepth)).contains(count) else {
            throw SchemaFormatError(.unreadableBytes, "\(count) places do not tell a message")
        }
        var among = schema.roots
        var found = schema.roots[0]
        for _ in 0..<count {
            guard let place = Int(exactly: try cursor.zigzag()), among.indices.contains(place) else {
                throw SchemaFormatError(.unreadableBytes, "the schema has no such message")
            }
            found = among[place]
            among = schema.messages[found].nested
        }
        return found
    }
}
