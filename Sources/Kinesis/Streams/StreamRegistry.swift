import StreamModel
import Synchronization

/// All streams: the topics of the log, with what is known of each.
///
/// Whatever changes streams is done one after the other, and may block; `current` does not.
final class StreamRegistry: Sendable {
    let topics: any StreamTopics
    let settings: KinesisSettings
    private let store: StreamStore
    private let clock: WallClock
    private let streams: Mutex<[TopicName: KinesisStream]>
    /// Held while a stream changes.
    private let changes = Mutex(())

    init(topics: any StreamTopics, store: StreamStore, settings: KinesisSettings, clock: WallClock) throws {
        self.topics = topics
        self.store = store
        self.settings = settings
        self.clock = clock
        var loaded: [TopicName: KinesisStream] = [:]
        for (topic, description) in try store.streams() {
            guard let address = StreamAddress(topic: topic, defaultRegion: settings.region) else { continue }
            loaded[topic] = Self.stream(address, description, settings)
        }
        streams = Mutex(loaded)
    }

    private static func stream(
        _ address: StreamAddress, _ description: StreamDescription, _ settings: KinesisSettings
    ) -> KinesisStream {
        KinesisStream(
            address, description, throttle: settings.shardLimitsEnabled ? ShardThrottle() : nil)
    }

    // MARK: Looking

    /// The stream as it is now; nil if it is not known, or not known as it is now: `find` looks further.
    func current(_ topic: TopicName) -> KinesisStream? {
        guard let stream = streams.withLock({ $0[topic] }), let found = topics.streamTopic(topic),
            stream.matches(found)
        else { return nil }
        return stream
    }

    /// The stream of a topic; what is not known of it yet is made up and kept.
    func find(_ address: StreamAddress) throws(KinesisError) -> KinesisStream? {
        if let stream = current(address.topic) { return stream }
        guard let topic = topics.streamTopic(address.topic) else { return nil }
        return try adopt([(address, topic)]).first
    }

    /// The streams of a region, by name.
    func all(in region: String) throws(KinesisError) -> [KinesisStream] {
        var known: [KinesisStream] = []
        var unknown: [(StreamAddress, StreamTopic)] = []
        for topic in topics.streamTopics() {
            guard let address = StreamAddress(topic: topic.name, defaultRegion: settings.region),
                address.region == region
            else { continue }
            if let stream = streams.withLock({ $0[topic.name] }), stream.matches(topic) {
                known.append(stream)
            } else {
                unknown.append((address, topic))
            }
        }
        return (known + (try adopt(unknown))).sorted { $0.address.name < $1.address.name }
    }

    /// Makes streams of topics that other clients made or enlarged.
    private func adopt(_ found: [(StreamAddress, StreamTopic)]) throws(KinesisError) -> [KinesisStream] {
        guard !found.isEmpty else { return [] }
        return try changing { () throws(KinesisError) in try adoptNow(found) }
    }

    private func adoptNow(_ found: [(StreamAddress, StreamTopic)]) throws(KinesisError) -> [KinesisStream] {
        let now = clock.milliseconds
        let adopted = found.map { address, topic -> (StreamAddress, StreamDescription) in
            var description =
                streams.withLock { $0[topic.name] }.map(\.description)
                .flatMap { $0.topicID == topic.id.description ? $0 : nil }
                ?? StreamDescription(adopting: topic, now: now)
            description.addForeignShards(partitionCount: topic.partitionCount, now: now)
            return (address, description)
        }
        try keep(adopted.map { ($0.topic, $1) })
        return adopted.map { install($0, $1) }
    }

    private func install(_ address: StreamAddress, _ description: StreamDescription) -> KinesisStream {
        let old = streams.withLock { $0[address.topic] }
        if let old, old.description.topicID == description.topicID {
            old.replace(description)
            return old
        }
        let new = Self.stream(address, description, settings)
        streams.withLock { $0[address.topic] = new }
        return new
    }

    // MARK: Changing

