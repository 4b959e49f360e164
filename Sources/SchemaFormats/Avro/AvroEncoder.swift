import JSONText

/// Writes values in the binary encoding.
///
/// Unlike the peer: a field that is not there is written with its default, if it has one.
struct AvroEncoder {
    let schema: AvroSchema
    var output: [UInt8]
    /// Defaults may call for defaults: their number is not bounded by what was sent.
    private var valuesLeft = SchemaLimits.maxEmptyValues
    /// Within a default, where unions are not told by name.
    private var isInDefault = false

    init(schema: AvroSchema, output: [UInt8]) {
        self.schema = schema
        self.output = output
    }

    private static func unfit(_ expected: String, _ value: JSONTree) -> SchemaFormatError {
        SchemaFormatError(.unfitValue, "expected \(expected), got \(describe(value))")
    }

    private static func describe(_ value: JSONTree) -> String {
        switch value {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .number(let text): "the number \(text.prefix(40))"
        case .string(let text): "the string \"\(text.prefix(40))\""
        case .array: "an array"
        case .object: "an object"
        }
    }

    mutating func write(_ value: JSONTree, as type: AvroType, depth: Int) throws(SchemaFormatError) {
        guard depth < SchemaLimits.maxDepth else {
            throw SchemaFormatError(.unfitValue, "values are nested too deeply")
        }
        switch type {
        case .null: guard value.isNull else { throw Self.unfit("null", value) }
        case .boolean:
            guard let flag = value.bool else { throw Self.unfit("boolean", value) }
            output.append(flag ? 1 : 0)
        case .int:
            guard let number = value.integer, Int32(exactly: number) != nil else {
                throw Self.unfit("int", value)
            }
            ByteOutput.zigzag(number, to: &output)
        case .long:
            guard let number = value.integer else { throw Self.unfit("long", value) }
            ByteOutput.zigzag(number, to: &output)
        case .float: ByteOutput.fixed32(Float(try number(value, "float")).bitPattern, to: &output)
        case .double: ByteOutput.fixed64(try number(value, "double").bitPattern, to: &output)
        case .bytes: writeBytes(try Self.latin1(value))
        case .string:
            guard let text = value.text else { throw Self.unfit("string", value) }
            writeBytes(text.utf8)
        case .array(let items): try writeArray(value, of: items, depth: depth)
        case .map(let values): try writeMap(value, of: values, depth: depth)
        case .union(let branches): try writeUnion(value, branches, depth: depth)
        case .named(let place): try writeNamed(value, place, depth: depth)
        }
    }

    /// A number, or a string for what JSON has no number for.
    private func number(_ value: JSONTree, _ kind: String) throws(SchemaFormatError) -> Double {
        switch value {
        case .number(let text):
            if let number = Double(text) { return number }
        case .string("NaN"): return .nan
        case .string("Infinity"), .string("INF"): return .infinity
        case .string("-Infinity"), .string("-INF"): return -.infinity
        default: break
        }
        throw Self.unfit(kind, value)
    }

    /// Bytes as a string whose characters are the bytes.
    static func latin1(_ value: JSONTree) throws(SchemaFormatError) -> [UInt8] {
        guard let text = value.text else { throw unfit("bytes", value) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            guard let byte = UInt8(exactly: scalar.value) else {
                throw SchemaFormatError(
                    .unfitValue, "expected bytes, one for each character, got a character past U+00FF")
            }
            bytes.append(byte)
        }
        return bytes
    }

    private mutating func writeBytes(_ bytes: some Collection<UInt8>) {
        ByteOutput.zigzag(Int64(bytes.count), to: &output)
        output.append(contentsOf: bytes)
    }

    private mutating func writeArray(
        _ value: JSONTree, of items: AvroType, depth: Int
    ) throws(SchemaFormatError) {
        guard let elements = value.elements else { throw Self.unfit("an array", value) }
        if !elements.isEmpty {
            ByteOutput.zigzag(Int64(elements.count), to: &output)
            for (place, element) in elements.enumerated() {
                do throws(SchemaFormatError) {
                    try write(element, as: items, depth: depth + 1)
                } catch {
                    throw error.within("[\(place)]")
                }
            }
        }
        output.append(0)
    }

    private mutating func writeMap(
        _ value: JSONTree, of values: AvroType, depth: Int
    ) throws(SchemaFormatError) {
        guard let members = value.members else { throw Self.unfit("an object", value) }
        if !members.isEmpty {
            ByteOutput.zigzag(Int64(members.count), to: &output)
            for member in members {
                writeBytes(member.name.utf8)
                do throws(SchemaFormatError) {
                    try write(member.value, as: values, depth: depth + 1)
                } catch {
                    throw error.within(member.name)
                }
            }
        }
        output.append(0)
    }

