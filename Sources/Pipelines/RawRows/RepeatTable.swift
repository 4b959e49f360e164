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
/// Any number of threads look up and insert at once, without locks. Lines with the same hash are told apart by
/// `isSame`, which compares the bytes. 16 bytes an entry.
///
/// The table is a row of open-addressed *generations*. An entry is claimed by changing its place from free to busy, and
/// published by storing the place. Once a generation is full, a probe that ends at a free entry seals it and goes
/// on in the next generation; who comes later finds the seal and follows. So two threads with equal lines always
/// meet at the same entry, and one of them sees the other's.
///
/// Past `maxBytes` no more lines are remembered; their repeats are then left to the DISTINCT after cleaning.
final class RepeatTable: Sendable {
    /// What the threads work with: plain pointers, so that no reference is counted for each line.
    ///
    /// Valid as long as the table.
    struct Probe: @unchecked Sendable {
        // Unchecked: entries are atomics; generations are only ever added.
        fileprivate let generations: UnsafeMutablePointer<Generation>
    }

    fileprivate struct Entry: ~Copyable {
        /// Free, busy, sealed, or one more than a locator.
        let place: Atomic<Int>
        let hash: Atomic<UInt64>
    }

    fileprivate struct Generation: ~Copyable {
        /// Set once, under the lock; 0 until then.
        let entries = Atomic<UInt>(0)
        let capacity = Atomic<Int>(0)
        /// About how many entries are taken: one in `sampling` inserts adds that many.
        let count = Atomic<Int>(0)
    }

    private static let free = 0
    private static let busy = -1
    private static let sealed = -2
    /// Each generation has twice the capacity of the one before, so that these are never used up.
    fileprivate static let maxGenerations = 40
    fileprivate static let minEntries = 1 << 14
    /// Entries that a look-up goes through before it turns to the next generation.
    fileprivate static let maxProbes = 512
    /// The most memory of one table: 1 GiB, some forty million lines.
    static let maxBytes = 1 << 30
    private static let sampling: UInt64 = 32
    private static let growth = Mutex(())

    let probe: Probe

    /// - Parameter expectedLines: how many lines there will be, about; a wrong guess costs time only.
    init(expectedLines: Int) {
        let generations = UnsafeMutablePointer<Generation>.allocate(capacity: Self.maxGenerations)
        for index in 0..<Self.maxGenerations { (generations + index).initialize(to: Generation()) }
        probe = Probe(generations: generations)
        let most = Self.maxBytes / MemoryLayout<Entry>.stride
        probe.addGeneration(0, capacity: min(max(Self.minEntries, expectedLines + expectedLines / 2), most))
    }

    deinit {
        for index in 0..<Self.maxGenerations {
            let capacity = probe.generations[index].capacity.load(ordering: .relaxed)
            let address = probe.generations[index].entries.load(ordering: .relaxed)
            if capacity > 0 {
                munmap(UnsafeMutableRawPointer(bitPattern: address), capacity * MemoryLayout<Entry>.stride)
            }
        }
        probe.generations.deallocate()
    }
}

extension RepeatTable.Probe {
    /// True if an equal line is known.
    @inline(__always)
    func contains(_ hash: UInt64, isSame: (Int) throws(PipelineError) -> Bool) throws(PipelineError) -> Bool {
        var index = 0
        while index < RepeatTable.maxGenerations, let entries = entries(of: index) {
            let capacity = generations[index].capacity.load(ordering: .relaxed)
            var slot = home(hash, capacity)
            for _ in 0..<RepeatTable.maxProbes {
                let place = published(entries + slot)
                if place == RepeatTable.free || place == RepeatTable.sealed { break }
                if entries[slot].hash.load(ordering: .relaxed) == hash, try isSame(place - 1) { return true }
                slot = slot + 1 == capacity ? 0 : slot + 1
            }
            index += 1
        }
        return false
    }

    /// Fetches the memory that looking up a hash will need; of use for several hashes in a row, whose waits overlap.
    @inline(__always)
    func touch(_ hash: UInt64) -> Int {
        guard let entries = entries(of: 0) else { return 0 }
        return entries[home(hash, generations[0].capacity.load(ordering: .relaxed))].place.load(
            ordering: .relaxed)
    }

