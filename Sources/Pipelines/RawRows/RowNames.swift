#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The member names that one table's rows may have, laid out for quick comparison.
///
/// Besides the columns and their aliases it learns names that no table knows: those are passed over. Names of other
/// tables' columns are `foreign`: such a row needs a closer look.
final class RowNames {
    /// A name with the quote behind it.
    struct Token {
        var start: UnsafeMutablePointer<UInt8>
        var count: Int
        /// -1 for a name to pass over.
        var column: Int
    }

    private static let maxTokens = 512

    /// Never moved, so that others may hold the pointer.
    let tokens: UnsafeMutablePointer<Token>
    private(set) var count = 0
    private let foreign: [[UInt8]]

    init(_ table: TableDefinition, among tables: [TableDefinition]) {
        tokens = .allocate(capacity: Self.maxTokens)
        let own = Set(table.columns.flatMap { [$0.name] + $0.aliases })
        foreign = Set(tables.flatMap { $0.columns.flatMap { [$0.name] + $0.aliases } }).subtracting(own)
            .map { Array($0.utf8) }
        for (index, column) in table.columns.enumerated() { add(Array(column.name.utf8), index) }
        for (index, column) in table.columns.enumerated() {
            for alias in column.aliases { add(Array(alias.utf8), index) }
        }
    }

    deinit {
        for index in 0..<count { tokens[index].start.deallocate() }
        tokens.deallocate()
    }

    private func add(_ name: [UInt8], _ column: Int) {
        // Up to eight bytes more than the name are compared under a mask.
        let bytes = name + [UInt8(ascii: "\"")]
        let start = UnsafeMutablePointer<UInt8>.allocate(capacity: bytes.count + 8)
        start.initialize(repeating: 0, count: bytes.count + 8)
        start.update(from: bytes, count: bytes.count)
        tokens[count] = Token(start: start, count: bytes.count, column: column)
        count += 1
    }

    /// True if the name that begins at `name` is the token's; 64 bytes behind the name's line must be readable.
    @inline(__always)
    static func isToken(_ token: Token, at name: UnsafePointer<UInt8>) -> Bool {
        var left = token.count
        var one = UnsafeRawPointer(name)
        var other = UnsafeRawPointer(token.start)
        while left >= 8 {
            if one.loadUnaligned(as: UInt64.self) != other.loadUnaligned(as: UInt64.self) { return false }
            one += 8
            other += 8
            left -= 8
        }
        let mask = (1 as UInt64) << UInt64(left * 8) &- 1
        let difference = one.loadUnaligned(as: UInt64.self) ^ other.loadUnaligned(as: UInt64.self)
        return UInt64(littleEndian: difference) & mask == 0
    }

    /// The token of a name that was not the expected one; nil if the row needs a closer look.
    func find(_ name: UnsafePointer<UInt8>, _ length: Int) -> Int? {
        for index in 0..<count
        where tokens[index].count == length + 1 && Self.isToken(tokens[index], at: name) {
            return index
        }
        let bytes = UnsafeBufferPointer(start: name, count: length)
        guard !foreign.contains(where: { $0.elementsEqual(bytes) }), count < Self.maxTokens else {
            return nil
        }
        add(Array(bytes), -1)
        return count - 1
    }
}
