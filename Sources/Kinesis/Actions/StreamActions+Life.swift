import StreamModel

// CreateStream, DeleteStream.
// Unlike Kinesis: a stream is ACTIVE when CreateStream answers, and gone when DeleteStream does.
extension StreamActions {
    func createStream(_ input: Input, _ scope: Scope) throws(KinesisError) {
        let name = input.string("StreamName") ?? ""
        let mode = Self.mode(input) ?? .provisioned
        let shards = try shardCount(input, mode)
        guard let address = StreamAddress(region: scope.region, name: name, defaultRegion: settings.region)
        else {
            throw KinesisError(
                .invalidArgument,
                "A stream cannot be called \(name): the name is . or .., or begins with that of another region."
            )
        }
        guard try registry.find(address) == nil else {
            throw KinesisError(
                .resourceInUse, "Stream \(name) under account \(settings.accountID) already exists.")
        }
        try checkShardLimit(adding: shards, scope)
        let maxRecordKiB = input.integer("MaxRecordSizeInKiB") ?? StreamDescription.defaultMaxRecordKiB
        let tags = input.map("Tags") ?? [:]
        try Self.checkTags(tags)
        let limits = StreamTopicLimits(
            retentionMilliseconds: StreamDescription.defaultRetentionHours * 3_600_000,
            maxRecordBytes: Int(maxRecordKiB) << 10)
        try registry.create(address, shards: shards, limits: limits) { description in
            description.mode = mode
            description.tags = tags
            description.maxRecordKiB = maxRecordKiB
            description.warmThroughputMiBps = input.integer("WarmThroughputMiBps")
            description.recordDistribution = input.string("RecordDistributionStrategy")
        }
    }

    static func mode(_ input: Input) -> StreamDescription.Mode? {
        input.structure("StreamModeDetails")?.string("StreamMode")
            .flatMap { StreamDescription.Mode(rawValue: $0) }
    }

    private func shardCount(_ input: Input, _ mode: StreamDescription.Mode) throws(KinesisError) -> Int {
        guard mode == .provisioned else {
            guard input.integer("ShardCount") == nil else {
                throw KinesisError(
                    .invalidArgument, "ShardCount can not be specified for a stream in On-Demand mode.")
            }
            return StreamDescription.onDemandShardCount
        }
        guard let count = input.integer("ShardCount") else {
            throw KinesisError(
                .validation,
                "1 validation error detected: Value null at 'shardCount' failed to satisfy constraint: Member must "
                    + "not be null")
        }
        return Int(count)
    }

    /// - Throws: `.limitExceeded` if a region would have too many open shards.
    func checkShardLimit(adding count: Int, _ scope: Scope) throws(KinesisError) {
        let open = try openShardCount(scope.region)
        guard open + count > settings.maxShards else { return }
        throw KinesisError(
            .limitExceeded,
            "This request would exceed the shard limit for the account \(settings.accountID) in \(scope.region). "
                + "Current shard count for the account: \(open). Limit: \(settings.maxShards). Number of additional "
                + "shards that would have resulted from this request: \(count). Refer to kinesis.max.shards for the "
                + "current limit and how to change it.")
    }

    func openShardCount(_ region: String) throws(KinesisError) -> Int {
        try registry.all(in: region).reduce(0) { $0 + $1.description.openShards.count }
    }

    func deleteStream(_ input: Input, _ scope: Scope) throws(KinesisError) {
        let stream = try stream(input, scope)
        guard stream.description.consumers.isEmpty || input.bool("EnforceConsumerDeletion") == true else {
            throw KinesisError(
                .resourceInUse,
                "Stream \(stream.address.name) under account \(settings.accountID) has registered consumers. "
                    + "Deregister them first, or set EnforceConsumerDeletion.")
        }
        try registry.delete(stream)
    }
}
