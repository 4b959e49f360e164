/// The member names of the objects that are open, to find one that occurs twice.
///
/// Few names are compared by a keyed 64-bit signature, one after the other; past `linearLimit` names in one object
/// a table takes over, so that an object with very many members costs no more than linear time.
struct MemberNames {
    private struct Name {
        var signature: UInt64
        var bytes: UnsafeBufferPointer<UInt8>
        var hasEscapes: Bool
    }

    private static let linearLimit = 32
    /// Chosen for each process, so that no sender can prepare names that collide.
    private static let key = UInt64(truncatingIfNeeded: Hasher().finalizedKey) | 1

    /// For an object with many members: signatures to positions in `names`.
    private struct Table {
        /// Where the object's names begin.
        var start: Int
        var positions: [UInt64: [Int]] = [:]
    }

    private var names: [Name] = []
    /// The tables of those open objects that have one, the innermost last.
    private var tables: [Table] = []

    var count: Int { names.count }

    mutating func removeAll() {
        names.removeAll(keepingCapacity: true)
        tables.removeAll()
    }

    /// Forgets the names of an object that is closed.
    @inline(__always)
    mutating func truncate(to count: Int) {
        if let table = tables.last, table.start >= count { tables.removeLast() }
        names.removeLast(names.count - count)
    }

    /// Adds a name of the object whose names begin at `start`; false if the object has it already.
    @inline(__always)
    mutating func insert(_ base: UnsafePointer<UInt8>, _ name: JSONMemberName, since start: Int) -> Bool {
        let bytes = UnsafeBufferPointer(start: base + name.range.lowerBound, count: name.range.count)
        let signature = name.hasEscapes ? Self.signature(unescaping: bytes) : Self.signature(bytes)
        let new = Name(signature: signature, bytes: bytes, hasEscapes: name.hasEscapes)
        if names.count - start >= Self.linearLimit { return insertIntoTable(new, since: start) }
        var index = start
        while index < names.count {
            if names[index].signature == signature, Self.isSame(names[index], new) { return false }
            index += 1
        }
        names.append(new)
        return true
    }

    private mutating func insertIntoTable(_ new: Name, since start: Int) -> Bool {
        if tables.last?.start != start {
            var table = Table(start: start)
            for index in start..<names.count {
                table.positions[names[index].signature, default: []].append(index)
            }
            tables.append(table)
        }
        let last = tables.count - 1
        if let positions = tables[last].positions[new.signature],
            positions.contains(where: { Self.isSame(names[$0], new) })
        {
            return false
        }
        tables[last].positions[new.signature, default: []].append(names.count)
        names.append(new)
        return true
    }

    private static func isSame(_ left: Name, _ right: Name) -> Bool {
        if left.hasEscapes || right.hasEscapes { return text(left) == text(right) }
        return left.bytes.count == right.bytes.count && left.bytes.elementsEqual(right.bytes)
    }

    private static func text(_ name: Name) -> [UInt8] {
        guard name.hasEscapes else { return Array(name.bytes) }
        var bytes: [UInt8] = []
        JSONText.unescape(UnsafeRawBufferPointer(name.bytes), into: &bytes)
        return bytes
    }

    private static func signature(unescaping bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
        var plain: [UInt8] = []
        JSONText.unescape(UnsafeRawBufferPointer(bytes), into: &plain)
        return plain.withUnsafeBufferPointer { signature($0) }
    }

    @inline(__always)
    private static func signature(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
        JSONText.hash(UnsafeRawBufferPointer(bytes), seed: key)
    }
}

extension Hasher {
    /// A number that differs from process to process: the standard library keys its hasher at random.
    fileprivate var finalizedKey: Int {
        var hasher = self
        hasher.combine(0x7069_6E6C)
        return hasher.finalize()
    }
}
