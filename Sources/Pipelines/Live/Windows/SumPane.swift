/// What one pane of a window has counted of each key: exactly as long as it may grow, by Space-Saving from then on.
///
/// Space-Saving: a key too many takes the place of the one with the least, and its count on top. So no count is too small
/// by more than `error`, nor too large.
struct SumPane: Sendable {
    let begin: Int64
    /// How far a count may be off.
    private(set) var error: Int64 = 0
    private(set) var keys: [UInt32] = []
    /// A sum of each measure for each key, one key after the other; the first one decides who has the least.
    private(set) var sums: [Int64] = []
    private let stride: Int
    /// Where keys stand; nil while nothing is added.
    private var places: [UInt32: Int32]?
    /// The keys are a heap with the least on top.
    private var isHeap = false

    init(begin: Int64, stride: Int) {
        self.begin = begin
        self.stride = stride
    }

    enum Addition {
        /// The key was there.
        case merged
        case entered
        /// The key took the place of another, whose sums were these; the first sum went to the key.
        case replaced(UInt32, sums: [Int64])
    }

    /// Lets go of what is only needed for adding.
    mutating func close() { places = nil }

    /// - Parameter mayGrow: false: a new key must take the place of another. From then on all must.
    mutating func add(_ key: UInt32, _ amounts: [Int64], mayGrow: Bool) -> Addition {
        if places == nil {
            places = Dictionary(
                zip(keys, Int32(0)...), uniquingKeysWith: { first, _ in first })
        }
        if let place = places?[key] {
            for index in 0..<stride { sums[Int(place) * stride + index] &+= amounts[index] }
            if isHeap { settle(Int(place)) }
            return .merged
        }
        guard isHeap || (!mayGrow && !keys.isEmpty) else {
            places?[key] = Int32(truncatingIfNeeded: keys.count)
            keys.append(key)
            sums.append(contentsOf: amounts)
            return .entered
        }
        return .replaced(least(), sums: replaceLeast(with: key, amounts))
    }

    private mutating func least() -> UInt32 {
        if !isHeap {
            isHeap = true
            for place in (0..<keys.count / 2).reversed() { settle(place) }
        }
        return keys[0]
    }

    /// - Returns: the sums of the key that had the least.
    private mutating func replaceLeast(with key: UInt32, _ amounts: [Int64]) -> [Int64] {
        let former = Array(sums[..<stride])
        error = max(error, former[0])
        places?[keys[0]] = nil
        places?[key] = 0
        keys[0] = key
        for index in 0..<stride { sums[index] = amounts[index] }
        sums[0] &+= former[0]
        settle(0)
        return former
    }

    /// Moves an entry down, behind those with less.
    private mutating func settle(_ start: Int) {
        var place = start
        while true {
            var least = place
            for child in [2 * place + 1, 2 * place + 2]
            where child < keys.count && sums[child * stride] < sums[least * stride] {
                least = child
            }
            guard least != place else { return }
            keys.swapAt(place, least)
            for index in 0..<stride { sums.swapAt(place * stride + index, least * stride + index) }
            places?[keys[place]] = Int32(truncatingIfNeeded: place)
            places?[keys[least]] = Int32(truncatingIfNeeded: least)
            place = least
        }
    }

    // MARK: State

    /// A pane as it was kept; nil if it cannot have been one.
    init?(begin: Int64, error: Int64, keys: [UInt32], sums: [Int64], stride: Int) {
        guard sums.count == keys.count * stride, Set(keys).count == keys.count else { return nil }
        self.init(begin: begin, stride: stride)
        self.error = error
        self.keys = keys
        self.sums = sums
    }
}
