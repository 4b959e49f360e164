import CDuckDB

/// Copies DuckDB's results out of its vectors.
enum DuckDBResultReader {
    static func read(_ result: inout dk_result) throws(QueryEngineError) -> QueryResult {
        let readers = (0..<dk_column_count(&result)).map { ColumnReader(dk_column_logical_type(&result, $0)) }
        let columns = readers.enumerated().map { index, reader in
            ResultColumn(name: name(of: &result, at: index), type: reader.sqlType)
        }
        var rows: [[SQLValue]] = []
        while let chunk = dk_fetch_chunk(result) {
            var handle: dk_ptr? = chunk
            defer { dk_destroy_data_chunk(&handle) }
            let count = Int(dk_data_chunk_get_size(chunk))
            guard count > 0 else { break }
            guard rows.count + count <= DuckDBConnection.maxRows else {
                throw QueryEngineError(
                    .tooManyRows, "The result has more than \(DuckDBConnection.maxRows) rows; add a LIMIT.")
            }
            let vectors = readers.indices.map { Vector(dk_data_chunk_get_vector(chunk, UInt64($0))) }
            for row in 0..<count {
                rows.append(readers.indices.map { readers[$0].value(vectors[$0], row) })
            }
        }
        return QueryResult(columns: columns, rows: rows, rowsChanged: Int(dk_rows_changed(&result)))
    }

    static func forEachInteger(_ result: inout dk_result, _ body: (UnsafeBufferPointer<Int64>) -> Void) -> Int
    {
        var nulls = 0
        var values: [Int64] = []
        while let chunk = dk_fetch_chunk(result) {
            var handle: dk_ptr? = chunk
            defer { dk_destroy_data_chunk(&handle) }
            let count = Int(dk_data_chunk_get_size(chunk))
            guard count > 0 else { break }
            let vector = Vector(dk_data_chunk_get_vector(chunk, 0))
            guard let data = vector.data?.assumingMemoryBound(to: Int64.self) else { break }
            guard vector.validity != nil else {
                body(UnsafeBufferPointer(start: data, count: count))
                continue
            }
            values.removeAll(keepingCapacity: true)
            for row in 0..<count {
                if vector.isNull(row) { nulls += 1 } else { values.append(data[row]) }
            }
            values.withUnsafeBufferPointer(body)
        }
        return nulls
    }

    private static func name(of result: inout dk_result, at index: Int) -> String {
        dk_column_name(&result, UInt64(index)).map { String(cString: $0) } ?? ""
    }
}

/// The values of one column in one chunk.
struct Vector {
    let handle: dk_ptr?
    let data: UnsafeRawPointer?
    let validity: UnsafeMutablePointer<UInt64>?

    init(_ handle: dk_ptr?) {
        self.handle = handle
        data = UnsafeRawPointer(dk_vector_get_data(handle))
        validity = dk_vector_get_validity(handle)
    }

    func isNull(_ row: Int) -> Bool {
        guard let validity else { return false }
        return validity[row >> 6] >> UInt64(row & 63) & 1 == 0
    }

    func load<Value: BitwiseCopyable>(_ row: Int, as type: Value.Type) -> Value {
        guard let data else { preconditionFailure("a vector without memory") }
        return data.load(fromByteOffset: row * MemoryLayout<Value>.stride, as: type)
    }
}

/// Reads values of one DuckDB type, nested ones included.
final class ColumnReader {
    private let type: Int32
    let sqlType: SQLType
    private var scale = 0
    private var decimalType: Int32 = 0
    private var logicalType: dk_ptr?
    private var arraySize = 0
    private var children: [ColumnReader] = []
    private var names: [String] = []

    /// - Parameter logicalType: handed over; it is destroyed with this reader.
    init(_ logicalType: dk_ptr?) {
        self.logicalType = logicalType
        type = dk_get_type_id(logicalType)
        sqlType = DuckDBType.sqlType(of: logicalType)
        switch type {
        case DuckDBType.decimal:
            scale = Int(dk_decimal_scale(logicalType))
            decimalType = dk_decimal_internal_type(logicalType)
        case DuckDBType.enumeration:
            decimalType = dk_enum_internal_type(logicalType)
        case DuckDBType.list, DuckDBType.map, DuckDBType.array:
            if type == DuckDBType.array { arraySize = Int(dk_array_type_array_size(logicalType)) }
            children = [ColumnReader(DuckDBType.childType(of: logicalType))]
        case DuckDBType.structure:
            for index in 0..<dk_struct_type_child_count(logicalType) {
                children.append(ColumnReader(dk_struct_type_child_type(logicalType, index)))
                names.append(DuckDBType.fieldName(of: logicalType, at: index))
            }
        default: break
        }
    }

    deinit {
        dk_destroy_logical_type(&logicalType)
    }

