import CDuckDB

/// 128 bits that stand for all values of a row.
///
/// The same for equal rows whatever the widths of their integers and the engine's version, so that it may be kept in
/// files: values are equal as DISTINCT has it (NULLs among themselves, 0.0 and -0.0, all NaNs).
package struct RowHash: Hashable, Sendable {
    package var high: UInt64
    package var low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Begins with a seed; different seeds give unrelated hashes.
    init(seed: UInt64) {
        high = Self.fold(seed ^ 0xA076_1D64_78BD_642F, 0xE703_7ED1_A0B4_28DB)
        low = Self.fold(seed ^ 0x8EBC_6AF0_9C88_C6E3, 0x5899_65CC_7537_4CC3)
    }

    /// What kind of value comes next, so that `NULL` is no number and a text no list.
    enum Kind: UInt64 {
        case null = 1
        case number, double, bytes, list, structure
    }

    @inline(__always)
    mutating func absorb(_ kind: Kind, _ word: UInt64) {
        high = Self.fold(high ^ word ^ 0x1D8E_4E27_C47D_124F, 0xA076_1D64_78BD_642F ^ kind.rawValue)
        low = Self.fold(low ^ word ^ 0x8EBC_6AF0_9C88_C6E3, 0xEB44_ACCA_B455_D165 ^ kind.rawValue)
    }

    @inline(__always)
    mutating func absorb(_ bytes: UnsafeRawBufferPointer) {
        absorb(.bytes, UInt64(truncatingIfNeeded: bytes.count))
        guard var next = bytes.baseAddress else { return }
        var left = bytes.count
        while left >= 16 {
            mix(next.loadUnaligned(as: UInt64.self), (next + 8).loadUnaligned(as: UInt64.self))
            next += 16
            left -= 16
        }
        guard left > 0 else { return }
        if left >= 8 {
            mix(next.loadUnaligned(as: UInt64.self), (next + (left - 8)).loadUnaligned(as: UInt64.self))
        } else {
            var word: UInt64 = 0
            for index in 0..<left {
                word = word << 8 | UInt64(next.load(fromByteOffset: index, as: UInt8.self))
            }
            mix(word, 0)
        }
    }

    @inline(__always)
    private mutating func mix(_ first: UInt64, _ second: UInt64) {
        high = Self.fold(first ^ 0x2D35_8DCC_AA6C_78A5 ^ high, second ^ 0x8BB8_4B93_962E_ACC9)
        low = Self.fold(second ^ 0x4B33_A62E_D433_D4A3 ^ low, first ^ 0x4D5A_2DA5_1DE1_AA47)
    }

    @inline(__always)
    private static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return product.high ^ product.low
    }
}

/// Hashes the values of one column, nested ones included.
final class ColumnHasher {
    private let type: Int32
    private let width: Int32
    private let arraySize: Int
    private let children: [ColumnHasher]
    /// What keeps values of this type from being compared; nil if nothing does.
    let refusal: String?

    init(_ logicalType: dk_ptr?) {
        type = dk_get_type_id(logicalType)
        var width: Int32 = 0
        var arraySize = 0
        var children: [ColumnHasher] = []
        var refusal: String?
        switch type {
        case DuckDBType.decimal: width = dk_decimal_internal_type(logicalType)
        case DuckDBType.list, DuckDBType.array, DuckDBType.map:
            if type == DuckDBType.array { arraySize = Int(dk_array_type_array_size(logicalType)) }
            children = [ColumnHasher(taking: DuckDBType.childType(of: logicalType))]
        case DuckDBType.structure:
            children = (0..<dk_struct_type_child_count(logicalType)).map {
                ColumnHasher(taking: dk_struct_type_child_type(logicalType, $0))
            }
        case DuckDBType.bool...DuckDBType.time, DuckDBType.hugeint...DuckDBType.blob,
            DuckDBType.timestampSeconds...DuckDBType.timestampNanoseconds, DuckDBType.uuid,
            DuckDBType.timestampWithZone, DuckDBType.unsignedHugeint:
            break
        default: refusal = "values of DuckDB's type \(type) cannot be compared: cast them to varchar"
        }
        self.width = width
        self.arraySize = arraySize
        self.children = children
        self.refusal = refusal ?? children.lazy.compactMap(\.refusal).first
    }

    private convenience init(taking logicalType: dk_ptr?) {
        var logicalType = logicalType
        defer { dk_destroy_logical_type(&logicalType) }
        self.init(logicalType)
    }

