/// Shapes that several actions use.
extension Shape {
    static let text = Shape.string(TextConstraints())
    static let streamName = Shape.string(TextConstraints(.name, count: 1...128))
    static let streamARN = Shape.string(TextConstraints(.streamARN, count: 1...2048))
    static let streamID = Shape.string(TextConstraints(.streamID, count: 1...24))
    static let consumerARN = Shape.string(TextConstraints(.consumerARN, count: 1...2048))
    static let consumerName = Shape.string(TextConstraints(.name, count: 1...128))
    static let resourceARN = Shape.string(TextConstraints(.resourceARN, count: 1...2048))
    static let shardID = Shape.string(TextConstraints(.name, count: 1...128))
    static let hashKey = Shape.string(TextConstraints(.hashKey))
    static let sequenceNumber = Shape.string(TextConstraints(.sequenceNumber))
    static let partitionKey = Shape.string(TextConstraints(count: 1...256))
    static let data = Shape.blob(maxCount: 10 << 20)
    static let iterator = Shape.string(TextConstraints(count: 1...512))
    static let nextToken = Shape.string(TextConstraints(count: 1...1_048_576))
    static let keyID = Shape.string(TextConstraints(count: 1...2048))
    static let natural = Shape.integer(0...Int64(Int32.max))
    static let positive = Shape.integer(1...Int64(Int32.max))
    static let pageLimit = Shape.integer(1...10_000)
    static let hours = Shape.integer(Int64(Int32.min)...Int64(Int32.max))
    static let maxRecordKiB = Shape.integer(1024...10_240)
    static let tagMap = Shape.map(
        key: TextConstraints(count: 1...128), value: TextConstraints(count: 0...256), count: 1...200)
    static let tagKeys = Shape.list(.string(TextConstraints(count: 1...128)), count: 1...50)
    static let encryptionType = words("KMS", "NONE")
    static let scalingType = words("UNIFORM_SCALING")
    static let recordDistribution = words("AUTO", "USER_PARTITION_KEY")
    static let iteratorType = words(
        "AFTER_SEQUENCE_NUMBER", "LATEST", "AT_TIMESTAMP", "AT_SEQUENCE_NUMBER", "TRIM_HORIZON")
    static let shardLevelMetrics = Shape.list(
        words(
            "IteratorAgeMilliseconds", "IncomingRecords", "ALL", "OutgoingRecords",
            "ReadProvisionedThroughputExceeded", "IncomingBytes", "WriteProvisionedThroughputExceeded",
            "OutgoingBytes"),
        count: 1...7)
    static let streamMode = Shape.structure([
        Member("StreamMode", words("PROVISIONED", "ON_DEMAND"), isRequired: true)
    ])
    static let shardFilter = Shape.structure([
        Member(
            "Type",
            words(
                "AT_TRIM_HORIZON", "AT_LATEST", "FROM_TRIM_HORIZON", "AT_TIMESTAMP", "FROM_TIMESTAMP",
                "AFTER_SHARD_ID"),
            isRequired: true),
        Member("ShardId", shardID), Member("Timestamp", .time),
    ])
    static let startingPosition = Shape.structure([
        Member("Type", iteratorType, isRequired: true), Member("SequenceNumber", sequenceNumber),
        Member("Timestamp", .time),
    ])

    static func words(_ words: String...) -> Shape { .string(TextConstraints(words: words)) }
}

extension Shape.Member {
    init(_ name: String, _ shape: Shape, isRequired: Bool = false) {
        self.init(name: name, shape: shape, isRequired: isRequired)
    }

    /// By what a stream is named.
    static let stream = [
        Shape.Member("StreamName", .streamName), Shape.Member("StreamARN", .streamARN),
        Shape.Member("StreamId", .streamID),
    ]
    static let dryRun = Shape.Member("DryRun", .boolean)
}
