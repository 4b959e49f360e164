import QueryEngine

/// A set of row hashes, 20 to 25 bytes each.
///
/// Open addressing in many small tables, each of which grows by a quarter, so that neither growing nor free places
/// take much memory.
final class RowHashSet {
    private struct Shard {
        var entries: UnsafeMutablePointer<RowHash>?
        var capacity = 0
        var count = 0
    }

    private static let shardBits: UInt64 = 8
    private static let minCapacity = 8
    private let shards: UnsafeMutablePointer<Shard>
    private let shardCount = 1 << RowHashSet.shardBits
    private(set) var count = 0
    /// The memory it takes.
    private(set) var bytes = 0

    init() {
        shards = .allocate(capacity: shardCount)
        shards.initialize(repeating: Shard(), count: shardCount)
    }

    deinit {
        for index in 0..<shardCount { shards[index].entries?.deallocate() }
        shards.deallocate()
    }

    /// Two zero words mark a free place; the hash that is both becomes another.
    @inline(__always)
    private static func stored(_ hash: RowHash) -> RowHash {
        hash.high == 0 && hash.low == 0 ? RowHash(high: 0, low: 1) : hash
    }

    @inline(__always)
    private func shard(of hash: RowHash) -> Int { Int(hash.high >> (64 - Self.shardBits)) }

    @inline(__always)
    private static func home(_ hash: RowHash, _ capacity: Int) -> Int {
        Int(hash.low.multipliedFullWidth(by: UInt64(capacity)).high)
    }

    func contains(_ hash: RowHash) -> Bool {
        let hash = Self.stored(hash)
        let shard = shards[shard(of: hash)]
        guard let entries = shard.entries else { return false }
        let place = Self.place(of: hash, entries, shard.capacity)
        return entries[place] == hash
    }

    /// False if it is there already.
    @discardableResult
    func insert(_ hash: RowHash) -> Bool {
        let hash = Self.stored(hash)
        let index = shard(of: hash)
        if shards[index].count * 100 >= shards[index].capacity * 82 { grow(index) }
        guard let entries = shards[index].entries else { return false }
        let place = Self.place(of: hash, entries, shards[index].capacity)
        guard entries[place] != hash else { return false }
        entries[place] = hash
        shards[index].count += 1
        count += 1
        return true
    }

    /// Where the hash lies, or the free place that it would take.
    @inline(__always)
    private static func place(
        of hash: RowHash, _ entries: UnsafeMutablePointer<RowHash>, _ capacity: Int
    ) -> Int {
        var place = home(hash, capacity)
        while entries[place] != hash, entries[place].high != 0 || entries[place].low != 0 {
            place = place + 1 == capacity ? 0 : place + 1
        }
        return place
    }

    private func grow(_ index: Int) {
        let old = shards[index]
        let capacity = max(Self.minCapacity, old.capacity + old.capacity / 4)
        let entries = UnsafeMutablePointer<RowHash>.allocate(capacity: capacity)
        entries.initialize(repeating: RowHash(high: 0, low: 0), count: capacity)
        if let oldEntries = old.entries {
            for place in 0..<old.capacity where oldEntries[place].high != 0 || oldEntries[place].low != 0 {
                entries[Self.place(of: oldEntries[place], entries, capacity)] = oldEntries[place]
            }
            oldEntries.deallocate()
        }
        shards[index] = Shard(entries: entries, capacity: capacity, count: old.count)
        bytes += (capacity - old.capacity) * MemoryLayout<RowHash>.stride
    }
}
