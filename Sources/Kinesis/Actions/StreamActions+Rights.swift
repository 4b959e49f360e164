import StreamModel

// Who may do what with a stream: what they may do with its topic.
extension StreamActions {
    /// Refuses what the sender of a request may not do; nothing blocks.
    func checkRights(_ request: KinesisRequest, _ input: Input) throws(KinesisError) {
        guard let allows = request.allows else { return }
        guard let resource = try resource(of: input, request.region),
            allows(request.action.operation, resource)
        else { throw denial(of: request.action) }
    }

    func denial(of action: KinesisAction) -> KinesisError {
        KinesisError(.accessDenied, "The client is not authorized to perform: kinesis:\(action.rawValue)")
    }

    /// The topic that the input names in whatever way, or the cluster if it names none; nil if what it names cannot be
    /// a stream, or only the stream itself could tell.
    private func resource(of input: Input, _ region: String) throws(KinesisError) -> AccessResource? {
        if let text = input.string("ShardIterator") {
            // One that cannot be read is refused where it is used.
            guard let iterator = ShardIterator(text, tokens) else { return .cluster }
            return topic(iterator.region, iterator.stream)
        }
        let names = ["StreamARN", "ConsumerARN", "ResourceARN"].compactMap { input.string($0) }
        let topics = names.map { text in ResourceName(text).flatMap { topic($0.region, $0.stream) } }
        let named = input.string("StreamName").map { topic(region, $0) }
        let all = topics + (named.map { [$0] } ?? [])
        guard let first = all.first else { return input.string("StreamId") == nil ? .cluster : nil }
        // Two that differ are refused where they are used; until then nobody has a right to both.
        return all.allSatisfy { $0 == first } ? first : nil
    }

    private func topic(_ region: String, _ name: String) -> AccessResource? {
        StreamAddress(region: region, name: name, defaultRegion: settings.region)
            .map { .topic($0.topic.rawValue) }
    }
}

extension KinesisAction {
    /// What its sender must be allowed to do with the topic.
    var operation: AccessOperation {
        switch self {
        case .putRecord, .putRecords: .write
        case .getRecords, .getShardIterator, .subscribeToShard: .read
        case .createStream: .create
        case .deleteStream: .delete
        case .describeAccountSettings, .describeLimits, .describeStream, .describeStreamConsumer,
            .describeStreamSummary, .getResourcePolicy, .listShards, .listStreamConsumers, .listStreams,
            .listTagsForResource, .listTagsForStream:
            .describe
        default: .alter
        }
    }
}
