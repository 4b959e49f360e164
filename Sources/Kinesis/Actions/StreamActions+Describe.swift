import StreamModel

// DescribeStream, DescribeStreamSummary, ListStreams, DescribeLimits.
extension StreamActions {
    /// Most streams in one answer, and where nothing is asked, as Kinesis has it.
    private static let streamsInOneAnswer = 100
    private static let shardsInOneAnswer: Int64 = 100
    private static let onDemandStreamLimit: Int64 = 50

    func describeStream(_ input: Input, _ scope: Scope) throws(KinesisError) -> OutputValue {
        let stream = try stream(input, scope)
        let description = stream.description
        var shards = description.visibleShards(at: scope.now)
        if let text = input.string("ExclusiveStartShardId") {
            let last = try shardID(text, in: stream)
            shards = shards.filter { $0.id > last }
        }
        let limit = Int(min(input.integer("Limit") ?? Self.shardsInOneAnswer, 10_000))
        var members = summary(stream, description)
        members += [
            ("Shards", .list(shards.prefix(limit).map(\.output))),
            ("HasMoreShards", .bool(shards.count > limit)),
        ]
        return .object([("StreamDescription", .object(members))])
    }

    func describeStreamSummary(_ input: Input, _ scope: Scope) throws(KinesisError) -> OutputValue {
        let stream = try stream(input, scope)
        let description = stream.description
        var members = summary(stream, description)
        members += [
            ("OpenShardCount", .integer(Int64(description.openShards.count))),
            ("ConsumerCount", .integer(Int64(description.consumers.count))),
            ("StreamId", .string(id(of: stream))),
            ("MaxRecordSizeInKiB", .integer(description.maxRecordKiB)),
        ]
        if let throughput = description.warmThroughputMiBps {
            members.append(("WarmThroughput", Self.warmThroughput(throughput)))
        }
        if let strategy = description.recordDistribution {
            members.append(("RecordDistributionStrategy", .string(strategy)))
        }
        return .object([("StreamDescriptionSummary", .object(members))])
    }

    /// What both descriptions have.
    private func summary(
        _ stream: KinesisStream, _ description: StreamDescription
    ) -> [(String, OutputValue)] {
        var members: [(String, OutputValue)] = [
            ("StreamName", .string(stream.address.name)), ("StreamARN", .string(arn(of: stream))),
            ("StreamStatus", .string("ACTIVE")), ("StreamModeDetails", description.mode.output),
            ("RetentionPeriodHours", .integer(description.retentionHours)),
            ("StreamCreationTimestamp", .time(description.created)),
            (
                "EnhancedMonitoring",
                .list([
                    .object([("ShardLevelMetrics", .list(description.shardLevelMetrics.map { .string($0) }))])
                ])
            ),
            ("EncryptionType", .string(description.encryptionKey == nil ? "NONE" : "KMS")),
        ]
        if let key = description.encryptionKey { members.append(("KeyId", .string(key))) }
        return members
    }

    func listStreams(_ input: Input, _ scope: Scope) throws(KinesisError) -> OutputValue {
        var streams = try registry.all(in: scope.region)
        var last = input.string("ExclusiveStartStreamName")
        if let text = input.string("NextToken") {
            last = try NextToken(text, tokens, now: scope.now).last
        }
        if let last { streams = streams.filter { $0.address.name > last } }
        let limit = min(Int(input.integer("Limit") ?? .max), Self.streamsInOneAnswer)
        let listed = streams.prefix(limit)
        let hasMore = streams.count > listed.count
        var members: [(String, OutputValue)] = [
            ("StreamNames", .list(listed.map { .string($0.address.name) })),
            ("HasMoreStreams", .bool(hasMore)),
            ("StreamSummaries", .list(listed.map(listing))),
        ]
        if hasMore, let last = listed.last {
            let token = NextToken(
                region: scope.region, stream: "", last: last.address.name, issued: scope.now)
            members.append(("NextToken", .string(token.text(tokens))))
        }
        return .object(members)
    }

    private func listing(_ stream: KinesisStream) -> OutputValue {
        let description = stream.description
        return .object([
            ("StreamName", .string(stream.address.name)), ("StreamARN", .string(arn(of: stream))),
            ("StreamStatus", .string("ACTIVE")), ("StreamModeDetails", description.mode.output),
            ("StreamCreationTimestamp", .time(description.created)),
        ])
    }

    func describeLimits(_ scope: Scope) throws(KinesisError) -> OutputValue {
        let streams = try registry.all(in: scope.region)
        let onDemand = streams.filter { $0.description.mode == .onDemand }.count
        return .object([
            ("ShardLimit", .integer(Int64(settings.maxShards))),
            ("OpenShardCount", .integer(Int64(try openShardCount(scope.region)))),
            ("OnDemandStreamCount", .integer(Int64(onDemand))),
            ("OnDemandStreamCountLimit", .integer(Self.onDemandStreamLimit)),
        ])
    }

    static func warmThroughput(_ value: Int64) -> OutputValue {
        .object([("TargetMiBps", .integer(value)), ("CurrentMiBps", .integer(value))])
    }
}

extension StreamDescription.Mode {
    var output: OutputValue { .object([("StreamMode", .string(rawValue))]) }
}

extension ShardDescription {
    var output: OutputValue {
        var members: [(String, OutputValue)] = [("ShardId", .string(id.description))]
        if let parent {
            members.append(("ParentShardId", .string(ShardID(PartitionIndex(parent)).description)))
        }
        if let adjacentParent {
            members.append(
                ("AdjacentParentShardId", .string(ShardID(PartitionIndex(adjacentParent)).description)))
        }
        var numbers: [(String, OutputValue)] = [("StartingSequenceNumber", .sequenceNumber(startingNumber))]
        if let endingNumber { numbers.append(("EndingSequenceNumber", .sequenceNumber(endingNumber))) }
        return .object(members + [("HashKeyRange", range.output), ("SequenceNumberRange", .object(numbers))])
    }
}

extension HashKeyRange {
    var output: OutputValue {
        .object([
            ("StartingHashKey", .string(start.description)), ("EndingHashKey", .string(end.description)),
        ])
    }
}
