import Synchronization

/// Kinesis's limits of writing to a shard, counted in seconds of the clock.
final class ShardThrottle: Sendable {
    static let maxBytes = 1 << 20
    static let maxRecords = 1000

    private struct Count {
        var second: Int64 = 0
        var bytes = 0
        var records = 0
    }

    private let counts = Mutex<[ShardID: Count]>([:])

    /// Counts a record in, or refuses it.
    func admit(_ byteCount: Int, to shard: ShardID, now: Int64) -> Bool {
        counts.withLock { counts in
            var count = counts[shard] ?? Count()
            if count.second != now / 1000 { count = Count(second: now / 1000) }
            // A record that is larger than a second's share is taken when it comes first.
            let fits = count.records == 0 || count.bytes + byteCount <= Self.maxBytes
            guard count.records < Self.maxRecords, fits else { return false }
            count.bytes += byteCount
            count.records += 1
            counts[shard] = count
            return true
        }
    }
}
