/// The sums of each key over one window that slides with time, kept up with each row and each pane that leaves.
struct SlidingSums: Sendable {
    let window: LiveWindow
    /// How many sums each key has.
    let stride: Int
    /// The most entries of all panes together.
    let maxEntries: Int
    /// Each key's sums over the window, one key after the other.
    private(set) var totals: [Int64] = []
    /// Those that have rows, the oldest first.
    private(set) var panes: [SumPane] = []
    private(set) var entries = 0
    /// The beginnings of the panes that rows were added to last, the last one at the end.
    private var open: [Int64] = []

    private static let maxOpenPanes = 4

    init(window: LiveWindow, stride: Int, maxEntries: Int) {
        self.window = window
        self.stride = stride
        self.maxEntries = max(maxEntries, window.panes)
    }

    /// By how much a sum may be too large or too small.
    var error: Int64 { panes.reduce(0) { $0 &+ $1.error } }

    /// What became of the references that panes hold to keys.
    enum Change {
        /// The row is older than the window.
        case outside
        case none
        /// One more to the key.
        case gained
        /// One more to the key, one less to another.
        case replaced(UInt32)
    }

    /// Makes room for keys with numbers below this.
    mutating func reserve(_ keys: Int) {
        let missing = keys * stride - totals.count
        if missing > 0 { totals.append(contentsOf: repeatElement(0, count: missing)) }
    }

    /// Adds a row to the pane of its time; there must be room for the key.
    mutating func add(_ key: UInt32, at time: Int64, now: Int64, _ amounts: [Int64]) -> Change {
        guard time >= window.begin(at: now) else { return .outside }
        let index = paneIndex(beginningAt: window.pane(of: time))
        // Half of all entries are for whoever comes first, the other half for all panes alike: so a few full panes
        // may use what others do not need, and none goes without.
        let mayGrow = entries < maxEntries / 2 || panes[index].keys.count < maxEntries / 2 / window.panes
        let addition = panes[index].add(key, amounts, mayGrow: mayGrow)
        let base = Int(key) * stride
        for measure in 0..<stride { totals[base + measure] &+= amounts[measure] }
        switch addition {
        case .merged: return .none
        case .entered:
            entries += 1
            return .gained
        case .replaced(let other, let sums):
            for measure in 0..<stride { totals[Int(other) * stride + measure] &-= sums[measure] }
            totals[base] &+= sums[0]
            return .replaced(other)
        }
    }

    /// Takes the panes away that have left the window.
    /// - Parameter released: called for each key as often as a pane referred to it.
    mutating func advance(to now: Int64, released: (UInt32) -> Void) {
        let begin = window.begin(at: now)
        while let first = panes.first, first.begin < begin {
            panes.removeFirst()
            entries -= first.keys.count
            for (place, key) in first.keys.enumerated() {
                for measure in 0..<stride {
                    totals[Int(key) * stride + measure] &-= first.sums[place * stride + measure]
                }
                released(key)
            }
        }
    }

    private mutating func paneIndex(beginningAt begin: Int64) -> Int {
        var index = panes.count
        while index > 0, panes[index - 1].begin > begin { index -= 1 }
        if index > 0, panes[index - 1].begin == begin {
            index -= 1
        } else {
            panes.insert(SumPane(begin: begin, stride: stride), at: index)
        }
        guard open.last != begin else { return index }
        open.removeAll { $0 == begin }
        open.append(begin)
        if open.count > Self.maxOpenPanes {
            let closed = open.removeFirst()
            if let other = panes.firstIndex(where: { $0.begin == closed }) { panes[other].close() }
        }
        return index
    }

    // MARK: State

    /// Takes up panes as they were kept, the oldest first; every key must have room.
    mutating func restore(_ panes: [SumPane]) {
        self.panes = panes
        entries = panes.reduce(0) { $0 + $1.keys.count }
        for pane in panes {
            for (place, key) in pane.keys.enumerated() {
                for measure in 0..<stride {
                    totals[Int(key) * stride + measure] &+= pane.sums[place * stride + measure]
                }
            }
        }
    }
}
