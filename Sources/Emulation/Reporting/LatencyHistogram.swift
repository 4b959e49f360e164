/// How long answers took, in buckets a sixteenth of an octave wide: a few kilobytes for any number of them.
package struct LatencyHistogram: Sendable, Equatable {
    private var buckets = [Int](repeating: 0, count: 16 * 40)
    package private(set) var count = 0

    package init() {}

    package mutating func record(_ latency: Duration) {
        buckets[LatencyHistogram.bucket(of: latency)] += 1
        count += 1
    }

    /// The latency that a share of all answers did not exceed, at most a sixteenth too high.
    ///
    /// Nil if there were no answers. Latencies above twelve days count as twelve days.
    package func quantile(_ share: Double) -> Duration? {
        guard count > 0 else { return nil }
        let rank = min(max(Int((Double(count) * share).rounded(.up)), 1), count)
        var seen = 0
        for (bucket, number) in buckets.enumerated() {
            seen += number
            if seen >= rank { return .microseconds(LatencyHistogram.upperBound(of: bucket)) }
        }
        return nil
    }

    private static func bucket(of latency: Duration) -> Int {
        let (seconds, attoseconds) = latency.components
        let wholeSeconds = min(seconds, 1 << 20) * 1_000_000
        let microseconds = UInt64(max(0, wholeSeconds + attoseconds / 1_000_000_000_000))
        guard microseconds >= 16 else { return Int(microseconds) }
        let octave = 63 - microseconds.leadingZeroBitCount
        return (octave - 3) * 16 + Int((microseconds >> UInt64(octave - 4)) & 15)
    }

    private static func upperBound(of bucket: Int) -> Int {
        guard bucket >= 16 else { return bucket }
        let octave = bucket / 16 + 3
        return ((16 + bucket % 16 + 1) << (octave - 4)) - 1
    }
}
