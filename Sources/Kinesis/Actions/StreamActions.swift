import StreamModel

/// The actions, but for those that carry records: each takes what was asked, checked, and returns what is answered.
///
/// Called on one queue, one after the other; may block on the disk.
struct StreamActions: Sendable {
    let registry: StreamRegistry
    let reader: any RecordReader
    let store: StreamStore
    let tokens: SealedToken
    let settings: KinesisSettings

    /// Where and when something is asked.
    struct Scope: Sendable {
        var region: String
        /// Milliseconds since 1970.
        var now: Int64
    }

    // MARK: Naming

    /// The stream that a request names.
    func stream(_ input: Input, _ scope: Scope) throws(KinesisError) -> KinesisStream {
        if let text = input.string("StreamARN") {
            let stream = try stream(arn: text)
            guard input.string("StreamName").map({ $0 == stream.address.name }) ?? true else {
                throw KinesisError(.invalidArgument, "StreamName and StreamARN name different streams.")
            }
            return stream
        }
        if let name = input.string("StreamName") { return try stream(named: name, scope.region) }
        guard let id = input.string("StreamId") else {
            throw KinesisError(.invalidArgument, "Must specify either StreamName or StreamARN.")
        }
        guard let stream = try registry.all(in: scope.region).first(where: { self.id(of: $0) == id }) else {
            throw notFound(id)
        }
        return stream
    }

    func stream(named name: String, _ region: String) throws(KinesisError) -> KinesisStream {
        guard let address = StreamAddress(region: region, name: name, defaultRegion: settings.region),
            let stream = try registry.find(address)
        else { throw notFound(name) }
        return stream
    }

    func stream(arn text: String) throws(KinesisError) -> KinesisStream {
        guard let name = ResourceName(text), name.consumer == nil else { throw notFound(text) }
        return try stream(named: name.stream, name.region)
    }

    func notFound(_ name: String) -> KinesisError {
        KinesisError(.resourceNotFound, "Stream \(name) under account \(settings.accountID) not found.")
    }

    func arn(of stream: KinesisStream) -> String { settings.arn(of: stream.address) }

    /// Made of the topic's id.
    func id(of stream: KinesisStream) -> String {
        let digits = stream.description.topicID
        return "\(digits.prefix(20))-\(digits.suffix(3))"
    }

    // MARK: Dispatch

    /// - Returns: nil for an answer without a body.
    func perform(
        _ action: KinesisAction, _ input: Input, _ scope: Scope
    ) throws(KinesisError) -> OutputValue? {
        switch action {
        case .createStream: try createStream(input, scope)
        case .deleteStream: try deleteStream(input, scope)
        case .describeStream: return try describeStream(input, scope)
        case .describeStreamSummary: return try describeStreamSummary(input, scope)
        case .listStreams: return try listStreams(input, scope)
        case .increaseStreamRetentionPeriod: try increaseRetention(input, scope)
        case .decreaseStreamRetentionPeriod: try decreaseRetention(input, scope)
        case .updateStreamMode: try updateStreamMode(input, scope)
        case .updateMaxRecordSize: try updateMaxRecordSize(input, scope)
        case .updateStreamWarmThroughput: return try updateWarmThroughput(input, scope)
        case .updateStreamRecordDistributionStrategy: try updateRecordDistribution(input, scope)
        case .startStreamEncryption: try startEncryption(input, scope)
        case .stopStreamEncryption: try stopEncryption(input, scope)
        case .enableEnhancedMonitoring: return try changeMonitoring(input, scope, isEnabling: true)
        case .disableEnhancedMonitoring: return try changeMonitoring(input, scope, isEnabling: false)
        case .listShards: return try listShards(input, scope)
        case .splitShard: try splitShard(input, scope)
        case .mergeShards: try mergeShards(input, scope)
        case .updateShardCount: return try updateShardCount(input, scope)
        default: return try performOnAccount(action, input, scope)
        }
        return nil
    }

    private func performOnAccount(
        _ action: KinesisAction, _ input: Input, _ scope: Scope
    ) throws(KinesisError) -> OutputValue? {
        switch action {
        case .describeLimits: return try describeLimits(scope)
        case .describeAccountSettings: return try describeAccountSettings()
        case .updateAccountSettings: return try updateAccountSettings(input)
        case .addTagsToStream: try addTags(input, scope)
        case .removeTagsFromStream: try removeTags(input, scope)
        case .listTagsForStream: return try listTags(input, scope)
        case .tagResource: try tagResource(input)
        case .untagResource: try untagResource(input)
        case .listTagsForResource: return try listTagsForResource(input)
        case .putResourcePolicy: try putPolicy(input)
        case .getResourcePolicy: return try getPolicy(input)
        case .deleteResourcePolicy: try deletePolicy(input)
        case .registerStreamConsumer: return try registerConsumer(input, scope)
        case .deregisterStreamConsumer: try deregisterConsumer(input)
        case .describeStreamConsumer: return try describeConsumer(input)
        case .listStreamConsumers: return try listConsumers(input, scope)
        case .getShardIterator: return try getShardIterator(input, scope)
        default: throw KinesisError(.unknownOperation)
        }
        return nil
    }
}

extension KinesisSettings {
    func arn(of address: StreamAddress) -> String {
        "arn:aws:kinesis:\(address.region):\(accountID):stream/\(address.name)"
    }
}
