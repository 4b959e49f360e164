/// The newest offset of each key, in memory of a fixed size: 24 bytes a key, keys as 128-bit hashes.
///
/// The hashes are Swift's, seeded anew for each process, so that nobody can choose keys that fall together.
struct KeyOffsets: ~Copyable {
    private struct Slot {
        var high: UInt64
        var low: UInt64
        var offset: Int64

        static let empty = Slot(high: 0, low: 0, offset: -1)
    }

    /// Bytes that one key takes.
    static let bytesPerKey = MemoryLayout<Slot>.stride
    /// The part of the slots that is filled at most, in tenths: past it a search takes too long.
    private static let fullTenths = 9

    private let slots: UnsafeMutableBufferPointer<Slot>
    private let limit: Int
    private(set) var count = 0

    /// - Parameters:
    ///   - maxBytes: the memory it may take.
    ///   - keyCount: no more keys will come than these.
    init(maxBytes: Int, keyCount: Int) {
        let wanted = keyCount.multipliedReportingOverflow(by: 10)
        let enough = wanted.overflow ? Int.max : wanted.partialValue / Self.fullTenths + 2
        let capacity = max(2, min(maxBytes / Self.bytesPerKey, enough))
        slots = .allocate(capacity: capacity)
        slots.initialize(repeating: .empty)
        limit = max(1, capacity * Self.fullTenths / 10)
    }

    deinit { slots.deallocate() }

    /// Takes note of a key; offsets must come in rising order.
    ///
    /// - Returns: false, and nothing is noted, if there is no room for another key.
    mutating func note(_ key: UnsafeRawBufferPointer, at offset: Int64) -> Bool {
        let (high, low) = Self.hash(key)
        let place = place(high, low)
        if slots[place].offset < 0 {
            guard count < limit else { return false }
            count += 1
        }
        slots[place] = Slot(high: high, low: low, offset: offset)
        return true
    }

    /// The newest offset of a key; nil if it was not noted.
    func offset(of key: UnsafeRawBufferPointer) -> Int64? {
        let (high, low) = Self.hash(key)
        let offset = slots[place(high, low)].offset
        return offset < 0 ? nil : offset
    }

    /// Where a key is, or where it would come.
    private func place(_ high: UInt64, _ low: UInt64) -> Int {
        var place = Int(low % UInt64(slots.count))
        while slots[place].offset >= 0, slots[place].low != low || slots[place].high != high {
            place += 1
            if place == slots.count { place = 0 }
        }
        return place
    }

    private static func hash(_ key: UnsafeRawBufferPointer) -> (UInt64, UInt64) {
        var first = Hasher()
        first.combine(UInt8(1))
        first.combine(bytes: key)
        var second = Hasher()
        second.combine(UInt8(2))
        second.combine(bytes: key)
        return (UInt64(bitPattern: Int64(first.finalize())), UInt64(bitPattern: Int64(second.finalize())))
    }
}
