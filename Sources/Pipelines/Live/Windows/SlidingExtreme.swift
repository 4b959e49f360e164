/// The greatest (or, of negated values, the least) value over a window that slides with time, to the pane exactly.
struct SlidingExtreme: Sendable, Equatable {
    /// Panes, and in each the greatest value of it and all later ones: rising times, falling values.
    private(set) var panes: [Int64] = []
    private(set) var values: [Int64] = []

    mutating func add(_ value: Int64, inPane pane: Int64, begin: Int64) {
        var place = panes.count
        while place > 0, panes[place - 1] > pane { place -= 1 }
        // A later pane with as much makes this one needless, and so does the same one.
        if place < panes.count, values[place] >= value { return }
        if place > 0, panes[place - 1] == pane, values[place - 1] >= value { return }
        var first = place
        while first > 0, values[first - 1] <= value { first -= 1 }
        panes.replaceSubrange(first..<place, with: [pane])
        values.replaceSubrange(first..<place, with: [value])
        if let stays = panes.firstIndex(where: { $0 >= begin }), stays > 0 {
            panes.removeFirst(stays)
            values.removeFirst(stays)
        }
    }

    func value(since begin: Int64) -> Int64? {
        panes.firstIndex { $0 >= begin }.map { values[$0] }
    }

    // MARK: State

    init() {}

    /// As it was kept; nil if it cannot have been one.
    init?(panes: [Int64], values: [Int64]) {
        guard panes.count == values.count, zip(panes, panes.dropFirst()).allSatisfy({ $0 < $1 }) else {
            return nil
        }
        self.panes = panes
        self.values = values
    }
}
