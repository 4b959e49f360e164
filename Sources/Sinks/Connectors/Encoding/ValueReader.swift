import JSONText

/// A record's key or value as its converter understands it.
enum ConnectValue {
    case null
    /// JSON without a schema, checked.
    case json(UnsafeRawBufferPointer)
    case structured(ConnectSchema, JSONTree)
    case text(UnsafeRawBufferPointer)
    case bytes(UnsafeRawBufferPointer)

    var schema: ConnectSchema? {
        if case .structured(let schema, _) = self { schema } else { nil }
    }

    var isNull: Bool {
        if case .null = self { true } else { false }
    }
}

/// Reads keys and values as a converter of Kafka Connect does, and writes them as JSON.
struct ValueReader {
    private let converter: Converters.Converter
    private let decimalsAreNumbers: Bool
    private var scanner = JSONScanner()
    private var schemas: SchemaCache
    /// The compact form of what was read last, if it is JSON without a schema.
    private(set) var compact: [UInt8] = []

    init(_ converter: Converters.Converter, schemaLimit: Int, decimalsAreNumbers: Bool) {
        self.converter = converter
        self.decimalsAreNumbers = decimalsAreNumbers
        schemas = SchemaCache(limit: schemaLimit)
    }

    /// - Returns: a value that is valid as long as the bytes are, and until the next call.
    mutating func read(_ bytes: UnsafeRawBufferPointer?) throws(ConversionError) -> ConnectValue {
        guard let bytes else { return .null }
        switch converter {
        case .string:
            guard JSONText.isUTF8(bytes) else {
                throw ConversionError("not a string: the bytes are not UTF-8")
            }
            return .text(bytes)
        case .bytes: return .bytes(bytes)
        case .json(false): return try schemaless(bytes)
        case .json(true): return try enveloped(bytes)
        }
    }

    private mutating func schemaless(_ bytes: UnsafeRawBufferPointer) throws(ConversionError) -> ConnectValue
    {
        compact.removeAll(keepingCapacity: true)
        do throws(JSONTextError) {
            try scanner.appendCompact(bytes, to: &compact)
        } catch {
            throw ConversionError(
                "Converting byte[] to Kafka Connect data failed: not JSON: \(error.message)")
        }
        return compact.count == 4 && compact.elementsEqual("null".utf8) ? .null : .json(bytes)
    }

    private static let envelopeRule =
        "JsonConverter with schemas.enable requires \"schema\" and \"payload\" fields and may not contain additional "
        + "fields. If you are trying to deserialize plain JSON data, set schemas.enable=false in your converter "
        + "configuration."

    private mutating func enveloped(_ bytes: UnsafeRawBufferPointer) throws(ConversionError) -> ConnectValue {
        var schema: Range<Int>?
        var payload: Range<Int>?
        do throws(JSONTextError) {
            scanner.reset(bytes)
            guard try scanner.peekKind() == .object else {
                let isNull = try scanner.value().kind == .null
                if isNull { return .null }
                throw JSONTextError(.unexpectedByte, at: 0)
            }
            try scanner.beginObject()
            while let name = try scanner.nextMember() {
                let value = try scanner.value()
                if scanner.matches(name, "schema") {
                    schema = value.range
                } else if scanner.matches(name, "payload") {
                    payload = value.range
                } else {
                    throw JSONTextError(.unexpectedByte, at: name.range.lowerBound)
                }
            }
            try scanner.finish()
        } catch {
            throw ConversionError(Self.envelopeRule)
        }
        guard let schema, let payload else { throw ConversionError(Self.envelopeRule) }
        return try structured(
            UnsafeRawBufferPointer(rebasing: bytes[schema]), UnsafeRawBufferPointer(rebasing: bytes[payload]))
    }

    private mutating func structured(
        _ schemaText: UnsafeRawBufferPointer, _ payload: UnsafeRawBufferPointer
    ) throws(ConversionError) -> ConnectValue {
        guard let schema = try schemas.schema(schemaText) else {
            return try schemaless(payload)
        }
        guard let tree = try? JSONTree(payload) else { throw ConversionError("the payload is too large") }
        if tree.isNull {
            if let value = schema.defaultValue { return .structured(schema, value) }
            if schema.isOptional { return .null }
            throw ConversionError("Invalid null value for required \(schema.kind.rawValue) field")
        }
        try SchemaWriter.check(tree, against: schema)
        return .structured(schema, tree)
    }

    /// Appends a value as one JSON text.
    ///
    /// - Parameter target: the schema to write it by, if that is not its own.
    func appendJSON(
        _ value: ConnectValue, as target: ConnectSchema? = nil, to output: inout [UInt8]
    ) throws(ConversionError) {
        switch value {
        case .null: output.append(contentsOf: "null".utf8)
        case .json: output.append(contentsOf: compact)
        case .text(let text):
            output.append(UInt8(ascii: "\""))
            JSONText.escape(text, into: &output)
            output.append(UInt8(ascii: "\""))
        case .bytes(let bytes):
            output.append(UInt8(ascii: "\""))
            Base64.encode(bytes, into: &output)
            output.append(UInt8(ascii: "\""))
        case .structured(let schema, let tree):
            var writer = SchemaWriter(decimalsAreNumbers: decimalsAreNumbers)
            try writer.write(tree, as: target ?? schema)
            output.append(contentsOf: writer.json.bytes)
        }
    }
}
