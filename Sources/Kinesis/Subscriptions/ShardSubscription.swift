package import NIOCore
import StreamModel
import Synchronization

/// Where the messages of a subscription go.
package protocol SubscriptionSink: Sendable {
    /// The client is behind: the next message should wait.
    var isCongested: Bool { get }
    func send(_ bytes: ByteBuffer)
    func end()
}

/// One open call of SubscribeToShard: sends what comes to a shard, for five minutes.
package final class ShardSubscription: Sendable {
    /// Who subscribes to what; there is one subscription of each.
    struct Key: Hashable, Sendable {
        var consumer: String
        var shard: ShardID
    }

    private struct State {
        var sink: (any SubscriptionSink)?
        var next: Int64
        var lastSent: Int64
        var isPumping = false
        var hasEnded = false
    }

    let key: Key
    let started: Int64
    private let stream: KinesisStream
    private let shard: ShardDescription
    private let reading: ShardReading
    private let codec: KinesisCodec
    private let hub: SubscriptionHub
    private let state: Mutex<State>

    static let lifetimeMilliseconds: Int64 = 300_000
    /// An event is sent so often, even without records.
    private static let heartbeatMilliseconds: Int64 = 5000
    private static let limits = ShardReading.Limits(records: 10_000, bytes: 1 << 20)

    init(
        key: Key, stream: KinesisStream, shard: ShardDescription, offset: Int64, reading: ShardReading,
        codec: KinesisCodec, hub: SubscriptionHub, now: Int64
    ) {
        self.key = key
        self.stream = stream
        self.shard = shard
        self.reading = reading
        self.codec = codec
        self.hub = hub
        started = now
        state = Mutex(State(next: offset, lastSent: now))
    }

    /// Begins to send; to be called once.
    package func start(_ sink: any SubscriptionSink) {
        let isOpen = state.withLock { state in
            state.sink = sink
            return !state.hasEnded
        }
        guard isOpen else { return sink.end() }
        send(.event("initial-response", contentType: codec.contentType, codec.buffer(.object([]))), sink)
        hub.pump(self, isFirst: true)
    }

    /// The client is gone.
    package func cancel() { end() }

    // MARK: Sending

    /// Whether there is something to do: records, a heartbeat, or the end.
    func isDue(now: Int64) -> Bool {
        let (next, lastSent) = state.withLock { ($0.next, $0.lastSent) }
        if now - lastSent >= Self.heartbeatMilliseconds || now - started >= Self.lifetimeMilliseconds {
            return true
        }
        let partition = TopicPartition(stream.address.topic, shard.id.partition)
        guard let range = try? reading.reader.range(of: partition) else { return true }
        return range.end.rawValue > next || stream.isFinished(shard.id)
    }

    /// Sends what is there; blocks on the disk.
    func pump(now: Int64, isFirst: Bool) {
        guard let sink = beginPumping() else { return }
        defer { state.withLock { $0.isPumping = false } }
        guard now - started < Self.lifetimeMilliseconds else { return end() }
        var isFirst = isFirst
        while !sink.isCongested, isOpen {
            do throws(KinesisError) {
                let (next, lastSent) = state.withLock { ($0.next, $0.lastSent) }
                let page = try reading.page(of: stream, shard, from: next, limits: Self.limits)
                let isSilent = page.records.isEmpty && !page.isFinished
                if isSilent, !isFirst, now - lastSent < Self.heartbeatMilliseconds { return }
                send(event(page, now), sink)
                state.withLock { state in
                    state.next = page.next
                    state.lastSent = now
                }
                if page.isFinished { return end() }
                if isSilent { return }
                isFirst = false
            } catch {
                return fail(error)
            }
        }
    }

    private func beginPumping() -> (any SubscriptionSink)? {
        state.withLock { state in
            guard !state.isPumping, !state.hasEnded, let sink = state.sink else { return nil }
            state.isPumping = true
            return sink
        }
    }

    private var isOpen: Bool { state.withLock { !$0.hasEnded } }

    private func event(_ page: ShardReading.Page, _ now: Int64) -> EventStreamMessage {
        var members: [(String, OutputValue)] = [("Records", .list(page.records))]
        if page.isFinished {
            members.append(("ChildShards", stream.description.children(of: shard.id)))
        } else {
            let number = SequenceNumber(shardSecond: shard.second, shard: shard.id, position: page.next)
            members.append(("ContinuationSequenceNumber", .sequenceNumber(number)))
        }
        members.append(("MillisBehindLatest", .integer(page.millisecondsBehind(now: now))))
        return .event(
            "SubscribeToShardEvent", contentType: codec.contentType, codec.buffer(.object(members)))
    }

    private func send(_ message: EventStreamMessage, _ sink: any SubscriptionSink) {
        var buffer = ByteBuffer()
        message.write(to: &buffer)
        sink.send(buffer)
    }

    // MARK: Ending

    /// Tells the client why, and ends.
    func fail(_ error: KinesisError) {
        if isOpen, let sink = state.withLock({ $0.sink }) { send(.exception(error, codec), sink) }
        end()
    }

    func end() {
        let sink = state.withLock { state -> (any SubscriptionSink)? in
            defer { state.hasEnded = true }
            return state.hasEnded ? nil : state.sink
        }
        hub.remove(self)
        sink?.end()
    }
}
