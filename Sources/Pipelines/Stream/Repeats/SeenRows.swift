import QueryEngine

/// The rows that a table has or is about to get, as hashes, in generations: the newest takes new ones, the oldest is
/// forgotten first.
///
/// A generation is closed when it has used its share of the memory, or of the window's time.
final class SeenRows {
    struct Limits: Sendable, Equatable {
        /// Most memory of all generations.
        var maxBytes: Int
        /// How long a row is remembered; nil stands for ever.
        var windowMilliseconds: Int64?
        /// How many generations memory and window are cut into.
        static let shares = 8

        var generationBytes: Int { max(1 << 12, maxBytes / Self.shares) }
    }

    struct Generation {
        /// Names its file; later ones have greater numbers.
        var number: Int
        var rows = RowHashSet()
        /// The log's times of the rows in it; `last` is not known before one is there.
        var first: Int64?
        var last: Int64 = .min
    }

    private let limits: Limits
    /// Oldest first; never empty.
    private(set) var generations: [Generation]

    init(_ limits: Limits) {
        self.limits = limits
        generations = [Generation(number: 0)]
    }

    var count: Int { generations.reduce(0) { $0 + $1.rows.count } }
    var bytes: Int { generations.reduce(0) { $0 + $1.rows.bytes } }
    var current: Int { generations[generations.count - 1].number }

    func contains(_ hash: RowHash) -> Bool {
        // Repeats are mostly young.
        generations.reversed().contains { $0.rows.contains(hash) }
    }

    /// Remembers rows that came at a time.
    func insert(_ hashes: some Sequence<RowHash>, at time: Int64) {
        let last = generations.count - 1
        for hash in hashes { generations[last].rows.insert(hash) }
        generations[last].first = min(generations[last].first ?? time, time)
        generations[last].last = max(generations[last].last, time)
    }

    /// Goes on in a generation of this number, as a file that is read tells.
    func resume(generation number: Int) {
        guard number != current else { return }
        if generations.count == 1, generations[0].rows.count == 0 { generations = [] }
        generations.append(Generation(number: number))
    }

    /// Begins a new generation if the newest has had its share, and forgets what is past window and memory.
    /// - Returns: the numbers of those that were forgotten.
    func advance(now: Int64) -> [Int] {
        let newest = generations[generations.count - 1]
        if isFull(newest, now) { generations.append(Generation(number: newest.number + 1)) }
        var forgotten: [Int] = []
        while generations.count > 1, isPast(generations[0], now) || bytes > limits.maxBytes {
            forgotten.append(generations.removeFirst().number)
        }
        return forgotten
    }

    private func isFull(_ generation: Generation, _ now: Int64) -> Bool {
        guard generation.rows.count > 0 else { return false }
        if generation.rows.bytes >= limits.generationBytes { return true }
        guard let window = limits.windowMilliseconds, let first = generation.first else { return false }
        return now - first > window / Int64(Limits.shares)
    }

    private func isPast(_ generation: Generation, _ now: Int64) -> Bool {
        guard let window = limits.windowMilliseconds else { return false }
        return now - generation.last > window
    }
}
