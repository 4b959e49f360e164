import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Remembers lines by hash and place, so that an exact repeat is found without keeping the lines.
///
/// Open addressing in shards, each under a lock of its own; 16 bytes a line, at most four fifths full. Lines with
/// the same hash are told apart by `isSame`, which compares the bytes.
final class RepeatTable: Sendable {
    private static let shardBits: UInt64 = 6
    private let shards: [ShardBox]

    private final class ShardBox: Sendable {
        let shard = Mutex(Shard())
    }

    init() {
        shards = (0..<1 << Self.shardBits).map { _ in ShardBox() }
    }

    /// True if an equal line is known.
    func contains(_ hash: UInt64, isSame: (Int) throws(PipelineError) -> Bool) throws(PipelineError) -> Bool {
        try withShard(hash) { shard throws(PipelineError) in try shard.find(hash, isSame).isKnown }
    }

    /// Adds a line; false if an equal one is known.
    func insert(
        _ hash: UInt64, at locator: Int, isSame: (Int) throws(PipelineError) -> Bool
    ) throws(PipelineError) -> Bool {
        try withShard(hash) { shard throws(PipelineError) in
            let (isKnown, slot) = try shard.find(hash, isSame)
            if !isKnown { shard.put(hash, locator, in: slot) }
            return !isKnown
        }
    }

    @inline(__always)
    private func withShard(
        _ hash: UInt64, _ body: (inout Shard) throws(PipelineError) -> Bool
    ) throws(PipelineError) -> Bool {
        try shards[Int(hash >> (64 - Self.shardBits))].shard.withLock { shard throws(PipelineError) in try body(&shard) }
    }

    private struct Entry {
        var hash: UInt64
        /// One more than the locator, so that 0 means free.
        var place: Int
    }

    private struct Shard: ~Copyable, @unchecked Sendable {
        // Unchecked: the memory belongs to this value alone, which the lock guards.
        private var entries: UnsafeMutablePointer<Entry>
        private var capacity = 512
        private var count = 0

        init() {
            entries = Self.allocate(512)
        }

        deinit {
            Self.release(entries, capacity)
        }

        func find(
            _ hash: UInt64, _ isSame: (Int) throws(PipelineError) -> Bool
        ) throws(PipelineError) -> (isKnown: Bool, slot: Int) {
            var slot = home(hash)
            while entries[slot].place != 0 {
                if entries[slot].hash == hash, try isSame(entries[slot].place - 1) { return (true, slot) }
                slot = slot + 1 == capacity ? 0 : slot + 1
            }
            return (false, slot)
        }

        mutating func put(_ hash: UInt64, _ locator: Int, in slot: Int) {
            entries[slot] = Entry(hash: hash, place: locator + 1)
            count += 1
            if count * 5 > capacity * 4 { grow() }
        }

        /// The shard's number is in the highest bits, so that the place comes from those below.
        private func home(_ hash: UInt64) -> Int {
            Int((hash << RepeatTable.shardBits).multipliedFullWidth(by: UInt64(capacity)).high)
        }

        private mutating func grow() {
            let old = entries
            let oldCapacity = capacity
            capacity = oldCapacity + oldCapacity / 2
            entries = Self.allocate(capacity)
            for index in 0..<oldCapacity where old[index].place != 0 {
                var slot = home(old[index].hash)
                while entries[slot].place != 0 { slot = slot + 1 == capacity ? 0 : slot + 1 }
                entries[slot] = old[index]
            }
            Self.release(old, oldCapacity)
        }

        // Straight from the system, which takes it back at once when it is released: a heap would keep it.
        private static func allocate(_ capacity: Int) -> UnsafeMutablePointer<Entry> {
            let bytes = capacity * MemoryLayout<Entry>.stride
            let memory = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0)
            guard let memory, memory != MAP_FAILED else {
                preconditionFailure("no memory for \(bytes) bytes to find repeated lines")
            }
            return memory.bindMemory(to: Entry.self, capacity: capacity)
        }

        private static func release(_ entries: UnsafeMutablePointer<Entry>, _ capacity: Int) {
            munmap(entries, capacity * MemoryLayout<Entry>.stride)
        }
    }
}