    /// `null`, or an object with one member that is named after the branch.
    private mutating func writeUnion(
        _ value: JSONTree, _ branches: [AvroType], depth: Int
    ) throws(SchemaFormatError) {
        if isInDefault { return try writeDefaultUnion(value, branches, depth: depth) }
        if value.isNull {
            guard let place = branches.firstIndex(of: .null) else { throw unfitUnion(value, branches) }
            return ByteOutput.zigzag(Int64(place), to: &output)
        }
        guard let members = value.members, members.count == 1, let member = members.first,
            let place = branches.firstIndex(where: { schema.branchName($0) == member.name })
        else { throw unfitUnion(value, branches) }
        ByteOutput.zigzag(Int64(place), to: &output)
        do throws(SchemaFormatError) {
            try write(member.value, as: branches[place], depth: depth + 1)
        } catch {
            throw error.within(member.name)
        }
    }

    private func unfitUnion(_ value: JSONTree, _ branches: [AvroType]) -> SchemaFormatError {
        let names = branches.prefix(20).map(schema.branchName)
        let forms = names.map { $0 == "null" ? "null" : "{\"\($0)\": …}" }.joined(separator: " or ")
        return Self.unfit("start-union, that is \(forms)", value)
    }

    /// A default is of the union's first branch, or else of the first one that it fits.
    private mutating func writeDefaultUnion(
        _ value: JSONTree, _ branches: [AvroType], depth: Int
    ) throws(SchemaFormatError) {
        let start = output.count
        for (place, branch) in branches.enumerated() {
            ByteOutput.zigzag(Int64(place), to: &output)
            do throws(SchemaFormatError) {
                return try write(value, as: branch, depth: depth + 1)
            } catch {
                output.removeLast(output.count - start)
                guard valuesLeft > 0 else { throw error }
            }
        }
        throw unfitUnion(value, branches)
    }

    // MARK: Named types

    private mutating func writeNamed(
        _ value: JSONTree, _ place: Int, depth: Int
    ) throws(SchemaFormatError) {
        switch schema.named[place] {
        case .record(let name, let fields): try writeRecord(value, name, fields, depth: depth)
        case .enumeration(let name, let symbols):
            guard let text = value.text, let symbol = symbols.firstIndex(of: text) else {
                throw Self.unfit("a symbol of \(name)", value)
            }
            ByteOutput.zigzag(Int64(symbol), to: &output)
        case .fixed(let name, let size):
            let bytes = try Self.latin1(value)
            guard bytes.count == size else {
                throw SchemaFormatError(
                    .unfitValue, "expected the \(size) bytes of \(name), got \(bytes.count)")
            }
            output.append(contentsOf: bytes)
        }
    }

    private mutating func writeRecord(
        _ value: JSONTree, _ name: String, _ fields: [AvroField], depth: Int
    ) throws(SchemaFormatError) {
        guard let members = value.members else { throw Self.unfit("an object for \(name)", value) }
        valuesLeft -= 1
        guard valuesLeft > 0 else { throw SchemaFormatError(.unfitValue, "there are too many values") }
        let found = AvroMembers(members)
        for (place, field) in fields.enumerated() {
            do throws(SchemaFormatError) {
                if let given = found.value(of: field.name, at: place) {
                    try write(given, as: field.type, depth: depth + 1)
                } else {
                    try writeDefault(of: field, depth: depth)
                }
            } catch {
                throw error.within(field.name)
            }
        }
    }

    private mutating func writeDefault(of field: AvroField, depth: Int) throws(SchemaFormatError) {
        guard let value = field.defaultValue else {
            throw SchemaFormatError(.unfitValue, "expected field name not found: \(field.name)")
        }
        let wasInDefault = isInDefault
        isInDefault = true
        defer { isInDefault = wasInDefault }
        try write(value, as: field.type, depth: depth + 1)
    }
}

/// Finds the members of an object, which most often stand in the order of the schema.
private struct AvroMembers {
    private let members: [JSONTree.Member]
    /// Only where a search from the front would take too long.
    private let byName: [String: Int]

    private static let linearLimit = 16

    init(_ members: [JSONTree.Member]) {
        self.members = members
        byName =
            members.count <= Self.linearLimit
            ? [:]
            : Dictionary(
                members.indices.map { (members[$0].name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    func value(of name: String, at place: Int) -> JSONTree? {
        if place < members.count, members[place].name == name { return members[place].value }
        if members.count > Self.linearLimit { return byName[name].map { members[$0].value } }
        return members.first { $0.name == name }?.value
    }
}
