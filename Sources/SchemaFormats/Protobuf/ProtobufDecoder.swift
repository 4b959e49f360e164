import JSONText

/// Writes messages as JSON, their fields by number; those that are not known are left out.
struct ProtobufDecoder {
    let schema: ProtoSchema
    /// Fields that are not there are written too: their number is not bounded by how many bytes there are.
    private var valuesLeft: Int

    init(schema: ProtoSchema, byteCount: Int) {
        self.schema = schema
        valuesLeft = SchemaLimits.maxEmptyValues + byteCount
    }

    static func unreadable(_ message: String) -> SchemaFormatError {
        SchemaFormatError(.unreadableBytes, message)
    }

    mutating func spend(_ depth: Int) throws(SchemaFormatError) {
        guard depth < SchemaLimits.maxDepth else { throw Self.unreadable("values are nested too deeply") }
        valuesLeft -= 1
        guard valuesLeft > 0 else { throw Self.unreadable("there are too many values") }
    }

    mutating func write(
        _ bytes: UnsafeRawBufferPointer, of place: Int, into writer: inout JSONWriter, depth: Int
    ) throws(SchemaFormatError) {
        try spend(depth)
        let message = schema.messages[place]
        let found = try ProtoOccurrences(bytes, of: message, schema)
        if let special = message.special {
            return try write(found, special, message, into: &writer, depth: depth)
        }
        writer.beginObject()
        for field in message.fields {
            try spend(depth)
            let contents = found.byNumber[field.number] ?? []
            guard !contents.isEmpty || isWrittenIfAbsent(field) else {
                guard !field.isRequired else { throw Self.unreadable("\(field.name) is not there") }
                continue
            }
            writer.key(field.jsonName)
            do throws(SchemaFormatError) {
                try write(contents, of: field, into: &writer, depth: depth)
            } catch {
                throw error.within(field.name)
            }
        }
        writer.endObject()
    }

    /// As with the peer: all but messages and the fields of a oneof.
    private func isWrittenIfAbsent(_ field: ProtoField) -> Bool {
        field.shape != .singular || (!field.type.isMessage && field.oneof == nil && !field.isRequired)
    }

    // MARK: Fields

    mutating func write(
        _ contents: [ProtoContent], of field: ProtoField, into writer: inout JSONWriter, depth: Int
    ) throws(SchemaFormatError) {
        switch field.shape {
        case .singular:
            if let place = field.type.message {
                return try write(contents, ofMessage: place, into: &writer, depth: depth)
            }
            guard let last = contents.last else { return writeDefault(of: field, into: &writer) }
            try write(last, field.type, into: &writer, depth: depth)
        case .repeated:
            writer.beginArray()
            for content in contents {
                try spend(depth)
                try write(content, field.type, into: &writer, depth: depth)
            }
            writer.endArray()
        case .map(let key):
            try writeMap(contents, key: key, of: field, into: &writer, depth: depth)
        }
    }

    /// A message that is there several times is what all of its bytes together are.
    private mutating func write(
        _ contents: [ProtoContent], ofMessage place: Int, into writer: inout JSONWriter, depth: Int
    ) throws(SchemaFormatError) {
        if contents.count == 1, case .bytes(let bytes) = contents[0] {
            return try write(bytes, of: place, into: &writer, depth: depth + 1)
        }
        var all: [UInt8] = []
        for content in contents {
            guard case .bytes(let bytes) = content else { continue }
            all += bytes
        }
        let result: Result<Void, SchemaFormatError> = all.withUnsafeBytes { bytes in
            Result { () throws(SchemaFormatError) in
                try write(bytes, of: place, into: &writer, depth: depth + 1)
            }
        }
        try result.get()
    }

    private mutating func writeMap(
        _ contents: [ProtoContent], key: ProtoType, of field: ProtoField, into writer: inout JSONWriter,
        depth: Int
    ) throws(SchemaFormatError) {
        var order: [String] = []
        var values: [String: [UInt8]] = [:]
        for content in contents {
            guard case .bytes(let bytes) = content else { continue }
            try spend(depth)
            let entry = try ProtoOccurrences(entry: bytes, key: key, value: field.type)
            let name = try Self.keyText(entry.byNumber[1]?.last, key)
            var value = JSONWriter()
            var single = field
            single.shape = .singular
            try write(entry.byNumber[2] ?? [], of: single, into: &value, depth: depth)
            if values.updateValue(value.bytes, forKey: name) == nil { order.append(name) }
        }
        writer.beginObject()
        for name in order {
            writer.key(name)
            writer.json(values[name] ?? [])
        }
        writer.endObject()
    }

