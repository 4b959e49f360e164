import JSONText

/// Writes values with schemas as Connect's JSON converter does without its envelope: fields in the schema's order,
/// missing ones by their default.
struct SchemaWriter {
    private(set) var json = JSONWriter()
    private let decimalsAreNumbers: Bool

    init(decimalsAreNumbers: Bool) {
        self.decimalsAreNumbers = decimalsAreNumbers
    }

    // MARK: Checking

    /// - Throws: if a value is not what its schema says.
    static func check(_ value: JSONTree, against schema: ConnectSchema) throws(ConversionError) {
        if value.isNull {
            guard schema.isOptional || schema.defaultValue != nil else {
                throw ConversionError("Invalid null value for required \(schema.kind.rawValue) field")
            }
            return
        }
        switch schema.kind {
        case .struct:
            guard value.members != nil else { throw mismatch(value, schema) }
            for field in schema.fields { try check(value[field.name] ?? .null, against: field.schema) }
        case .array:
            guard let elements = value.elements, let inner = schema.elements else {
                throw mismatch(value, schema)
            }
            for element in elements { try check(element, against: inner) }
        case .map: try checkMap(value, schema)
        default:
            guard isScalar(value, of: schema) else { throw mismatch(value, schema) }
        }
    }

    private static func checkMap(_ value: JSONTree, _ schema: ConnectSchema) throws(ConversionError) {
        guard let keys = schema.keys, let values = schema.elements else { throw mismatch(value, schema) }
        if keys.kind == .string, let members = value.members {
            for member in members { try check(member.value, against: values) }
            return
        }
        guard let pairs = value.elements else { throw mismatch(value, schema) }
        for pair in pairs {
            guard let pair = pair.elements, pair.count == 2 else { throw mismatch(value, schema) }
            try check(pair[0], against: keys)
            try check(pair[1], against: values)
        }
    }

    private static func isScalar(_ value: JSONTree, of schema: ConnectSchema) -> Bool {
        switch (schema.kind, value) {
        case (.boolean, .bool), (.string, .string), (.float, .number), (.double, .number): true
        case (.bytes, .number): schema.name == ConnectSchema.decimal
        case (.bytes, .string(let text)): isBase64(text)
        case (.int8, .number): value.integer.flatMap { Int8(exactly: $0) } != nil
        case (.int16, .number): value.integer.flatMap { Int16(exactly: $0) } != nil
        case (.int32, .number): value.integer.flatMap { Int32(exactly: $0) } != nil
        case (.int64, .number): value.integer != nil
        default: false
        }
    }

    private static func isBase64(_ text: String) -> Bool {
        var bytes: [UInt8] = []
        return Array(text.utf8).withUnsafeBytes { Base64.decode($0, into: &bytes) }
    }

    private static func mismatch(_ value: JSONTree, _ schema: ConnectSchema) -> ConversionError {
        ConversionError("a value of the schema's type \(schema.kind.rawValue) is \(value.kind)")
    }

    // MARK: Writing

    mutating func write(_ value: JSONTree, as schema: ConnectSchema) throws(ConversionError) {
        if value.isNull {
            // A default is never null, so this goes one step deep.
            if let standard = schema.defaultValue { return try write(standard, as: schema) }
            guard schema.isOptional else {
                throw ConversionError("Invalid null value for required \(schema.kind.rawValue) field")
            }
            return json.null()
        }
        switch schema.kind {
        case .struct:
            try nested("{", "}", schema.fields) { (writer, field) throws(ConversionError) in
                writer.json.key(field.name)
                try writer.write(value[field.name] ?? .null, as: field.schema)
            }
        case .array:
            guard let inner = schema.elements else { return }
            try nested("[", "]", value.elements ?? []) { (writer, element) throws(ConversionError) in
                try writer.write(element, as: inner)
            }
        case .map: try writeMap(value, schema)
        case .bytes where schema.name == ConnectSchema.decimal: writeDecimal(value, schema)
        case .float:
            // A float is written with the digits that tell it from other floats.
            if case .number(let text) = value, let number = Float(text), number.isFinite,
                text.contains(where: { ".eE".contains($0) })
            {
                json.json(number.description.utf8)
            } else {
                json.tree(value)
            }
        default: json.tree(value)
        }
    }

    private mutating func nested<Element>(
        _ open: Character, _ close: Character, _ elements: [Element],
        _ body: (inout SchemaWriter, Element) throws(ConversionError) -> Void
    ) throws(ConversionError) {
        // The writer's containers cannot be opened and closed apart, so that errors are carried out of them.
        var failure: ConversionError?
        var inner = self
        let write: (inout JSONWriter) -> Void = { json in
            inner.json = json
            for element in elements where failure == nil {
                do throws(ConversionError) { try body(&inner, element) } catch { failure = error }
            }
            json = inner.json
        }
        if open == "{" { json.object(write) } else { json.array(write) }
        if let failure { throw failure }
    }

    private mutating func writeMap(_ value: JSONTree, _ schema: ConnectSchema) throws(ConversionError) {
        guard let keys = schema.keys, let values = schema.elements else { return }
        if let members = value.members {
            return try nested("{", "}", members) { (writer, member) throws(ConversionError) in
                writer.json.key(member.name)
                try writer.write(member.value, as: values)
            }
        }
        let pairs = (value.elements ?? []).compactMap(\.elements).filter { $0.count == 2 }
        // A map whose keys are strings is an object, unless a key may be null.
        if keys.kind == .string, !keys.isOptional {
            return try nested("{", "}", pairs) { (writer, pair) throws(ConversionError) in
                writer.json.key(pair[0].text ?? "")
                try writer.write(pair[1], as: values)
            }
        }
        try nested("[", "]", pairs) { (writer, pair) throws(ConversionError) in
            try writer.nested("[", "]", [(pair[0], keys), (pair[1], values)]) {
                (writer, side) throws(ConversionError) in
                try writer.write(side.0, as: side.1)
            }
        }
    }

    private mutating func writeDecimal(_ value: JSONTree, _ schema: ConnectSchema) {
        let scale = schema.parameters["scale"].flatMap { Int($0) } ?? 0
        switch value {
        case .string(let text) where decimalsAreNumbers:
            json.json(DecimalText.digits(ofBase64: text, scale: scale).utf8)
        case .number(let text) where !decimalsAreNumbers:
            if let base64 = DecimalText.base64(ofDigits: text, scale: scale) {
                json.string(base64)
            } else {
                json.tree(value)
            }
        default: json.tree(value)
        }
    }
}
