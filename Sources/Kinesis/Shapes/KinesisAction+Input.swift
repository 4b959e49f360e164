extension KinesisAction {
    /// What the action takes.
    var input: Shape { Self.inputs[self] ?? .structure([]) }

    private static let inputs: [KinesisAction: Shape] = Dictionary(
        (ofStreams + ofShards + ofRecords + ofConsumers + ofResources).map { action, members in
            (action, Shape.structure(members))
        }, uniquingKeysWith: { first, _ in first })

    private typealias Inputs = [(KinesisAction, [Shape.Member])]

    private static let ofStreams: Inputs = [
        (
            .createStream,
            [
                .init("StreamName", .streamName, isRequired: true), .init("ShardCount", .positive),
                .init("StreamModeDetails", .streamMode), .init("Tags", .tagMap),
                .init("MaxRecordSizeInKiB", .maxRecordKiB), .init("WarmThroughputMiBps", .natural),
                .init("RecordDistributionStrategy", .recordDistribution),
            ]
        ),
        (.deleteStream, Shape.Member.stream + [.init("EnforceConsumerDeletion", .boolean)]),
        (
            .describeStream,
            Shape.Member.stream + [.init("Limit", .pageLimit), .init("ExclusiveStartShardId", .shardID)]
        ),
        (.describeStreamSummary, Shape.Member.stream),
        (
            .listStreams,
            [
                .init("Limit", .pageLimit), .init("ExclusiveStartStreamName", .streamName),
                .init("NextToken", .nextToken),
            ]
        ),
        (
            .increaseStreamRetentionPeriod,
            Shape.Member.stream + [.init("RetentionPeriodHours", .hours, isRequired: true)]
        ),
        (
            .decreaseStreamRetentionPeriod,
            Shape.Member.stream + [.init("RetentionPeriodHours", .hours, isRequired: true)]
        ),
        (
            .updateStreamMode,
            [
                .init("StreamARN", .streamARN, isRequired: true), .init("StreamId", .streamID),
                .init("StreamModeDetails", .streamMode, isRequired: true),
                .init("WarmThroughputMiBps", .natural),
            ]
        ),
        (
            .updateMaxRecordSize,
            Shape.Member.stream + [.init("MaxRecordSizeInKiB", .maxRecordKiB, isRequired: true)]
        ),
        (
            .updateStreamWarmThroughput,
            Shape.Member.stream + [.init("WarmThroughputMiBps", .natural, isRequired: true)]
        ),
        (
            .updateStreamRecordDistributionStrategy,
            Shape.Member.stream + [
                .init("RecordDistributionStrategy", .recordDistribution, isRequired: true)
            ]
        ),
        (
            .startStreamEncryption,
            Shape.Member.stream + [
                .init("EncryptionType", .encryptionType, isRequired: true),
                .init("KeyId", .keyID, isRequired: true),
            ]
        ),
        (
            .stopStreamEncryption,
            Shape.Member.stream + [
                .init("EncryptionType", .encryptionType, isRequired: true),
                .init("KeyId", .keyID, isRequired: true),
            ]
        ),
        (
            .enableEnhancedMonitoring,
            Shape.Member.stream + [.init("ShardLevelMetrics", .shardLevelMetrics, isRequired: true)]
        ),
        (
            .disableEnhancedMonitoring,
            Shape.Member.stream + [.init("ShardLevelMetrics", .shardLevelMetrics, isRequired: true)]
        ),
        (
            .updateAccountSettings,
            [
                .init(
                    "MinimumThroughputBillingCommitment",
                    .structure([.init("Status", .words("ENABLED", "DISABLED"), isRequired: true)]),
                    isRequired: true)
            ]
        ),
    ]

    private static let ofShards: Inputs = [
        (
            .listShards,
            Shape.Member.stream + [
                .init("NextToken", .nextToken), .init("ExclusiveStartShardId", .shardID),
                .init("MaxResults", .pageLimit), .init("StreamCreationTimestamp", .time),
                .init("ShardFilter", .shardFilter),
            ]
        ),
        (
            .splitShard,
            Shape.Member.stream + [
                .init("ShardToSplit", .shardID, isRequired: true),
                .init("NewStartingHashKey", .hashKey, isRequired: true),
            ]
        ),
        (
            .mergeShards,
            Shape.Member.stream + [
                .init("ShardToMerge", .shardID, isRequired: true),
                .init("AdjacentShardToMerge", .shardID, isRequired: true),
            ]
        ),
        (
            .updateShardCount,
            Shape.Member.stream + [
                .init("TargetShardCount", .positive, isRequired: true),
                .init("ScalingType", .scalingType, isRequired: true),
            ]
        ),
    ]

    private static let ofRecords: Inputs = [
        (
            .putRecord,
            Shape.Member.stream + [
                .init("Data", .data, isRequired: true), .init("PartitionKey", .partitionKey),
                .init("ExplicitHashKey", .hashKey), .init("SequenceNumberForOrdering", .sequenceNumber),
                .dryRun,
            ]
        ),
        (
            .putRecords,
            Shape.Member.stream + [
                .init(
                    "Records",
                    .list(
                        .structure([
                            .init("Data", .data, isRequired: true), .init("PartitionKey", .partitionKey),
                            .init("ExplicitHashKey", .hashKey),
                        ]), count: 1...500), isRequired: true),
                .dryRun,
            ]
        ),
        (
            .getShardIterator,
            Shape.Member.stream + [
                .init("ShardId", .shardID, isRequired: true),
                .init("ShardIteratorType", .iteratorType, isRequired: true),
                .init("StartingSequenceNumber", .sequenceNumber), .init("Timestamp", .time), .dryRun,
            ]
        ),
        (
            .getRecords,
            [
                .init("ShardIterator", .iterator, isRequired: true), .init("Limit", .pageLimit),
                .init("StreamARN", .streamARN), .init("StreamId", .streamID), .dryRun,
            ]
        ),
    ]

    private static let ofConsumers: Inputs = [
        (
            .registerStreamConsumer,
            [
                .init("StreamARN", .streamARN, isRequired: true), .init("StreamId", .streamID),
                .init("ConsumerName", .consumerName, isRequired: true), .init("Tags", .tagMap),
            ]
        ),
        (.deregisterStreamConsumer, consumerMembers),
        (.describeStreamConsumer, consumerMembers),
        (
            .listStreamConsumers,
            [
                .init("StreamARN", .streamARN, isRequired: true), .init("StreamId", .streamID),
                .init("NextToken", .nextToken), .init("MaxResults", .pageLimit),
                .init("StreamCreationTimestamp", .time),
            ]
        ),
        (
            .subscribeToShard,
            [
                .init("ConsumerARN", .consumerARN, isRequired: true), .init("StreamId", .streamID),
                .init("ShardId", .shardID, isRequired: true),
                .init("StartingPosition", .startingPosition, isRequired: true), .dryRun,
            ]
        ),
    ]

    private static let consumerMembers: [Shape.Member] = [
        .init("StreamARN", .streamARN), .init("ConsumerName", .consumerName),
        .init("ConsumerARN", .consumerARN), .init("StreamId", .streamID),
    ]

    private static let ofResources: Inputs = [
        (.addTagsToStream, Shape.Member.stream + [.init("Tags", .tagMap, isRequired: true)]),
        (.removeTagsFromStream, Shape.Member.stream + [.init("TagKeys", .tagKeys, isRequired: true)]),
        (
            .listTagsForStream,
            Shape.Member.stream + [
                .init("ExclusiveStartTagKey", .string(TextConstraints(count: 1...128))),
                .init("Limit", .integer(1...50)),
            ]
        ),
        (.tagResource, resource + [.init("Tags", .tagMap, isRequired: true)]),
        (.untagResource, resource + [.init("TagKeys", .tagKeys, isRequired: true)]),
        (.listTagsForResource, resource),
        (.putResourcePolicy, resource + [.init("Policy", .text, isRequired: true)]),
        (.getResourcePolicy, resource),
        (.deleteResourcePolicy, resource),
    ]

    private static let resource: [Shape.Member] = [
        .init("ResourceARN", .resourceARN, isRequired: true), .init("StreamId", .streamID),
    ]
}
