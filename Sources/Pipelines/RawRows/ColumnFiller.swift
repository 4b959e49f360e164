import JSONText
import QueryEngine

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Turns slots into typed values, counts what it meets in every column, and writes the columns that are asked for.
final class ColumnFiller {
    private let columnCount: Int
    private let columns: UnsafeMutablePointer<Column>
    private let targets: UnsafeMutablePointer<Target>
    private let counts: UnsafeMutablePointer<RawCounts.Column>
    private let arena: TextArena
    private var unescaped: [UInt8] = []
    private(set) var rows = 0

    // Plain memory, so that nothing is counted or checked for each value.
    private struct Column {
        var type: RawColumn.ValueType
        var sentinels: UnsafeMutableBufferPointer<UnsafeMutableBufferPointer<UInt8>>
        /// Its place in the chunk; -1 if it is not asked for.
        var output: Int

        func release() {
            for sentinel in sentinels { sentinel.deallocate() }
            sentinels.deallocate()
        }
    }

    private struct Target {
        var data: UnsafeMutableRawPointer?
        /// Fetched with the first NULL of a chunk.
        var validity: UnsafeMutablePointer<UInt64>?
    }

    private enum Value {
        case null
        case integer(Int64)
        case double(Double)
        case text(UnsafeRawBufferPointer)
    }

