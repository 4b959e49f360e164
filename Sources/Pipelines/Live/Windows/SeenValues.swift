/// Which different values were seen, and each when last; counts those of any window exactly while there is room.
struct SeenValues: Sendable, Equatable {
    /// By the values' fingerprints.
    private(set) var times: [UInt64: Int64] = [:]
    /// Values were forgotten that may still be in a window.
    private(set) var forgotUntil: Int64 = .min

    /// The most values of one key; then those that were seen longest ago are forgotten.
    static let maxValues = 65_536

    /// - Parameter begin: the beginning of the longest window.
    mutating func add(_ fingerprint: UInt64, at time: Int64, lookingBackTo begin: Int64) {
        times[fingerprint] = max(times[fingerprint] ?? .min, time)
        guard times.count > Self.maxValues else { return }
        times = times.filter { $0.value >= begin }
        guard times.count > Self.maxValues else { return }
        let middle = times.values.sorted()[times.count / 4]
        forgotUntil = max(forgotUntil, middle)
        times = times.filter { $0.value > middle }
    }

    func isExact(since begin: Int64) -> Bool { forgotUntil < begin }

    // MARK: State

    init() {}

    init(times: [UInt64: Int64], forgotUntil: Int64) {
        self.times = times
        self.forgotUntil = forgotUntil
    }
}
