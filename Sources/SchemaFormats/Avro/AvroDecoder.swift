import JSONText

/// Writes what the binary encoding holds in the JSON encoding.
struct AvroDecoder {
    let schema: AvroSchema
    var cursor: ByteCursor
    /// Values may take no bytes: their number is not bounded by how many bytes there are.
    private var valuesLeft: Int

    init(schema: AvroSchema, cursor: ByteCursor) {
        self.schema = schema
        self.cursor = cursor
        valuesLeft = SchemaLimits.maxEmptyValues + cursor.remaining
    }

    mutating func read(
        _ type: AvroType, into writer: inout JSONWriter, depth: Int
    ) throws(SchemaFormatError) {
        guard depth < SchemaLimits.maxDepth else { throw Self.unreadable("values are nested too deeply") }
        valuesLeft -= 1
        guard valuesLeft > 0 else { throw Self.unreadable("there are too many values") }
        switch type {
        case .null: writer.null()
        case .boolean:
            let byte = try cursor.byte()
            guard byte <= 1 else { throw Self.unreadable("a boolean is neither 0 nor 1") }
            writer.bool(byte == 1)
        case .int:
            let number = try cursor.zigzag()
            guard Int32(exactly: number) != nil else { throw Self.unreadable("an int has over 32 bits") }
            writer.integer(number)
        case .long: writer.integer(try cursor.zigzag())
        case .float:
            let number = Float(bitPattern: try cursor.fixed32())
            if number.isFinite {
                writer.json(number.description.utf8)
            } else {
                writer.special(Double(number))
            }
        case .double:
            let number = Double(bitPattern: try cursor.fixed64())
            if number.isFinite { writer.double(number) } else { writer.special(number) }
        case .bytes: writer.string(Self.latin1(try cursor.take(try count())))
        case .string: writer.string(try cursor.text(try count()))
        case .array(let items): try readArray(of: items, into: &writer, depth: depth)
        case .map(let values): try readMap(of: values, into: &writer, depth: depth)
        case .union(let branches): try readUnion(branches, into: &writer, depth: depth)
        case .named(let place): try readNamed(place, into: &writer, depth: depth)
        }
    }

    private static func unreadable(_ message: String) -> SchemaFormatError {
        SchemaFormatError(.unreadableBytes, message)
    }

    private mutating func count() throws(SchemaFormatError) -> Int {
        guard let count = Int(exactly: try cursor.zigzag()), count >= 0 else {
            throw Self.unreadable("a length is below zero")
        }
        return count
    }

    /// A string whose characters are the bytes.
    static func latin1(_ bytes: UnsafeRawBufferPointer) -> String {
        var text = ""
        text.unicodeScalars.append(contentsOf: bytes.lazy.map { Unicode.Scalar($0) })
        return text
    }

    /// How many items the next block has; zero at the end.
    private mutating func blockCount() throws(SchemaFormatError) -> Int {
        let count = try cursor.zigzag()
        guard count < 0 else { return Int(count) }
        // The size in bytes follows, for readers that skip the block.
        _ = try cursor.zigzag()
        guard count > .min else { throw Self.unreadable("a block has too many items") }
        return Int(-count)
    }

    private mutating func readArray(
        of items: AvroType, into writer: inout JSONWriter, depth: Int
    ) throws(SchemaFormatError) {
        writer.beginArray()
        while case let count = try blockCount(), count > 0 {
            for _ in 0..<count { try read(items, into: &writer, depth: depth + 1) }
        }
        writer.endArray()
    }

    private mutating func readMap(
        of values: AvroType, into writer: inout JSONWriter, depth: Int
    ) throws(SchemaFormatError) {
        var names: Set<String> = []
        writer.beginObject()
        while case let count = try blockCount(), count > 0 {
            for _ in 0..<count {
                let name = try cursor.text(try self.count())
                guard names.insert(name).inserted else {
                    throw Self.unreadable("a map has the key \(name.prefix(64)) twice")
                }
                writer.key(name)
                try read(values, into: &writer, depth: depth + 1)
            }
        }
        writer.endObject()
    }

    private mutating func readUnion(
        _ branches: [AvroType], into writer: inout JSONWriter, depth: Int
    ) throws(SchemaFormatError) {
        let place = try count()
        guard place < branches.count else { throw Self.unreadable("a union has no branch \(place)") }
        guard branches[place] != .null else { return writer.null() }
        writer.beginObject()
        writer.key(schema.branchName(branches[place]))
        try read(branches[place], into: &writer, depth: depth + 1)
        writer.endObject()
    }

    private mutating func readNamed(
        _ place: Int, into writer: inout JSONWriter, depth: Int
    ) throws(SchemaFormatError) {
        switch schema.named[place] {
        case .record(_, let fields):
            writer.beginObject()
            for field in fields {
                writer.key(field.name)
                try read(field.type, into: &writer, depth: depth + 1)
            }
            writer.endObject()
        case .enumeration(let name, let symbols):
            let symbol = try count()
            guard symbol < symbols.count else { throw Self.unreadable("\(name) has no symbol \(symbol)") }
            writer.string(symbols[symbol])
        case .fixed(_, let size): writer.string(Self.latin1(try cursor.take(size)))
        }
    }
}

extension JSONWriter {
    /// A number that JSON has no number for, as a string.
    mutating func special(_ number: Double) {
        string(number.isNaN ? "NaN" : number < 0 ? "-Infinity" : "Infinity")
    }
}
