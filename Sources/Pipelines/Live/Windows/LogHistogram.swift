/// How often values occurred, to a sixteenth of their size.
struct LogHistogram: Sendable, Equatable {
    /// By bucket, up to the last one that is used.
    private(set) var counts: [UInt32] = []
    private(set) var total: Int64 = 0
    private(set) var greatest: Int64 = 0

    private static let buckets = 16 + 59 * 16

    /// Values below 0 count as 0.
    mutating func add(_ value: Int64) {
        let value = max(0, value)
        let bucket = Self.bucket(of: value)
        if bucket >= counts.count {
            counts.append(contentsOf: repeatElement(0, count: bucket + 1 - counts.count))
        }
        counts[bucket] &+= 1
        total += 1
        greatest = max(greatest, value)
    }

    mutating func add(_ other: LogHistogram) {
        if other.counts.count > counts.count {
            counts.append(contentsOf: repeatElement(0, count: other.counts.count - counts.count))
        }
        for (bucket, count) in other.counts.enumerated() { counts[bucket] &+= count }
        total &+= other.total
        greatest = max(greatest, other.greatest)
    }

    /// A value that this share of all does not pass, at most a sixteenth too large; nil if there is none.
    func quantile(_ share: Double) -> Int64? {
        guard total > 0 else { return nil }
        let wanted = max(1, Int64((share * Double(total)).rounded(.up)))
        var seen: Int64 = 0
        for (bucket, count) in counts.enumerated() {
            seen &+= Int64(count)
            if seen >= wanted { return min(greatest, Self.last(of: bucket)) }
        }
        return greatest
    }

    private static func bucket(of value: Int64) -> Int {
        guard value >= 16 else { return Int(value) }
        let power = 63 - value.leadingZeroBitCount
        return 16 + (power - 4) * 16 + Int((value >> (power - 4)) & 15)
    }

    private static func last(of bucket: Int) -> Int64 {
        guard bucket >= 16 else { return Int64(bucket) }
        let shift = (bucket - 16) / 16
        let first = Int64(16 + (bucket - 16) % 16) << shift
        return first + ((1 << shift) - 1)
    }

    // MARK: State

    init() {}

    /// As it was kept; nil if it cannot have been one.
    init?(counts: [UInt32], greatest: Int64) {
        guard counts.count <= Self.buckets, greatest >= 0 else { return nil }
        self.counts = counts
        self.greatest = greatest
        total = counts.reduce(0) { $0 &+ Int64($1) }
    }
}
