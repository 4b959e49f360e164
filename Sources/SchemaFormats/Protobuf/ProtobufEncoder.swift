import JSONText

/// Writes messages in the binary form, their fields by number.
struct ProtobufEncoder {
    let schema: ProtoSchema

    static func unfit(_ expected: String, _ value: JSONTree) -> SchemaFormatError {
        let found =
            switch value {
            case .null: "null"
            case .bool(let value): "\(value)"
            case .number(let text): text.prefix(40).description
            case .string(let text): "\"\(text.prefix(40))\""
            case .array: "an array"
            case .object: "an object"
            }
        return SchemaFormatError(.unfitValue, "expected \(expected), got \(found)")
    }

    /// The bytes of a message without their length.
    mutating func message(
        _ value: JSONTree, _ place: Int, depth: Int
    ) throws(SchemaFormatError) -> [UInt8] {
        guard depth < SchemaLimits.maxDepth else {
            throw SchemaFormatError(.unfitValue, "values are nested too deeply")
        }
        let message = schema.messages[place]
        if let special = message.special { return try self.special(value, special, message, depth: depth) }
        guard let members = value.members else { throw Self.unfit("an object for \(message.name)", value) }
        var given: [Int: JSONTree] = [:]
        var oneofs: Set<Int> = []
        for member in members {
            guard let field = message.byName[member.name] else {
                throw SchemaFormatError(
                    .unfitValue, "Cannot find field: \(member.name.prefix(64)) in message \(message.name)")
            }
            if member.value.isNull, !takesNull(message.fields[field].type) { continue }
            guard given.updateValue(member.value, forKey: field) == nil else {
                throw SchemaFormatError(
                    .unfitValue, "Field \(message.fields[field].name) has already been set.")
            }
            guard let oneof = message.fields[field].oneof else { continue }
            guard oneofs.insert(oneof).inserted else {
                throw SchemaFormatError(
                    .unfitValue, "\(member.name.prefix(64)): another field of its oneof is set already")
            }
        }
        return try write(given, of: message, depth: depth)
    }

    /// Where null is a value and not the lack of one.
    private func takesNull(_ type: ProtoType) -> Bool {
        switch type {
        case .message(let place): schema.messages[place].special == .value
        case .enumeration(let place): schema.enums[place].name == "google.protobuf.NullValue"
        default: false
        }
    }

    private mutating func write(
        _ given: [Int: JSONTree], of message: ProtoMessage, depth: Int
    ) throws(SchemaFormatError) -> [UInt8] {
        var output: [UInt8] = []
        for place in message.fields.indices {
            let field = message.fields[place]
            guard let value = given[place] else {
                guard !field.isRequired else {
                    throw SchemaFormatError(.unfitValue, "\(field.name) is required")
                }
                continue
            }
            do throws(SchemaFormatError) {
                try write(value, of: field, to: &output, depth: depth)
            } catch {
                throw error.within(field.name)
            }
        }
        return output
    }

    private mutating func write(
        _ value: JSONTree, of field: ProtoField, to output: inout [UInt8], depth: Int
    ) throws(SchemaFormatError) {
        switch field.shape {
        case .singular:
            let bytes = try content(value, field.type, depth: depth)
            if !field.hasPresence, Self.isZero(bytes, field.type) { return }
            append(bytes, field.number, field.type, to: &output)
        case .repeated(let isPacked):
            guard let elements = value.elements else { throw Self.unfit("an array", value) }
            var packed: [UInt8] = []
            for element in elements {
                if element.isNull, !takesNull(field.type) { throw Self.unfit("no null in an array", element) }
                let bytes = try content(element, field.type, depth: depth)
                if isPacked { packed += bytes } else { append(bytes, field.number, field.type, to: &output) }
            }
            if isPacked, !elements.isEmpty { append(packed, field.number, .bytes, to: &output) }
        case .map(let key):
            guard let members = value.members else { throw Self.unfit("an object", value) }
            for member in members {
                if member.value.isNull, !takesNull(field.type) {
                    throw Self.unfit("no null in a map", member.value)
                }
                var entry: [UInt8] = []
                append(try content(Self.key(member.name, key), key, depth: depth), 1, key, to: &entry)
                append(try content(member.value, field.type, depth: depth), 2, field.type, to: &entry)
                append(entry, field.number, .bytes, to: &output)
            }
        }
    }

    private static func key(_ name: String, _ type: ProtoType) throws(SchemaFormatError) -> JSONTree {
        guard type == .bool else { return .string(name) }
        guard name == "true" || name == "false" else { throw unfit("true or false", .string(name)) }
        return .bool(name == "true")
    }

    func append(_ bytes: [UInt8], _ number: Int32, _ type: ProtoType, to output: inout [UInt8]) {
        let tag = UInt64(UInt32(bitPattern: number)) << 3
        ByteOutput.varint(tag | type.wire.rawValue, to: &output)
        if type.wire == .bytes { ByteOutput.varint(UInt64(bytes.count), to: &output) }
        output += bytes
        if type.wire == .groupStart { ByteOutput.varint(tag | ProtoWire.groupEnd.rawValue, to: &output) }
    }