    /// Adds a line; false if an equal one is known.
    @inline(__always)
    func insert(
        _ hash: UInt64, at locator: Int, isSame: (Int) throws(PipelineError) -> Bool
    ) throws(PipelineError) -> Bool {
        var index = 0
        while true {
            // Without room for more the line counts as new.
            guard index < RepeatTable.maxGenerations,
                let entries = entries(of: index) ?? addNextGeneration(index)
            else { return true }
            let capacity = generations[index].capacity.load(ordering: .relaxed)
            let isFull = generations[index].count.load(ordering: .relaxed) > capacity / 4 * 3
            var slot = home(hash, capacity)
            var probes = 0
            probing: while probes < RepeatTable.maxProbes {
                switch published(entries + slot) {
                case RepeatTable.free:
                    let wanted = isFull ? RepeatTable.sealed : RepeatTable.busy
                    let (isClaimed, _) = entries[slot].place.compareExchange(
                        expected: RepeatTable.free, desired: wanted, ordering: .acquiring)
                    if !isClaimed { continue probing }  // another thread was first: look at what it put there
                    if isFull { break probing }
                    entries[slot].hash.store(hash, ordering: .relaxed)
                    entries[slot].place.store(locator + 1, ordering: .releasing)
                    if hash % RepeatTable.sampling == 0 {
                        generations[index].count.add(Int(RepeatTable.sampling), ordering: .relaxed)
                    }
                    return true
                case RepeatTable.sealed: break probing
                case let place:
                    if entries[slot].hash.load(ordering: .relaxed) == hash, try isSame(place - 1) {
                        return false
                    }
                    probes += 1
                    slot = slot + 1 == capacity ? 0 : slot + 1
                }
            }
            index += 1
        }
    }

    /// An entry's place; waits the moment that another thread needs to fill it in.
    @inline(__always)
    private func published(_ entry: UnsafeMutablePointer<RepeatTable.Entry>) -> Int {
        while true {
            let place = entry.pointee.place.load(ordering: .acquiring)
            if place != RepeatTable.busy { return place }
        }
    }

    @inline(__always)
    private func home(_ hash: UInt64, _ capacity: Int) -> Int {
        Int(hash.multipliedFullWidth(by: UInt64(capacity)).high)
    }

    @inline(__always)
    private func entries(of generation: Int) -> UnsafeMutablePointer<RepeatTable.Entry>? {
        UnsafeMutablePointer(bitPattern: generations[generation].entries.load(ordering: .acquiring))
    }

    @inline(never)
    private func addNextGeneration(_ index: Int) -> UnsafeMutablePointer<RepeatTable.Entry>? {
        let before = index > 0 ? generations[index - 1].capacity.load(ordering: .relaxed) : 0
        return addGeneration(index, capacity: max(RepeatTable.minEntries, before * 2))
    }

    /// The entries of a generation, made now if no other thread did; nil if there is no room for them.
    @discardableResult
    fileprivate func addGeneration(
        _ index: Int, capacity: Int
    ) -> UnsafeMutablePointer<RepeatTable.Entry>? {
        RepeatTable.growth.withLock { _ in
            if let entries = entries(of: index) { return entries }
            let bytes = capacity * MemoryLayout<RepeatTable.Entry>.stride
            let others = (0..<index).reduce(0) {
                $0 + generations[$1].capacity.load(ordering: .relaxed)
                    * MemoryLayout<RepeatTable.Entry>.stride
            }
            guard others + bytes <= RepeatTable.maxBytes else { return nil }
            // Straight from the system: fresh pages are zero, which is `free`, and go back when the table does.
            let memory = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0)
            guard let memory, memory != MAP_FAILED else { return nil }
            #if os(Linux)
                // Places are reached at random: large pages save most of the look-ups of their addresses.
                madvise(memory, bytes, 14)  // MADV_HUGEPAGE
            #endif
            let entries = memory.bindMemory(to: RepeatTable.Entry.self, capacity: capacity)
            generations[index].capacity.store(capacity, ordering: .relaxed)
            generations[index].entries.store(UInt(bitPattern: entries), ordering: .releasing)
            return entries
        }
    }
}
