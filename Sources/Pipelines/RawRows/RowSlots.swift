/// What a member's value is, as far as columns care.
enum SlotKind: UInt8 {
    case absent, string, escapedString
    /// A number without point and exponent.
    case integer
    case number, `true`, `false`, null
    /// An object or an array, kept as it was sent.
    case container
}

/// One row's values, column by column, as places in the text it was scanned from.
struct RowSlots {
    struct Slot {
        /// The value's bytes; those of a string without its quotes.
        var start: UnsafePointer<UInt8>
        var count: Int
        var kind: SlotKind

        var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }
    }

    /// A bit for each column that has a value.
    private(set) var seen: UInt64 = 0
    private let slots: UnsafeMutablePointer<Slot>

    init(columns: Int) {
        let nothing = StaticString("").utf8Start
        slots = .allocate(capacity: max(1, columns))
        slots.initialize(repeating: Slot(start: nothing, count: 0, kind: .absent), count: max(1, columns))
    }

    /// Frees the memory; the owner calls it once, at its end.
    func deallocate() {
        slots.deallocate()
    }

    @inline(__always)
    mutating func clear() {
        seen = 0
    }

    @inline(__always)
    func has(_ column: Int) -> Bool { seen >> UInt64(column) & 1 == 1 }

    @inline(__always)
    mutating func set(_ column: Int, _ kind: SlotKind, _ start: UnsafePointer<UInt8>, _ count: Int) {
        seen |= 1 << UInt64(column)
        slots[column] = Slot(start: start, count: count, kind: kind)
    }

    @inline(__always)
    subscript(column: Int) -> Slot { slots[column] }
}
