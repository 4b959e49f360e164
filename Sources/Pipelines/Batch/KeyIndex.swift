import QueryEngine
import Synchronization

/// Which integer keys a table has, as bits: finds keys that come twice and keys without partner in one pass.
///
/// Keys that are widely scattered would take too many bits; then there is no index, and SQL has to do.
struct KeyIndex: Sendable {
    private static let pageBits: Int64 = 16
    private static let wordsPerPage = 1 << 16 / 64
    /// 64 MiB of bits at most.
    private static let maxPages = 8192

    private var pages: [Int64: Int] = [:]
    private var words: [UInt64] = []
    private var lastPage: (number: Int64, start: Int)?
    /// True if the keys are too scattered.
    private(set) var isFull = false
    /// True if some key came twice, or more than one row has none.
    private(set) var hasRepeats = false
    /// Rows without a key.
    private(set) var nulls = 0

    /// Looks at all keys of a table; nil if they are no integers, or too scattered.
    static func of(_ table: TableLoader.Loaded, _ session: BatchSession) async throws -> KeyIndex? {
        guard table.allColumns.contains(where: { $0.name == table.definition.key && $0.type == .integer })
        else {
            return nil
        }
        let index = Mutex(KeyIndex())
        let nulls = try await session.connection.forEachInteger(
            "SELECT CAST(\(table.key) AS BIGINT) FROM \(table.name)"
        ) { keys in
            index.withLock { $0.insert(keys) }
        }
        var result = index.withLock { $0 }
        result.nulls = nulls
        result.hasRepeats = result.hasRepeats || nulls > 1
        return result.isFull ? nil : result
    }

    mutating func insert(_ keys: UnsafeBufferPointer<Int64>) {
        guard !isFull else { return }
        for key in keys {
            guard let start = page(of: key) else { return }
            let word = start + Int(key & 0xFFFF) >> 6
            let bit = (1 as UInt64) << UInt64(key & 63)
            if words[word] & bit != 0 { hasRepeats = true }
            words[word] |= bit
        }
    }

    private mutating func page(of key: Int64) -> Int? {
        let number = key >> Self.pageBits
        if let lastPage, lastPage.number == number { return lastPage.start }
        if pages[number] == nil {
            guard pages.count < Self.maxPages else {
                isFull = true
                return nil
            }
            pages[number] = words.count
            words.append(contentsOf: repeatElement(0, count: Self.wordsPerPage))
        }
        guard let start = pages[number] else { return nil }
        lastPage = (number, start)
        return start
    }

    /// How many keys the other one lacks.
    func keys(without other: KeyIndex) -> Int {
        var count = 0
        for (number, start) in pages {
            let partner = other.pages[number]
            for word in 0..<Self.wordsPerPage {
                let known = partner.map { other.words[$0 + word] } ?? 0
                count += (words[start + word] & ~known).nonzeroBitCount
            }
        }
        return count
    }
}
