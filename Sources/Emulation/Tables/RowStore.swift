/// Rows as JSON text in one block of memory.
struct RowStore: Sendable {
    private(set) var bytes: [UInt8] = []
    private var ends: [Int] = []

    var count: Int { ends.count }

    /// Takes one row and gives its number.
    @discardableResult
    mutating func append(_ row: some Collection<UInt8>) -> Int {
        bytes.append(contentsOf: row)
        ends.append(bytes.count)
        return ends.count - 1
    }

    subscript(row: Int) -> ArraySlice<UInt8> {
        bytes[(row == 0 ? 0 : ends[row - 1])..<ends[row]]
    }
}

/// Rows of one table with the first row of each key.
struct KeyedRows: Sendable {
    var rows = RowStore()
    /// The key of each row; nil where it had none that can be read.
    private(set) var keys: [Int?] = []
    private(set) var rowOfKey: [Int: Int] = [:]

    mutating func append(_ row: some Collection<UInt8>, key: Int?) {
        let number = rows.append(row)
        keys.append(key)
        if let key, rowOfKey[key] == nil { rowOfKey[key] = number }
    }
}
