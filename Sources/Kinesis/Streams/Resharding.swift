/// How the shards of a stream change: split, merged, brought to a number. Decides only; nothing is stored here.
extension StreamDescription {
    /// Why shards cannot be changed as asked.
    enum ReshardingFault: Error, Equatable {
        case notOpen(ShardID)
        case hashKeyOutOfRange
        case notAdjacent
    }

    /// Divides a shard in two; the second child begins at the key, which lies within Kinesis's own margins.
    mutating func split(_ id: ShardID, at key: HashKey, now: Int64) throws(ReshardingFault) {
        guard let parent = shard(id), parent.isRoutable else { throw .notOpen(id) }
        let range = parent.range
        guard range.start < .max, key.rawValue > range.start.rawValue + 1, key < range.end else {
            throw .hashKeyOutOfRange
        }
        close([id], now: now)
        addShard(HashKeyRange(range.start, HashKey(key.rawValue - 1)), parents: [parent], now: now)
        addShard(HashKeyRange(key, range.end), parents: [parent], now: now)
    }

    /// Makes one shard of two neighbours, in either order.
    mutating func merge(_ id: ShardID, with adjacent: ShardID, now: Int64) throws(ReshardingFault) {
        guard let first = shard(id), first.isRoutable else { throw .notOpen(id) }
        guard let second = shard(adjacent), second.isRoutable else { throw .notOpen(adjacent) }
        let range: HashKeyRange
        if first.range.isFollowed(by: second.range) {
            range = HashKeyRange(first.range.start, second.range.end)
        } else if second.range.isFollowed(by: first.range) {
            range = HashKeyRange(second.range.start, first.range.end)
        } else {
            throw .notAdjacent
        }
        close([id, adjacent], now: now)
        addShard(range, parents: [first, second], now: now)
    }

    /// Splits and merges until the stream has so many open shards.
    ///
    /// As Kinesis is seen to do it: to grow, every open shard is halved; then neighbours are merged in pairs, from
    /// the lowest hash key on, until the number is reached.
    mutating func scale(to target: Int, now: Int64) throws(ReshardingFault) {
        var open = routable
        if open.count < target {
            for shard in open { try split(shard.id, at: shard.range.middle, now: now) }
            open = routable
        }
        while open.count > target {
            for pair in stride(from: 0, to: open.count - 1, by: 2).prefix(open.count - target) {
                try merge(open[pair].id, with: open[pair + 1].id, now: now)
            }
            open = routable
        }
    }

    /// The shards that take records, by hash key.
    private var routable: [ShardDescription] {
        shards.filter(\.isRoutable).sorted { $0.range.start < $1.range.start }
    }

    /// Adds shards for partitions that were added to the topic by other means.
    mutating func addForeignShards(partitionCount: Int, now: Int64) {
        while shards.count < partitionCount {
            shards.append(
                ShardDescription(
                    ShardID(place: shards.count), range: HashKeyRange(HashKey(0), HashKey(0)),
                    second: now / 1000, created: now, isForeign: true))
        }
    }

    private mutating func close(_ ids: [ShardID], now: Int64) {
        for id in ids { shards[id.place].closed = now }
    }

    private mutating func addShard(_ range: HashKeyRange, parents: [ShardDescription], now: Int64) {
        // A later second than the parents': a child's sequence numbers are greater than theirs.
        let second = parents.map { $0.second + 1 }.reduce(now / 1000, max)
        shards.append(
            ShardDescription(
                ShardID(place: shards.count), range: range, second: second, created: now,
                parent: parents.first?.id, adjacentParent: parents.count > 1 ? parents[1].id : nil))
    }
}
