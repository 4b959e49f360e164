// GetShardIterator, GetRecords.
extension StreamActions {
    /// Most of one answer, as Kinesis has it.
    private static let maxRecordsInOneAnswer: Int64 = 10_000
    private static let maxBytesInOneAnswer = 10 << 20

    func getShardIterator(_ input: Input, _ scope: Scope) throws(KinesisError) -> OutputValue {
        let stream = try stream(input, scope)
        let text = input.string("ShardId") ?? ""
        let shard = try shard(text, of: stream)
        let position = StartingPosition(
            type: input.string("ShardIteratorType") ?? "",
            sequenceNumber: input.string("StartingSequenceNumber"), timestamp: input.time("Timestamp"))
        let offset = try position.offset(
            in: stream, shard, action: "GetShardIterator", reader: reader, topics: registry.topics,
            accountID: settings.accountID, now: scope.now)
        if input.bool("DryRun") == true { throw RecordPutting.dryRun }
        return .object([("ShardIterator", .string(iterator(stream, shard.id, offset, scope)))])
    }

    func shard(_ text: String, of stream: KinesisStream) throws(KinesisError) -> ShardDescription {
        guard let shard = stream.description.shard(try shardID(text, in: stream)) else {
            throw shardNotFound(text, in: stream)
        }
        return shard
    }

    private func iterator(_ stream: KinesisStream, _ shard: ShardID, _ offset: Int64, _ scope: Scope)
        -> String
    {
        ShardIterator(
            region: stream.address.region, stream: stream.address.name,
            streamCreated: stream.description.created, shard: shard, offset: offset, issued: scope.now
        ).text(tokens)
    }

    func getRecords(_ input: Input, _ scope: Scope) throws(KinesisError) -> OutputValue {
        guard let iterator = ShardIterator(input.string("ShardIterator") ?? "", tokens) else {
            throw KinesisError(.invalidArgument, "Invalid ShardIterator.")
        }
        try iterator.checkAge(now: scope.now)
        let stream = try stream(named: iterator.stream, iterator.region)
        guard let shard = stream.description.shard(iterator.shard),
            stream.description.created == iterator.streamCreated
        else { throw notFound(iterator.stream) }
        if let arn = input.string("StreamARN"), arn != self.arn(of: stream) {
            throw KinesisError(.invalidArgument, "The ShardIterator is not one of the stream \(arn).")
        }
        if input.bool("DryRun") == true { throw RecordPutting.dryRun }
        let page = try ShardReading(reader: reader).page(
            of: stream, shard, from: iterator.offset,
            limits: .init(
                records: Int(input.integer("Limit") ?? Self.maxRecordsInOneAnswer),
                bytes: Self.maxBytesInOneAnswer))
        var members: [(String, OutputValue)] = [("Records", .list(page.records))]
        if page.isFinished {
            members.append(("ChildShards", stream.description.children(of: shard.id)))
        } else {
            members.append(("NextShardIterator", .string(self.iterator(stream, shard.id, page.next, scope))))
        }
        members.append(("MillisBehindLatest", .integer(page.millisecondsBehind(now: scope.now))))
        return .object(members)
    }
}
