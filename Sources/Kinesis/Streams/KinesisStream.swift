import StreamModel
import Synchronization

/// A stream in memory: what is known of it, and where its records go.
final class KinesisStream: Sendable {
    let address: StreamAddress
    private let state: Mutex<State>
    let throttle: ShardThrottle?

    private struct State {
        let topicID: TopicID?
        var description: StreamDescription
        var routing: ShardRouting
        /// Shards that were closed, while requests for them may be under way still.
        var closing: Set<ShardID> = []
        /// Nobody sends to it any more.
        var isDeleting = false
    }

    init(_ address: StreamAddress, _ description: StreamDescription, throttle: ShardThrottle?) {
        self.address = address
        self.throttle = throttle
        state = Mutex(
            State(
                topicID: TopicID(description.topicID), description: description,
                routing: ShardRouting(description)))
    }

    var description: StreamDescription { state.withLock { $0.description } }

    /// Whether it is the stream of a topic with this id, and knows all its partitions.
    func isOf(_ id: TopicID, partitionCount: Int) -> Bool {
        state.withLock { $0.topicID == id && $0.description.shards.count == partitionCount }
    }

    /// What a request that sends records must know of the stream.
    struct PutLimits: Sendable {
        var maxRecordBytes: Int
        var isEncrypted: Bool
        /// Records without a partition key are spread over the shards.
        var distributes: Bool
    }

    var putLimits: PutLimits {
        state.withLock { state in
            PutLimits(
                maxRecordBytes: Int(state.description.maxRecordKiB) << 10,
                isEncrypted: state.description.encryptionKey != nil,
                distributes: state.description.recordDistribution == "AUTO")
        }
    }

    /// Begins a request that sends records; nil while the stream is deleted.
    ///
    /// `leave()` of the routing ends it.
    func enter() -> ShardRouting? {
        state.withLock { state in
            guard !state.isDeleting else { return nil }
            state.routing.enter()
            return state.routing
        }
    }

    var isDeleted: Bool { state.withLock { $0.isDeleting } }

    /// Whether a shard was closed and everything sent to it is readable.
    func isFinished(_ shard: ShardID) -> Bool {
        state.withLock { state in
            state.description.shard(shard)?.isOpen == false && !state.closing.contains(shard)
        }
    }

    /// How long a change waits for requests under way; they take no longer than the disk does.
    private static let drainTimeout = Duration.seconds(30)

    /// Puts another description in place; waits for requests to shards that it closes.
    func replace(_ description: StreamDescription) {
        let (old, closing) = state.withLock { state -> (ShardRouting?, Set<ShardID>) in
            let closed = description.shards.filter { shard in
                !shard.isOpen && state.description.shard(shard.id)?.isOpen == true
            }
            let isRerouted = state.description.shards != description.shards
            let old = isRerouted ? state.routing : nil
            if isRerouted { state.routing = ShardRouting(description) }
            state.description = description
            state.closing.formUnion(closed.map(\.id))
            return (old, Set(closed.map(\.id)))
        }
        guard let old, !closing.isEmpty else { return }
        // Should it take longer, readers find what comes late: see `isFinished`.
        if old.drain(timeout: Self.drainTimeout) { state.withLock { $0.closing.subtract(closing) } }
    }

    /// Refuses further requests, and waits for those under way.
    func beginDeletion() {
        let routing = state.withLock { state in
            state.isDeleting = true
            return state.routing
        }
        _ = routing.drain(timeout: Self.drainTimeout)
    }

    /// Takes requests again, after a deletion that failed.
    func cancelDeletion() {
        state.withLock { $0.isDeleting = false }
    }
}
