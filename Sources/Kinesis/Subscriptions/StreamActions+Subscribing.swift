// SubscribeToShard.
extension StreamActions {
    func subscribe(
        _ input: Input, _ scope: Scope, codec: KinesisCodec, hub: SubscriptionHub
    ) throws(KinesisError) -> ShardSubscription {
        let arn = input.string("ConsumerARN") ?? ""
        let (stream, _) = try consumer(arn: arn)
        let shard = try shard(input.string("ShardId") ?? "", of: stream)
        let start = input.structure("StartingPosition")
        let position = StartingPosition(
            type: start?.string("Type") ?? "", sequenceNumber: start?.string("SequenceNumber"),
            timestamp: start?.time("Timestamp"))
        let offset = try position.offset(
            in: stream, shard, action: "SubscribeToShard", reader: reader, topics: registry.topics,
            accountID: settings.accountID, now: scope.now)
        if input.bool("DryRun") == true { throw RecordPutting.dryRun }
        let subscription = ShardSubscription(
            key: .init(consumer: arn, shard: shard.id), stream: stream, shard: shard, offset: offset,
            reading: ShardReading(reader: reader), codec: codec, hub: hub, now: scope.now)
        try hub.add(subscription)
        return subscription
    }
}