    private static func isZero(_ bytes: [UInt8], _ type: ProtoType) -> Bool {
        switch type {
        case .string, .bytes: bytes.isEmpty
        case .message, .group: false
        default: bytes.allSatisfy { $0 == 0 }
        }
    }

    // MARK: Scalars

    /// The bytes of a value without its tag and length.
    mutating func content(
        _ value: JSONTree, _ type: ProtoType, depth: Int
    ) throws(SchemaFormatError) -> [UInt8] {
        var output: [UInt8] = []
        switch type {
        case .message(let place), .group(let place): return try message(value, place, depth: depth + 1)
        case .string:
            guard let text = value.text else { throw Self.unfit("a string", value) }
            return Array(text.utf8)
        case .bytes: return try Self.bytes(value)
        case .bool:
            guard let flag = value.bool else { throw Self.unfit("true or false", value) }
            return [flag ? 1 : 0]
        case .double: ByteOutput.fixed64(try Self.double(value).bitPattern, to: &output)
        case .float: ByteOutput.fixed32(try Self.float(value).bitPattern, to: &output)
        case .enumeration(let place):
            let number = try self.number(value, schema.enums[place])
            ByteOutput.varint(UInt64(bitPattern: Int64(number)), to: &output)
        case .int32, .sint32, .sfixed32:
            let number: Int32 = try Self.integer(value)
            switch type {
            case .int32: ByteOutput.varint(UInt64(bitPattern: Int64(number)), to: &output)
            case .sint32: ByteOutput.zigzag(Int64(number), to: &output)
            default: ByteOutput.fixed32(UInt32(bitPattern: number), to: &output)
            }
        case .int64, .sint64, .sfixed64:
            let number: Int64 = try Self.integer(value)
            switch type {
            case .int64: ByteOutput.varint(UInt64(bitPattern: number), to: &output)
            case .sint64: ByteOutput.zigzag(number, to: &output)
            default: ByteOutput.fixed64(UInt64(bitPattern: number), to: &output)
            }
        case .uint32: ByteOutput.varint(UInt64(try Self.integer(value) as UInt32), to: &output)
        case .uint64: ByteOutput.varint(try Self.integer(value), to: &output)
        case .fixed32: ByteOutput.fixed32(try Self.integer(value), to: &output)
        case .fixed64: ByteOutput.fixed64(try Self.integer(value), to: &output)
        }
        return output
    }

    /// A number or a string with one, also as 1.0 or 1e3.
    static func integer<Number: FixedWidthInteger>(_ value: JSONTree) throws(SchemaFormatError) -> Number {
        let text: String
        switch value {
        case .number(let digits), .string(let digits): text = digits
        default: throw unfit("an integer", value)
        }
        if let number = Number(text), !text.hasPrefix("+") { return number }
        // Beyond 2^53 a number with a point or exponent no longer tells which integer is meant.
        if let number = Double(text), number.magnitude <= 9_007_199_254_740_992,
            let exact = Number(exactly: number)
        {
            return exact
        }
        throw unfit("an integer of \(Number.bitWidth) bits\(Number.isSigned ? "" : " from 0 on")", value)
    }

    static func double(_ value: JSONTree) throws(SchemaFormatError) -> Double {
        switch value {
        case .string("NaN"): return .nan
        case .string("Infinity"): return .infinity
        case .string("-Infinity"): return -.infinity
        case .number(let text), .string(let text):
            if let number = Double(text), number.isFinite { return number }
        default: break
        }
        throw unfit("a number", value)
    }

    private static func float(_ value: JSONTree) throws(SchemaFormatError) -> Float {
        let number = try double(value)
        let float = Float(number)
        guard float.isFinite || !number.isFinite else { throw unfit("a number that a float holds", value) }
        return float
    }

    /// Base64, also in the alphabet of URLs and without padding.
    private static func bytes(_ value: JSONTree) throws(SchemaFormatError) -> [UInt8] {
        guard let text = value.text else { throw unfit("a base64 string", value) }
        var standard = text.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "-"): UInt8(ascii: "+")
            case UInt8(ascii: "_"): UInt8(ascii: "/")
            default: byte
            }
        }
        while standard.count % 4 != 0 { standard.append(UInt8(ascii: "=")) }
        var bytes: [UInt8] = []
        guard standard.withUnsafeBytes({ Base64.decode($0, into: &bytes) }) else {
            throw unfit("a base64 string", value)
        }
        return bytes
    }

    private func number(
        _ value: JSONTree, _ enumeration: ProtoEnumeration
    ) throws(SchemaFormatError) -> Int32 {
        if value.isNull, enumeration.name == "google.protobuf.NullValue" { return 0 }
        if let name = value.text, let number = enumeration.number(of: name) { return number }
        if value.kind == .number || value.kind == .string,
            let number: Int32 = try? Self.integer(value),
            !enumeration.isClosed || enumeration.name(of: number) != nil
        {
            return number
        }
        throw Self.unfit("a value of \(enumeration.name)", value)
    }
}
