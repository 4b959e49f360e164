import Dispatch
import StreamModel
import Synchronization

/// All open subscriptions; one thread waits for appends on behalf of them all.
final class SubscriptionHub: Sendable {
    private struct State {
        var subscriptions: [ShardSubscription.Key: ShardSubscription] = [:]
        var isFollowing = false
        var isClosed = false
    }

    private let reader: any RecordReader
    private let threads: ReadingThreads
    private let clock: WallClock
    private let limit: Int
    private let follower = DispatchQueue(label: "kinesis-follower")
    private let state = Mutex(State())

    /// So long a second subscription of the same consumer to the same shard is refused; later it takes over.
    private static let exclusiveMilliseconds: Int64 = 5000
    /// So often clients that were behind, heartbeats and ends are looked after.
    private static let tick = Duration.milliseconds(200)

    init(reader: any RecordReader, threads: ReadingThreads, clock: WallClock, limit: Int) {
        self.reader = reader
        self.threads = threads
        self.clock = clock
        self.limit = limit
    }

    func add(_ subscription: ShardSubscription) throws(KinesisError) {
        let replaced = try state.withLock { state throws(KinesisError) -> ShardSubscription? in
            let old = state.subscriptions[subscription.key]
            if let old, subscription.started - old.started < Self.exclusiveMilliseconds {
                throw Self.inUse(subscription.key)
            }
            guard old != nil || state.subscriptions.count < limit, !state.isClosed else {
                throw KinesisError(
                    .limitExceeded, "There are \(limit) subscriptions already (kinesis.max.subscriptions).")
            }
            state.subscriptions[subscription.key] = subscription
            if !state.isFollowing {
                state.isFollowing = true
                follower.async { self.follow() }
            }
            return old
        }
        replaced?.fail(Self.inUse(subscription.key))
    }

    private static func inUse(_ key: ShardSubscription.Key) -> KinesisError {
        KinesisError(
            .resourceInUse,
            "Another active subscription exists for this consumer: \(key.consumer) on \(key.shard)")
    }

    func remove(_ subscription: ShardSubscription) {
        state.withLock { state in
            guard state.subscriptions[subscription.key] === subscription else { return }
            state.subscriptions[subscription.key] = nil
        }
    }

    func pump(_ subscription: ShardSubscription, isFirst: Bool = false) {
        threads.run(subscription.key.shard.place) { [clock] in
            subscription.pump(now: clock.milliseconds, isFirst: isFirst)
        }
    }

    /// Ends all, and takes no more.
    func close() {
        let open = state.withLock { state in
            state.isClosed = true
            return Array(state.subscriptions.values)
        }
        for subscription in open { subscription.end() }
    }

    /// Wakes subscriptions whose shards got records, as long as there are any.
    private func follow() {
        var generation: UInt64 = 0
        while true {
            generation = reader.waitForAppend(after: generation, timeout: Self.tick)
            let open = state.withLock { state in
                if state.subscriptions.isEmpty { state.isFollowing = false }
                return Array(state.subscriptions.values)
            }
            guard !open.isEmpty else { return }
            let now = clock.milliseconds
            for subscription in open where subscription.isDue(now: now) { pump(subscription) }
        }
    }
}
