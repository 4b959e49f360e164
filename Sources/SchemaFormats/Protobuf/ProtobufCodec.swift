package import JSONText

package struct ProtobufCodec: SchemaCodec {
    package init(_ text: String, references: [NamedSchema]) throws(SchemaFormatError) {
        throw SchemaFormatError(.invalidSchema, "Protobuf is not read")
    }
    package var recordName: String? { nil }
    package func encode(_ value: JSONTree, into output: inout [UInt8]) throws(SchemaFormatError) {}
    package func decode(_ bytes: UnsafeRawBufferPointer, into writer: inout JSONWriter)
        throws(SchemaFormatError)
    {}
}
