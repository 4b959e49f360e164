import NIOCore
import Synchronization

/// How much a caller may send; of what is 0 there is no limit.
package struct RateSettings: Sendable, Equatable {
    /// `gateway.rate.requests.per.second` (default: 0, no limit): requests of one caller; past it 429.
    package var requestsPerSecond = 0
    /// `gateway.rate.bytes.per.second` (bytes, default: 0, no limit): bytes of one caller's bodies; past it 429.
    package var bytesPerSecond = 0
    /// `gateway.rate.burst.ms` (milliseconds, default: 1000): how much of its rate an idle caller may use at once.
    package var burstMilliseconds: Int64 = 1000
    /// `gateway.rate.max.callers` (default: 10000): callers that are told apart; past it those that were idle for
    /// longest are forgotten.
    package var maxCallers = 10_000

    package init() {}

    package var isOn: Bool { requestsPerSecond > 0 || bytesPerSecond > 0 }
}

/// Two buckets of tokens for each caller, filled at the rates that are set: a pure table.
///
/// A request may take more bytes than there are as long as there is one: then the next one waits for the difference.
struct TokenBuckets {
    private struct Bucket {
        var requests: Double
        var bytes: Double
        var filled: Int64
    }

    /// What sums of fractions may be short of.
    private static let tolerance = 1e-6

    private let settings: RateSettings
    private var buckets: [String: Bucket] = [:]

    init(_ settings: RateSettings) {
        self.settings = settings
    }

    private var requestRate: Double { Double(settings.requestsPerSecond) / 1000 }
    private var byteRate: Double { Double(settings.bytesPerSecond) / 1000 }
    private var maxRequests: Double { max(1, requestRate * Double(settings.burstMilliseconds)) }
    private var maxBytes: Double { max(1, byteRate * Double(settings.burstMilliseconds)) }

    /// Books a request, or says after how many milliseconds it may come again.
    ///
    /// - Parameter now: milliseconds of a clock that never goes back.
    mutating func admit(_ name: String, byteCount: Int, at now: Int64) -> Int64? {
        var bucket = filled(name, at: now)
        var wait: Double = 0
        if settings.requestsPerSecond > 0, bucket.requests < 1 - Self.tolerance {
            wait = max(wait, (1 - bucket.requests) / requestRate)
        }
        if settings.bytesPerSecond > 0, bucket.bytes < 1 - Self.tolerance {
            wait = max(wait, (1 - bucket.bytes) / byteRate)
        }
        if wait == 0 {
            bucket.requests -= 1
            bucket.bytes -= Double(byteCount)
        }
        keep(bucket, of: name, at: now)
        return wait == 0 ? nil : Int64(min((wait - Self.tolerance).rounded(.up), 86_400_000))
    }

    /// Books bytes of a request that was let in.
    mutating func charge(_ name: String, byteCount: Int, at now: Int64) {
        var bucket = filled(name, at: now)
        bucket.bytes -= Double(byteCount)
        keep(bucket, of: name, at: now)
    }

    private func filled(_ name: String, at now: Int64) -> Bucket {
        guard var bucket = buckets[name] else {
            return Bucket(requests: maxRequests, bytes: maxBytes, filled: now)
        }
        let time = Double(max(0, now - bucket.filled))
        bucket.requests = min(maxRequests, bucket.requests + time * requestRate)
        bucket.bytes = min(maxBytes, bucket.bytes + time * byteRate)
        bucket.filled = max(bucket.filled, now)
        return bucket
    }

    private mutating func keep(_ bucket: Bucket, of name: String, at now: Int64) {
        if buckets[name] == nil, buckets.count >= settings.maxCallers { makeRoom(at: now) }
        buckets[name] = bucket
    }

    /// Forgets whose buckets are full again; if those are few, a part of those that were used longest ago.
    private mutating func makeRoom(at now: Int64) {
        buckets = buckets.filter { name, _ in
            let bucket = filled(name, at: now)
            return bucket.requests < maxRequests || (settings.bytesPerSecond > 0 && bucket.bytes < maxBytes)
        }
        let most = settings.maxCallers - max(1, settings.maxCallers / 10)
        guard buckets.count > most else { return }
        let oldest = buckets.sorted { $0.value.filled < $1.value.filled }.prefix(buckets.count - most)
        for (name, _) in oldest { buckets[name] = nil }
    }

    var count: Int { buckets.count }
}

/// The buckets of all callers, for all connections.
final class RateLimits: Sendable {
    private let buckets: Mutex<TokenBuckets>
    private let now: @Sendable () -> Int64

    /// - Parameter now: milliseconds of a clock that never goes back.
    init(
        _ settings: RateSettings,
        now: @escaping @Sendable () -> Int64 = {
            Int64(clamping: NIODeadline.now().uptimeNanoseconds / 1_000_000)
        }
    ) {
        buckets = Mutex(TokenBuckets(settings))
        self.now = now
    }

    /// Nil if the request may be served; otherwise after how many seconds it may come again.
    func admit(_ name: String, byteCount: Int) -> Int? {
        let now = now()
        let wait = buckets.withLock { $0.admit(name, byteCount: byteCount, at: now) }
        return wait.map { Int(($0 + 999) / 1000) }
    }

    func charge(_ name: String, byteCount: Int) {
        let now = now()
        buckets.withLock { $0.charge(name, byteCount: byteCount, at: now) }
    }
}