    private static func keyText(_ content: ProtoContent?, _ type: ProtoType) throws(SchemaFormatError)
        -> String
    {
        switch (type, content) {
        case (.string, .bytes(let bytes)):
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw unreadable("a key is no UTF-8")
            }
            return text
        case (.string, _): return ""
        case (.bool, .number(let bits)): return bits != 0 ? "true" : "false"
        case (.bool, _): return "false"
        case (_, .number(let bits)): return ProtoNumber.text(bits, type)
        default: return "0"
        }
    }

    private func writeDefault(of field: ProtoField, into writer: inout JSONWriter) {
        switch (field.type, field.defaultValue) {
        case (.string, let value):
            if case .string(let bytes) = value {
                writer.string(String(decoding: bytes, as: UTF8.self))
            } else {
                writer.string("")
            }
        case (.bytes, let value):
            var bytes: [UInt8] = []
            if case .string(let given) = value { bytes = given }
            bytes.withUnsafeBytes { writer.base64($0) }
        case (.bool, let value): writer.bool(value == .word("true"))
        case (.enumeration(let place), let value):
            if case .word(let name) = value {
                writer.string(name)
            } else {
                writer.string(schema.enums[place].values.first?.name ?? "")
            }
        case (.double, let value), (.float, let value):
            ProtoNumber.write(default: value?.text ?? "0", into: &writer)
        case (let type, let value):
            let number = value.map(\.text).flatMap(ProtoNumber.integerText) ?? "0"
            if ProtoNumber.isLong(type) { writer.string(number) } else { writer.json(number.utf8) }
        }
    }

    /// A value of a field that is there.
    mutating func write(
        _ content: ProtoContent, _ type: ProtoType, into writer: inout JSONWriter, depth: Int
    ) throws(SchemaFormatError) {
        switch (type, content) {
        case (.message(let place), .bytes(let bytes)), (.group(let place), .bytes(let bytes)):
            try write(bytes, of: place, into: &writer, depth: depth + 1)
        case (.string, .bytes(let bytes)):
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw Self.unreadable("a string is no UTF-8")
            }
            writer.string(text)
        case (.bytes, .bytes(let bytes)): writer.base64(bytes)
        case (.bool, .number(let bits)): writer.bool(bits != 0)
        case (.enumeration(let place), .number(let bits)):
            let number = Int32(truncatingIfNeeded: bits)
            if schema.enums[place].name == "google.protobuf.NullValue" { return writer.null() }
            if let name = schema.enums[place].name(of: number) {
                writer.string(name)
            } else {
                writer.integer(number)
            }
        case (.double, .number(let bits)):
            let number = Double(bitPattern: bits)
            if number.isFinite { writer.double(number) } else { writer.special(number) }
        case (.float, .number(let bits)):
            let number = Float(bitPattern: UInt32(truncatingIfNeeded: bits))
            if number.isFinite {
                writer.json(number.description.utf8)
            } else {
                writer.special(Double(number))
            }
        case (_, .number(let bits)):
            let text = ProtoNumber.text(bits, type)
            if ProtoNumber.isLong(type) { writer.string(text) } else { writer.json(text.utf8) }
        default: throw Self.unreadable("a field is of another type")
        }
    }
}

/// Integers as JSON has them.
enum ProtoNumber {
    /// Those that are strings, since not all readers know numbers of 64 bits.
    static func isLong(_ type: ProtoType) -> Bool {
        [.int64, .uint64, .sint64, .fixed64, .sfixed64].contains(type)
    }

    static func text(_ bits: UInt64, _ type: ProtoType) -> String {
        switch type {
        case .int32, .sfixed32: String(Int32(truncatingIfNeeded: bits))
        case .sint32:
            String(Int32(truncatingIfNeeded: Int64(bitPattern: bits >> 1) ^ -Int64(bitPattern: bits & 1)))
        case .uint32, .fixed32: String(UInt32(truncatingIfNeeded: bits))
        case .uint64, .fixed64: String(bits)
        case .sint64: String(Int64(bitPattern: bits >> 1) ^ -Int64(bitPattern: bits & 1))
        default: String(Int64(bitPattern: bits))
        }
    }

    /// A default as written in a schema, in decimal digits.
    static func integerText(_ text: String) -> String? {
        if UInt64(text) != nil, !text.hasPrefix("0") { return text }
        let digits = text.hasPrefix("-") ? String(text.dropFirst()) : text
        return ProtoTokens.integer(digits).map { String(text.hasPrefix("-") ? -$0 : $0) }
    }

    static func write(default text: String, into writer: inout JSONWriter) {
        let number: Double =
            switch text {
            case "nan", "-nan": .nan
            case "inf": .infinity
            case "-inf": -.infinity
            default: Double(text) ?? 0
            }
        if number.isFinite { writer.double(number) } else { writer.special(number) }
    }
}
