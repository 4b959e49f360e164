import StreamModel

// ListShards, SplitShard, MergeShards, UpdateShardCount.
// Unlike Kinesis: ListShards takes NextToken together with the name of its stream.
extension StreamActions {
    private static let shardsListed: Int64 = 1000

    /// The shard that a request names; it need not exist.
    func shardID(_ text: String, in stream: KinesisStream) throws(KinesisError) -> ShardID {
        guard let id = ShardID(text) else { throw shardNotFound(text, in: stream) }
        return id
    }

    func shardNotFound(_ text: String, in stream: KinesisStream) -> KinesisError {
        KinesisError(
            .resourceNotFound,
            "Shard \(text) in stream \(stream.address.name) under account \(settings.accountID) does not exist"
        )
    }

    // MARK: Listing

    func listShards(_ input: Input, _ scope: Scope) throws(KinesisError) -> OutputValue {
        let listing = try listing(input, scope)
        let shards = listing.stream.description.visibleShards(at: scope.now)
            .filter { shard in listing.last.map { shard.id > $0 } ?? true }
            .filter { listing.filter.holds($0, listing.stream.description) }
        let limit = Int(input.integer("MaxResults") ?? Self.shardsListed)
        var members: [(String, OutputValue)] = [("Shards", .list(shards.prefix(limit).map(\.output)))]
        if shards.count > limit, let last = shards.prefix(limit).last {
            let address = listing.stream.address
            let token = NextToken(
                region: address.region, stream: address.name, last: last.id.description,
                filter: listing.filter.text, issued: scope.now)
            members.append(("NextToken", .string(token.text(tokens))))
        }
        return .object(members)
    }

    private struct Listing {
        var stream: KinesisStream
        var last: ShardID?
        var filter: ShardFilter
    }

    private func listing(_ input: Input, _ scope: Scope) throws(KinesisError) -> Listing {
        guard let text = input.string("NextToken") else {
            let stream = try stream(input, scope)
            try checkCreation(input, stream)
            var last: ShardID?
            if let text = input.string("ExclusiveStartShardId") { last = try shardID(text, in: stream) }
            return Listing(stream: stream, last: last, filter: try ShardFilter(input, stream, scope.now))
        }
        let token = try NextToken(text, tokens, now: scope.now)
        let stream = try stream(named: token.stream, token.region)
        guard input.string("StreamName").map({ $0 == token.stream }) ?? true,
            input["ExclusiveStartShardId"] == nil, input["StreamCreationTimestamp"] == nil
        else {
            throw KinesisError(
                .invalidArgument, "NextToken and StreamName cannot be provided together.")
        }
        return Listing(stream: stream, last: ShardID(token.last), filter: ShardFilter(text: token.filter))
    }

    /// A stream may be named by the time of its creation too, to tell it from an earlier one of its name.
    func checkCreation(_ input: Input, _ stream: KinesisStream) throws(KinesisError) {
        guard let created = input.time("StreamCreationTimestamp"),
            created / 1000 != stream.description.created / 1000
        else { return }
        throw notFound(stream.address.name)
    }

    // MARK: Changing

    func splitShard(_ input: Input, _ scope: Scope) throws(KinesisError) {
        let stream = try provisionedStream(input, scope)
        let text = input.string("ShardToSplit") ?? ""
        let shard = try shardToChange(text, stream)
        guard let key = HashKey(input.string("NewStartingHashKey") ?? "") else {
            throw KinesisError(.invalidArgument, "NewStartingHashKey is not below 2^128.")
        }
        try checkShardLimit(adding: 1, scope)
        try reshard(stream, shard, key) { (description) throws(StreamDescription.ReshardingFault) in
            try description.split(shard.id, at: key, now: scope.now)
        }
    }

    func mergeShards(_ input: Input, _ scope: Scope) throws(KinesisError) {
        let stream = try provisionedStream(input, scope)
        let first = try shardToChange(input.string("ShardToMerge") ?? "", stream)
        let second = try shardToChange(input.string("AdjacentShardToMerge") ?? "", stream)
        try reshard(stream, first, second: second) {
            (description) throws(StreamDescription.ReshardingFault) in
            try description.merge(first.id, with: second.id, now: scope.now)
        }
    }

    func updateShardCount(_ input: Input, _ scope: Scope) throws(KinesisError) -> OutputValue {
        let stream = try provisionedStream(input, scope)
        let target = Int(input.integer("TargetShardCount") ?? 0)
        let current = stream.description.shards.filter(\.isRoutable).count
        guard target <= current * 2 else {
            throw KinesisError(
                .invalidArgument,
                "UpdateShardCount cannot scale up over double your current open shard count. Current open shard "
                    + "count: \(current) Target shard count: \(target)")
        }
        try checkShardLimit(adding: max(0, target - current), scope)
        if let first = stream.description.shards.first {
            try reshard(stream, first) { (description) throws(StreamDescription.ReshardingFault) in
                try description.scale(to: target, now: scope.now)
            }
        }
        return .object([
            ("StreamName", .string(stream.address.name)), ("StreamARN", .string(arn(of: stream))),
            ("CurrentShardCount", .integer(Int64(current))), ("TargetShardCount", .integer(Int64(target))),
        ])
    }

    private func provisionedStream(_ input: Input, _ scope: Scope) throws(KinesisError) -> KinesisStream {
        let stream = try stream(input, scope)
        guard stream.description.mode == .provisioned else {
            throw KinesisError(
                .validation,
                "Request is invalid. Stream \(stream.address.name) under account \(settings.accountID) is in "
                    + "On-Demand mode.")
        }
        return stream
    }

    private func shardToChange(
        _ text: String, _ stream: KinesisStream
    ) throws(KinesisError) -> ShardDescription {
        guard let id = ShardID(text), let shard = stream.description.shard(id) else {
            throw KinesisError(
                .resourceNotFound,
                "Could not find shard \(text) in stream \(stream.address.name) under account \(settings.accountID)."
            )
        }
        return shard
    }

    private func reshard(
        _ stream: KinesisStream, _ shard: ShardDescription, _ key: HashKey? = nil,
        second: ShardDescription? = nil,
        _ change: (inout StreamDescription) throws(StreamDescription.ReshardingFault) -> Void
    ) throws(KinesisError) {
        let place = "stream \(stream.address.name) under account \(settings.accountID)"
        try registry.update(stream) { (description) throws(KinesisError) in
            do throws(StreamDescription.ReshardingFault) {
                try change(&description)
            } catch {
                switch error {
                case .notOpen(let id):
                    throw KinesisError(
                        .invalidArgument,
                        "Shard \(id) in \(place) has already been merged or split, and thus is not eligible for "
                            + "merging or splitting.")
                case .hashKeyOutOfRange:
                    let end = shard.range.end.rawValue
                    throw KinesisError(
                        .invalidArgument,
                        "NewStartingHashKey \(key?.description ?? "") used in SplitShard() on shard \(shard.id) in "
                            + "\(place) is not both greater than one plus the shard's StartingHashKey "
                            + "\(shard.range.start) and less than the shard's EndingHashKey "
                            + "\(HashKey(end == 0 ? 0 : end - 1)).")
                case .notAdjacent:
                    throw KinesisError(
                        .invalidArgument,
                        "Shards \(shard.id) and \(second?.id.description ?? "") in \(place) are not an adjacent pair "
                            + "of shards eligible for merging")
                }
            }
        }
    }
}