    func create(
        _ address: StreamAddress, shards: Int, limits: StreamTopicLimits,
        _ complete: (inout StreamDescription) -> Void
    ) throws(KinesisError) {
        try changing { () throws(KinesisError) in
            let topic = try translated { () throws(StreamTopicError) in
                try topics.createStreamTopic(address.topic, partitions: shards, limits: limits)
            }
            var description = StreamDescription(adopting: topic, now: clock.milliseconds)
            description.retentionHours = StreamDescription.defaultRetentionHours
            complete(&description)
            try keep([(address.topic, description)])
            _ = install(address, description)
        }
    }

    /// Changes what is known of a stream: durable, then in effect.
    func update(
        _ stream: KinesisStream, _ change: (inout StreamDescription) throws(KinesisError) -> Void
    ) throws(KinesisError) {
        try changing { () throws(KinesisError) in
            var description = stream.description
            try change(&description)
            let partitions = description.shards.count
            if let topic = topics.streamTopic(stream.address.topic), topic.partitionCount < partitions {
                try translated { () throws(StreamTopicError) in
                    try topics.enlargeStreamTopic(stream.address.topic, partitions: partitions)
                }
            }
            try keep([(stream.address.topic, description)])
            stream.replace(description)
        }
    }

    func limit(_ stream: KinesisStream, _ limits: StreamTopicLimits) throws(KinesisError) {
        try translated { () throws(StreamTopicError) in
            try topics.limitStreamTopic(stream.address.topic, limits)
        }
    }

    func delete(_ stream: KinesisStream) throws(KinesisError) {
        try changing { () throws(KinesisError) in try deleteNow(stream) }
    }

    private func deleteNow(_ stream: KinesisStream) throws(KinesisError) {
        stream.beginDeletion()
        let topic = stream.address.topic
        do throws(KinesisError) {
            try translated { () throws(StreamTopicError) in try topics.deleteStreamTopic(topic) }
        } catch {
            stream.cancelDeletion()
            throw error
        }
        streams.withLock { _ = $0.removeValue(forKey: topic) }
        // A row that stays behind names a topic id that is no more.
        do { try store.remove([topic]) } catch { throw Self.storageFault(error) }
    }

    private func changing<Value: Sendable>(
        _ body: () throws(KinesisError) -> Value
    ) throws(KinesisError) -> Value {
        try changes.withLock { _ throws(KinesisError) -> Value in try body() }
    }

    private func keep(_ descriptions: [(TopicName, StreamDescription)]) throws(KinesisError) {
        do { try store.save(descriptions) } catch { throw Self.storageFault(error) }
    }

    static func storageFault(_ error: any Error) -> KinesisError {
        KinesisError(.internalFailure, "state.sqlite cannot be read or written: \(error)")
    }

    private func translated<Value>(
        _ body: () throws(StreamTopicError) -> Value
    ) throws(KinesisError) -> Value {
        do throws(StreamTopicError) {
            return try body()
        } catch {
            switch error.code {
            case .exists: throw KinesisError(.resourceInUse, error.message)
            case .notFound: throw KinesisError(.resourceNotFound, error.message)
            case .limitReached: throw KinesisError(.limitExceeded, error.message)
            case .failed: throw KinesisError(.internalFailure, error.message)
            }
        }
    }
}

extension KinesisStream {
    /// Whether what is known of the stream is true of its topic.
    func matches(_ topic: StreamTopic) -> Bool {
        isOf(topic.id, partitionCount: topic.partitionCount)
    }
}

extension StreamDescription {
    /// A stream made of a topic: a shard for each partition, of equal shares.
    init(adopting topic: StreamTopic, now: Int64) {
        let ranges = HashKeyRange.even(max(1, topic.partitionCount))
        let hours = topic.retentionMilliseconds < 0 ? .max : topic.retentionMilliseconds / 3_600_000
        self.init(
            topicID: topic.id.description, created: now,
            retentionHours: min(max(hours, Self.retentionHours.lowerBound), Self.retentionHours.upperBound),
            shards: ranges.enumerated().map { place, range in
                ShardDescription(ShardID(place: place), range: range, second: now / 1000, created: now)
            })
    }
}