    /// - Parameter projection: the raw columns of the chunk, in its order; those past the last are not ours.
    init(_ table: TableDefinition, projection: [Int], arena: TextArena) {
        self.arena = arena
        columnCount = table.columns.count
        columns = .allocate(capacity: max(1, columnCount))
        targets = .allocate(capacity: max(1, columnCount))
        counts = .allocate(capacity: max(1, columnCount))
        for (index, column) in table.columns.enumerated() {
            let sentinels = UnsafeMutableBufferPointer<UnsafeMutableBufferPointer<UInt8>>.allocate(
                capacity: column.sentinels.count)
            for (place, sentinel) in column.sentinels.enumerated() {
                let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: sentinel.utf8.count)
                _ = bytes.initialize(from: sentinel.utf8)
                sentinels.initializeElement(at: place, to: bytes)
            }
            let output = projection.firstIndex(of: index) ?? -1
            (columns + index).initialize(to: Column(type: column.type, sentinels: sentinels, output: output))
            (targets + index).initialize(to: Target())
            (counts + index).initialize(to: RawCounts.Column())
        }
    }

    deinit {
        for index in 0..<columnCount { columns[index].release() }
        columns.deallocate()
        targets.deallocate()
        counts.deallocate()
    }

    /// What was counted since the last call.
    func takeCounts() -> [RawCounts.Column] {
        let taken = Array(UnsafeBufferPointer(start: counts, count: columnCount))
        counts.update(repeating: RawCounts.Column(), count: columnCount)
        return taken
    }

    /// Starts on another chunk.
    func begin(_ chunk: borrowing OutputChunk) {
        rows = 0
        for index in 0..<columnCount where columns[index].output >= 0 {
            targets[index] = Target(data: chunk.data(of: columns[index].output), validity: nil)
        }
    }

    /// Writes one row behind the others.
    func append(_ slots: RowSlots, to chunk: borrowing OutputChunk) {
        for index in 0..<columnCount {
            let isAsked = columns[index].output >= 0
            let value = value(of: index, slots, isAsked: isAsked)
            if isAsked { write(value, index, chunk) }
        }
        rows += 1
    }

    /// A row's value in the key column, for a look into a set.
    func isKey(_ column: Int, of slots: RowSlots, in keys: KeySet) -> Bool {
        let before = counts[column]
        defer { counts[column] = before }
        switch value(of: column, slots, isAsked: true) {
        case .null: return keys.includesNull
        case .integer(let value): return keys.integers.contains(value)
        case .double: return false
        case .text(let bytes): return keys.texts.contains(String(decoding: bytes, as: UTF8.self))
        }
    }

    // MARK: Values

    @inline(__always)
    private func value(of index: Int, _ slots: RowSlots, isAsked: Bool) -> Value {
        guard slots.has(index) else {
            counts[index].nulls += 1
            return .null
        }
        let slot = slots[index]
        switch slot.kind {
        case .string:
            return text(index, slot.bytes)
        case .escapedString:
            return escapedText(index, slot.bytes, isAsked)
        case .integer where columns[index].type == .int:
            if let value = NumberText.integer(slot.bytes) { return .integer(value) }
            return number(index, slot)
        case .absent, .null:
            counts[index].nulls += 1
            return .null
        default:
            return number(index, slot)
        }
    }

    @inline(__always)
    private func text(_ index: Int, _ bytes: UnsafeRawBufferPointer) -> Value {
        if isBlank(bytes) {
            counts[index].blanks += 1
            return .null
        }
        for sentinel in columns[index].sentinels where sentinel.count == bytes.count {
            guard isEqual(UnsafeRawBufferPointer(sentinel), bytes) else { continue }
            counts[index].sentinels += 1
            return .null
        }
        return columns[index].type == .string ? .text(bytes) : typed(index, bytes)
    }

    private func escapedText(_ index: Int, _ bytes: UnsafeRawBufferPointer, _ isAsked: Bool) -> Value {
        // A text that nobody asked for is only undone if it could be blank or a sentinel.
        if !isAsked, columns[index].type == .string, !mayBeSpecial(index, bytes) { return .null }
        unescaped.removeAll(keepingCapacity: true)
        JSONText.unescape(bytes, into: &unescaped)
        return text(index, arena.copy(unescaped))
    }

    /// Compares what lies before the first escape.
    private func mayBeSpecial(_ index: Int, _ bytes: UnsafeRawBufferPointer) -> Bool {
        let plain = bytes.prefix { $0 != UInt8(ascii: "\\") }
        return plain.allSatisfy(\.isBlank) || columns[index].sentinels.contains { $0.starts(with: plain) }
    }

    /// A value that is no JSON string, or no plain integer in a column of integers.
    private func number(_ index: Int, _ slot: RowSlots.Slot) -> Value {
        if columns[index].type == .string { return .text(slot.bytes) }
        switch slot.kind {
        case .integer, .number: return typed(index, slot.bytes)
        default:
            counts[index].unreadable += 1
            return .null
        }
    }

    private func typed(_ index: Int, _ bytes: UnsafeRawBufferPointer) -> Value {
        switch columns[index].type {
        case .int:
            if let value = NumberText.lenientInteger(bytes) { return .integer(value) }
        case .double:
            if let value = NumberText.double(bytes) { return .double(value) }
        case .string: return .text(bytes)
        }
        counts[index].unreadable += 1
        return .null
    }

    @inline(__always)
    private func isBlank(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let first = bytes.first else { return true }
        return first.isBlank && bytes.allSatisfy(\.isBlank)
    }

    private func isEqual(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        guard let one = left.baseAddress, let other = right.baseAddress else {
            return left.count == right.count
        }
        return memcmp(one, other, left.count) == 0
    }

    // MARK: Vectors

    @inline(__always)
    private func write(_ value: Value, _ index: Int, _ chunk: borrowing OutputChunk) {
        guard let data = targets[index].data else { return }
        switch value {
        case .integer(let value): data.storeBytes(of: value, toByteOffset: rows * 8, as: Int64.self)
        case .double(let value): data.storeBytes(of: value, toByteOffset: rows * 8, as: Double.self)
        case .text(let bytes): write(bytes, to: data + rows * 16)
        case .null:
            let validity = targets[index].validity ?? chunk.validity(of: columns[index].output)
            targets[index].validity = validity
            validity?[rows >> 6] &= ~(1 << UInt64(rows & 63))
        }
    }

    /// DuckDB's text: a length and up to twelve bytes, or a length, the first four bytes and a pointer.
    @inline(__always)
    private func write(_ bytes: UnsafeRawBufferPointer, to element: UnsafeMutableRawPointer) {
        guard let start = bytes.baseAddress else { return }
        element.storeBytes(of: UInt32(truncatingIfNeeded: bytes.count), as: UInt32.self)
        if bytes.count <= 12 {
            // Lines and the arena let more bytes be read than the text has.
            let (first, second) = Self.masks(bytes.count)
            let low = UInt64(littleEndian: start.loadUnaligned(as: UInt64.self)) & first
            let high = UInt32(littleEndian: (start + 8).loadUnaligned(as: UInt32.self)) & second
            element.storeBytes(of: low.littleEndian, toByteOffset: 4, as: UInt64.self)
            element.storeBytes(of: high.littleEndian, toByteOffset: 12, as: UInt32.self)
        } else {
            element.storeBytes(of: start.loadUnaligned(as: UInt32.self), toByteOffset: 4, as: UInt32.self)
            element.storeBytes(of: start, toByteOffset: 8, as: UnsafeRawPointer.self)
        }
    }

    @inline(__always)
    private static func masks(_ count: Int) -> (UInt64, UInt32) {
        if count >= 8 {
            return (.max, (1 as UInt32) << UInt32((count - 8) * 8) &- 1 | (count == 12 ? .max : 0))
        }
        return ((1 as UInt64) << UInt64(count * 8) &- 1, 0)
    }
}

/// The keys whose rows are wanted.
struct KeySet: Sendable {
    var integers: Set<Int64> = []
    var texts: Set<String> = []
    var includesNull = false
}
