import JSONText

/// Google's types with a form of their own in JSON.
extension ProtobufEncoder {
    mutating func special(
        _ value: JSONTree, _ special: ProtoSpecial, _ message: ProtoMessage, depth: Int
    ) throws(SchemaFormatError) -> [UInt8] {
        switch special {
        case .timestamp:
            guard let text = value.text, let time = ProtoTime.timestamp(text) else {
                throw Self.unfit("a time such as 2021-02-05T19:14:42Z", value)
            }
            return write(time)
        case .duration:
            guard let text = value.text, let time = ProtoTime.duration(text) else {
                throw Self.unfit("a duration such as 1.5s", value)
            }
            return write(time)
        case .fieldMask:
            guard let text = value.text else { throw Self.unfit("a string of paths", value) }
            var output: [UInt8] = []
            for path in text.split(separator: ",") {
                append(Array(ProtoTime.snakeCase(path).utf8), 1, .string, to: &output)
            }
            return output
        case .wrapper: return try wrapper(value, message.fields[0], depth: depth)
        case .structure:
            guard let members = value.members else { throw Self.unfit("an object", value) }
            var output: [UInt8] = []
            for member in members {
                var entry: [UInt8] = []
                append(Array(member.name.utf8), 1, .string, to: &entry)
                append(try anyValue(member.value, depth: depth), 2, .bytes, to: &entry)
                append(entry, 1, .bytes, to: &output)
            }
            return output
        case .list:
            guard let elements = value.elements else { throw Self.unfit("an array", value) }
            return try list(elements, depth: depth)
        case .value: return try anyValue(value, depth: depth)
        case .any:
            throw SchemaFormatError(.unfitValue, "google.protobuf.Any is not supported")
        }
    }

    private func write(_ time: ProtoTime) -> [UInt8] {
        var output: [UInt8] = []
        var number: [UInt8] = []
        if time.seconds != 0 {
            ByteOutput.varint(UInt64(bitPattern: time.seconds), to: &number)
            append(number, 1, .int64, to: &output)
        }
        if time.nanos != 0 {
            number = []
            ByteOutput.varint(UInt64(bitPattern: Int64(time.nanos)), to: &number)
            append(number, 2, .int32, to: &output)
        }
        return output
    }

    private mutating func wrapper(
        _ value: JSONTree, _ field: ProtoField, depth: Int
    ) throws(SchemaFormatError) -> [UInt8] {
        let bytes = try content(value, field.type, depth: depth)
        let isZero = field.type.wire == .bytes ? bytes.isEmpty : bytes.allSatisfy { $0 == 0 }
        var output: [UInt8] = []
        if !isZero { append(bytes, field.number, field.type, to: &output) }
        return output
    }

    private mutating func list(_ elements: [JSONTree], depth: Int) throws(SchemaFormatError) -> [UInt8] {
        var output: [UInt8] = []
        for element in elements { append(try anyValue(element, depth: depth), 1, .bytes, to: &output) }
        return output
    }

    /// A `google.protobuf.Value`.
    private mutating func anyValue(_ value: JSONTree, depth: Int) throws(SchemaFormatError) -> [UInt8] {
        guard depth < SchemaLimits.maxDepth else {
            throw SchemaFormatError(.unfitValue, "values are nested too deeply")
        }
        var output: [UInt8] = []
        switch value {
        case .null: append([0], 1, .int32, to: &output)
        case .bool(let flag): append([flag ? 1 : 0], 4, .bool, to: &output)
        case .number:
            var bytes: [UInt8] = []
            ByteOutput.fixed64(try Self.double(value).bitPattern, to: &bytes)
            append(bytes, 2, .double, to: &output)
        case .string(let text): append(Array(text.utf8), 3, .string, to: &output)
        case .array(let elements): append(try list(elements, depth: depth + 1), 6, .bytes, to: &output)
        case .object(let members):
            var structure: [UInt8] = []
            for member in members {
                var entry: [UInt8] = []
                append(Array(member.name.utf8), 1, .string, to: &entry)
                append(try anyValue(member.value, depth: depth + 1), 2, .bytes, to: &entry)
                append(entry, 1, .bytes, to: &structure)
            }
            append(structure, 5, .bytes, to: &output)
        }
        return output
    }
}