    @inline(__always)
    func absorb(_ vector: Vector, _ row: Int, into hash: inout RowHash) {
        if vector.isNull(row) { return hash.absorb(.null, 0) }
        switch type {
        case DuckDBType.varchar, DuckDBType.blob: hash.absorb(Self.bytes(vector, row))
        case DuckDBType.bigint, DuckDBType.timestamp, DuckDBType.timestampWithZone, DuckDBType.time:
            hash.absorb(.number, vector.load(row, as: UInt64.self))
        default: absorbOther(vector, row, into: &hash)
        }
    }

    private func absorbOther(_ vector: Vector, _ row: Int, into hash: inout RowHash) {
        switch type {
        case DuckDBType.float: absorb(Double(vector.load(row, as: Float.self)), into: &hash)
        case DuckDBType.double: absorb(vector.load(row, as: Double.self), into: &hash)
        case DuckDBType.list, DuckDBType.map:
            let entry = vector.load(row, as: dk_list_entry.self)
            let child = Vector(dk_list_vector_get_child(vector.handle))
            hash.absorb(.list, entry.length)
            for index in 0..<Int(entry.length) {
                children[0].absorb(child, Int(entry.offset) + index, into: &hash)
            }
        case DuckDBType.array:
            let child = Vector(dk_array_vector_get_child(vector.handle))
            hash.absorb(.list, UInt64(arraySize))
            for index in 0..<arraySize { children[0].absorb(child, row * arraySize + index, into: &hash) }
        case DuckDBType.structure:
            hash.absorb(.structure, UInt64(children.count))
            for (index, child) in children.enumerated() {
                let vector = Vector(dk_struct_vector_get_child(vector.handle, UInt64(index)))
                child.absorb(vector, row, into: &hash)
            }
        default: absorbInteger(vector, row, type == DuckDBType.decimal ? width : type, into: &hash)
        }
    }

    private func absorb(_ value: Double, into hash: inout RowHash) {
        let bits = value.isNaN ? Double.nan.bitPattern : (value == 0 ? 0 : value).bitPattern
        hash.absorb(.double, bits)
    }

    /// A number counts by its value, whatever its width.
    private func absorbInteger(_ vector: Vector, _ row: Int, _ type: Int32, into hash: inout RowHash) {
        var word: Int64
        switch type {
        case DuckDBType.bool: word = Int64(vector.load(row, as: UInt8.self))
        case DuckDBType.tinyint: word = Int64(vector.load(row, as: Int8.self))
        case DuckDBType.smallint: word = Int64(vector.load(row, as: Int16.self))
        case DuckDBType.integer, DuckDBType.date: word = Int64(vector.load(row, as: Int32.self))
        case DuckDBType.unsignedTinyint: word = Int64(vector.load(row, as: UInt8.self))
        case DuckDBType.unsignedSmallint: word = Int64(vector.load(row, as: UInt16.self))
        case DuckDBType.unsignedInteger: word = Int64(vector.load(row, as: UInt32.self))
        case DuckDBType.hugeint, DuckDBType.unsignedHugeint, DuckDBType.uuid:
            // Two words, the lower one first; the upper one counts where it holds more than the sign.
            word = vector.load(row * 2, as: Int64.self)
            let upper = vector.load(row * 2 + 1, as: Int64.self)
            if upper != (word < 0 ? -1 : 0) { hash.absorb(.structure, UInt64(bitPattern: upper)) }
        case DuckDBType.timestampSeconds: word = vector.load(row, as: Int64.self) &* 1_000_000
        case DuckDBType.timestampMilliseconds: word = vector.load(row, as: Int64.self) &* 1000
        case DuckDBType.timestampNanoseconds: word = vector.load(row, as: Int64.self) / 1000
        default: word = vector.load(row, as: Int64.self)
        }
        hash.absorb(.number, UInt64(bitPattern: word))
    }

    @inline(__always)
    private static func bytes(_ vector: Vector, _ row: Int) -> UnsafeRawBufferPointer {
        guard let data = vector.data else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        let element = data + row * 16
        let count = Int(element.load(as: UInt32.self))
        // Up to twelve bytes lie in the element itself; longer ones behind its pointer.
        let start = count <= 12 ? element + 4 : (element + 8).load(as: UnsafeRawPointer.self)
        return UnsafeRawBufferPointer(start: start, count: count)
    }
}
