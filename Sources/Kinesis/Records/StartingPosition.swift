import StreamModel

/// Where in a shard a client begins to read: the words of GetShardIterator and SubscribeToShard.
struct StartingPosition: Sendable {
    var type: String
    var sequenceNumber: String?
    /// Milliseconds since 1970.
    var timestamp: Int64?

    /// How much later than now a time may be: clocks differ.
    private static let clockToleranceMilliseconds: Int64 = 10_000

    /// The offset to begin at; blocks on the disk.
    func offset(
        in stream: KinesisStream, _ shard: ShardDescription, action: String, reader: any RecordReader,
        topics: any StreamTopics, accountID: String, now: Int64
    ) throws(KinesisError) -> Int64 {
        let partition = TopicPartition(stream.address.topic, shard.id.partition)
        switch type {
        case "TRIM_HORIZON": return 0
        case "LATEST": return try Self.end(of: partition, reader)
        case "AT_TIMESTAMP": return try offsetOfTime(partition, reader, topics, now)
        default:
            let after = type == "AFTER_SEQUENCE_NUMBER"
            return try offsetOfNumber(stream, shard, action, accountID, isAfter: after)
        }
    }

    private static func end(
        of partition: TopicPartition, _ reader: any RecordReader
    ) throws(KinesisError) -> Int64 {
        do {
            return try reader.range(of: partition).end.rawValue
        } catch {
            throw KinesisError(.internalFailure, "\(error)")
        }
    }

    private func offsetOfTime(
        _ partition: TopicPartition, _ reader: any RecordReader, _ topics: any StreamTopics, _ now: Int64
    ) throws(KinesisError) -> Int64 {
        guard let timestamp else {
            throw KinesisError(
                .invalidArgument,
                "Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP.")
        }
        guard timestamp <= now + Self.clockToleranceMilliseconds else {
            throw KinesisError(
                .invalidArgument,
                "The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. "
                    + "timestampInMillis: \(timestamp), currentTimestampInMillis: \(now)")
        }
        let end = try Self.end(of: partition, reader)
        do throws(StreamTopicError) {
            return try topics.firstOffset(of: partition, atOrAfter: timestamp)?.rawValue ?? end
        } catch {
            throw KinesisError(.internalFailure, error.message)
        }
    }

    private func offsetOfNumber(
        _ stream: KinesisStream, _ shard: ShardDescription, _ action: String, _ accountID: String,
        isAfter: Bool
    ) throws(KinesisError) -> Int64 {
        guard let text = sequenceNumber else {
            throw KinesisError(
                .invalidArgument,
                "Must either specify (1) AT_SEQUENCE_NUMBER/AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or "
                    + "(2) TRIM_HORIZON or LATEST and no StartingSequenceNumber. Request specified \(type) and no "
                    + "StartingSequenceNumber.")
        }
        // The number before all numbers, as Kinesis takes it.
        if text == "0" { return 0 }
        guard let number = SequenceNumber(text), number.shard == shard.id, number.shardSecond == shard.second
        else {
            throw KinesisError(
                .invalidArgument,
                "StartingSequenceNumber \(text) used in \(action) on shard \(shard.id) in stream "
                    + "\(stream.address.name) under account \(accountID) is invalid because it did not come from this "
                    + "stream.")
        }
        guard number.position > 0 else { return 0 }
        return isAfter || number.position == .max ? number.position : number.position - 1
    }
}
