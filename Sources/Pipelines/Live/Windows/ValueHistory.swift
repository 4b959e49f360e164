/// What a value was and when it changed; the newest one is the value now.
struct ValueHistory: Sendable, Equatable {
    /// Rising, at most one older than what is looked back at.
    private(set) var times: [Int64] = []
    private(set) var values: [Int64] = []

    /// The most changes; then the second oldest is forgotten, so that the value at a window's begin stays right for
    /// the longest and the shortest windows.
    static let maxChanges = 64

    var newest: (time: Int64, value: Int64)? {
        guard let time = times.last, let value = values.last else { return nil }
        return (time, value)
    }

    /// - Parameter begin: the beginning of the longest window.
    mutating func add(_ value: Int64, at time: Int64, lookingBackTo begin: Int64) {
        var place = times.count
        while place > 0, times[place - 1] > time { place -= 1 }
        // The same value again changes nothing, unless it is known from earlier on now.
        if place > 0, values[place - 1] == value { return }
        if place < times.count, values[place] == value {
            times[place] = time
        } else {
            times.insert(time, at: place)
            values.insert(value, at: place)
        }
        let old = times.firstIndex { $0 > begin } ?? times.count
        if old > 1 {
            times.removeFirst(old - 1)
            values.removeFirst(old - 1)
        }
        if times.count > Self.maxChanges {
            times.remove(at: 1)
            values.remove(at: 1)
        }
    }

    /// The value at that time, or the first one known if it is younger.
    func value(at time: Int64) -> (time: Int64, value: Int64)? {
        guard !times.isEmpty else { return nil }
        let later = times.firstIndex { $0 > time } ?? times.count
        let place = max(0, later - 1)
        return (times[place], values[place])
    }

    // MARK: State

    init() {}

    /// A history as it was kept; nil if it cannot have been one.
    init?(times: [Int64], values: [Int64]) {
        guard times.count == values.count, times.count <= Self.maxChanges,
            zip(times, times.dropFirst()).allSatisfy({ $0 <= $1 })
        else { return nil }
        self.times = times
        self.values = values
    }
}