    func value(_ vector: Vector, _ row: Int) -> SQLValue {
        if vector.isNull(row) { return .null }
        switch type {
        case DuckDBType.bool: return .bool(vector.load(row, as: UInt8.self) != 0)
        case DuckDBType.float: return .double(Double(vector.load(row, as: Float.self)))
        case DuckDBType.double: return .double(vector.load(row, as: Double.self))
        case DuckDBType.varchar: return .text(text(vector, row))
        case DuckDBType.blob: return .blob(Array(bytes(vector, row)))
        case DuckDBType.date: return .date(vector.load(row, as: Int32.self))
        case DuckDBType.time: return .time(vector.load(row, as: Int64.self))
        case DuckDBType.interval: return .text(interval(vector, row))
        case DuckDBType.decimal:
            return .decimal(SQLDecimal(unscaled: integer(vector, row, decimalType), scale: scale))
        case DuckDBType.enumeration: return .text(enumeration(vector, row))
        case DuckDBType.uuid: return .text(uuid(vector, row))
        case DuckDBType.list, DuckDBType.map, DuckDBType.array, DuckDBType.structure:
            return nested(vector, row)
        case DuckDBType.timestamp, DuckDBType.timestampWithZone:
            return .timestamp(vector.load(row, as: Int64.self))
        case DuckDBType.timestampSeconds: return .timestamp(vector.load(row, as: Int64.self) &* 1_000_000)
        case DuckDBType.timestampMilliseconds: return .timestamp(vector.load(row, as: Int64.self) &* 1000)
        case DuckDBType.timestampNanoseconds: return .timestamp(vector.load(row, as: Int64.self) / 1000)
        case DuckDBType.tinyint...DuckDBType.unsignedBigint, DuckDBType.hugeint, DuckDBType.unsignedHugeint:
            let value = integer(vector, row, type)
            return Int64(exactly: value).map { .integer($0) }
                ?? .decimal(SQLDecimal(unscaled: value, scale: 0))
        default: return .text("(a value of DuckDB's type \(type): cast it to varchar)")
        }
    }

    private func integer(_ vector: Vector, _ row: Int, _ type: Int32) -> Int128 {
        switch type {
        case DuckDBType.tinyint: Int128(vector.load(row, as: Int8.self))
        case DuckDBType.smallint: Int128(vector.load(row, as: Int16.self))
        case DuckDBType.integer: Int128(vector.load(row, as: Int32.self))
        case DuckDBType.bigint: Int128(vector.load(row, as: Int64.self))
        case DuckDBType.unsignedTinyint: Int128(vector.load(row, as: UInt8.self))
        case DuckDBType.unsignedSmallint: Int128(vector.load(row, as: UInt16.self))
        case DuckDBType.unsignedInteger: Int128(vector.load(row, as: UInt32.self))
        case DuckDBType.unsignedBigint: Int128(vector.load(row, as: UInt64.self))
        default:
            // Two words, the lower one first, as DuckDB stores 128 bits.
            Int128(vector.load(row * 2 + 1, as: Int64.self)) << 64
                | Int128(vector.load(row * 2, as: UInt64.self))
        }
    }

    private func bytes(_ vector: Vector, _ row: Int) -> UnsafeRawBufferPointer {
        guard let data = vector.data else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        let element = data + row * 16
        let count = Int(element.load(as: UInt32.self))
        // Up to twelve bytes lie in the element itself; longer ones behind its pointer.
        let start = count <= 12 ? element + 4 : (element + 8).load(as: UnsafeRawPointer.self)
        return UnsafeRawBufferPointer(start: start, count: count)
    }

    private func text(_ vector: Vector, _ row: Int) -> String {
        String(decoding: bytes(vector, row), as: UTF8.self)
    }

    private func enumeration(_ vector: Vector, _ row: Int) -> String {
        let value = dk_enum_dictionary_value(logicalType, UInt64(integer(vector, row, decimalType)))
        defer { dk_free(value) }
        return value.map { String(cString: $0) } ?? ""
    }

    private func interval(_ vector: Vector, _ row: Int) -> String {
        let months = vector.load(row * 4, as: Int32.self)
        let days = vector.load(row * 4 + 1, as: Int32.self)
        let microseconds = vector.load(row * 2 + 1, as: Int64.self)
        let clock =
            (microseconds < 0 ? "-" : "")
            + CivilTime.timeText(Int64(microseconds.magnitude & 0x7FFF_FFFF_FFFF_FFFF))
        return "\(months) months \(days) days \(clock)"
    }

    /// DuckDB flips the highest bit, so that UUIDs sort as signed numbers.
    private func uuid(_ vector: Vector, _ row: Int) -> String {
        let high = vector.load(row * 2 + 1, as: UInt64.self) ^ 1 << 63
        let digits = [high, vector.load(row * 2, as: UInt64.self)].map { word in
            let text = String(word, radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }.joined()
        var parts: [Substring] = []
        var rest = digits[...]
        for length in [8, 4, 4, 4, 12] {
            parts.append(rest.prefix(length))
            rest = rest.dropFirst(length)
        }
        return parts.joined(separator: "-")
    }

    private func nested(_ vector: Vector, _ row: Int) -> SQLValue {
        switch type {
        case DuckDBType.structure:
            return .structure(
                children.indices.map { index in
                    let child = Vector(dk_struct_vector_get_child(vector.handle, UInt64(index)))
                    return SQLField(name: names[index], value: children[index].value(child, row))
                })
        case DuckDBType.array:
            let child = Vector(dk_array_vector_get_child(vector.handle))
            return .list((0..<arraySize).map { children[0].value(child, row * arraySize + $0) })
        default:
            let entry = vector.load(row, as: dk_list_entry.self)
            let child = Vector(dk_list_vector_get_child(vector.handle))
            return .list((0..<Int(entry.length)).map { children[0].value(child, Int(entry.offset) + $0) })
        }
    }
}
