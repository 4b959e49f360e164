import StreamModel
import Synchronization

/// Which shard takes which hash key, at one state of a stream; and how many requests are under way by it.
///
/// A stream that is split or merged gets a new routing; the old one is waited for, so that a closed shard is known to
/// get no more records.
final class ShardRouting: Sendable {
    private let starts: [UInt128]
    private let shards: [ShardID]
    /// By the number of the shard, for sequence numbers; closed shards too.
    private let seconds: [Int64]
    private let turn = Atomic<UInt>(0)
    /// How many requests are under way.
    private let requests = ThreadSignal(0)

    init(_ description: StreamDescription) {
        let open = description.shards.filter(\.isRoutable).sorted { $0.range.start < $1.range.start }
        starts = open.map(\.range.start.rawValue)
        shards = open.map(\.id)
        seconds = description.shards.map(\.second)
    }

    /// Nil if no shard takes records.
    func shard(for key: HashKey) -> ShardID? {
        guard shards.count > 1 else { return shards.first }
        var low = 0
        var high = starts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= key.rawValue { low = middle } else { high = middle }
        }
        return shards[low]
    }

    /// The shard of a partition key; one shard takes them all without a look.
    func shard(for partitionKey: UnsafeRawBufferPointer) -> ShardID? {
        shards.count > 1 ? shard(for: HashKey(ofPartitionKey: partitionKey)) : shards.first
    }

    /// The shards in turn.
    func nextShard() -> ShardID? {
        guard !shards.isEmpty else { return nil }
        return shards[Int(turn.add(1, ordering: .relaxed).oldValue % UInt(shards.count))]
    }

    func number(of shard: ShardID, offset: Int64) -> SequenceNumber {
        SequenceNumber(
            shardSecond: seconds.indices.contains(shard.place) ? seconds[shard.place] : 0, shard: shard,
            offset: offset)
    }

    /// A request begins that goes by this routing.
    func enter() { requests.withLock { $0 += 1 } }

    /// Its records are durable, or it has failed.
    func leave() {
        requests.withLock(wakes: true) { $0 -= 1 }
    }

    /// Waits until no request is under way; false if that takes longer.
    func drain(timeout: Duration) -> Bool {
        requests.wait(timeout: timeout) { $0 == 0 ? true : nil } ?? false
    }
}
