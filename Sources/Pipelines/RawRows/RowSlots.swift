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
///
/// A handle on memory of its own: copies share it.
struct RowSlots {
    struct Slot {
        /// The value's bytes; those of a string without its quotes.
        var start: UnsafePointer<UInt8>
        var count: Int
        var kind: SlotKind

        var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }
    }

    private let slots: UnsafeMutablePointer<Slot>
    private let bits: UnsafeMutablePointer<UInt64>

    init(columns: Int) {
        let nothing = StaticString("").utf8Start
        slots = .allocate(capacity: max(1, columns))
        slots.initialize(repeating: Slot(start: nothing, count: 0, kind: .absent), count: max(1, columns))
        bits = .allocate(capacity: 1)
        bits.initialize(to: 0)
    }

    /// In memory that others own, which holds a value for each column and a word.
    init(at slots: UnsafeMutablePointer<Slot>, bits: UnsafeMutablePointer<UInt64>) {
        self.slots = slots
        self.bits = bits
    }

    /// Frees the memory; the owner calls it once, at its end.
    func deallocate() {
        slots.deallocate()
        bits.deallocate()
    }

    /// A bit for each column that has a value.
    @inline(__always)
    var seen: UInt64 { bits.pointee }

    @inline(__always)
    func clear() {
        bits.pointee = 0
    }

    @inline(__always)
    func has(_ column: Int) -> Bool { bits.pointee >> UInt64(column) & 1 == 1 }

    @inline(__always)
    func set(_ column: Int, _ kind: SlotKind, _ start: UnsafePointer<UInt8>, _ count: Int) {
        bits.pointee |= 1 << UInt64(column)
        slots[column] = Slot(start: start, count: count, kind: kind)
    }

    @inline(__always)
    subscript(column: Int) -> Slot { slots[column] }
}
