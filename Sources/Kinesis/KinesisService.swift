import Dispatch
package import NIOCore
package import StreamModel

/// A request, whatever way it came.
package struct KinesisRequest: Sendable {
    package var action: KinesisAction
    package var codec: KinesisCodec
    package var body: ByteBuffer
    package var region: String
    /// Whether its sender may; nil: everything.
    package var allows: (@Sendable (AccessOperation, AccessResource) -> Bool)?

    package init(action: KinesisAction, codec: KinesisCodec, body: ByteBuffer, region: String) {
        self.action = action
        self.codec = codec
        self.body = body
        self.region = region
    }
}

/// What a request is answered.
package enum KinesisAnswer: Sendable {
    /// The body, in the codec of the request; empty for actions that tell nothing.
    case done(ByteBuffer)
    case failed(KinesisError)
    /// To be started once the answer has begun.
    case subscription(ShardSubscription)
}

/// Kinesis over the log: streams are topics, shards partitions.
///
/// Records are appended without a change of thread; what blocks is done on threads of its own.
package final class KinesisService: Sendable {
    package let settings: KinesisSettings
    let actions: StreamActions
    let putting: RecordPutting
    let clock: WallClock
    /// What changes streams, or asks about them, one after the other.
    let control = DispatchQueue(label: "kinesis-control")
    private let threads: ReadingThreads
    private let hub: SubscriptionHub

    /// Reads the streams that are known.
    package init(
        appender: any RecordAppender, reader: any RecordReader, topics: any StreamTopics, store: StreamStore,
        settings: KinesisSettings, clock: WallClock = .system
    ) throws {
        self.settings = settings
        self.clock = clock
        let registry = try StreamRegistry(topics: topics, store: store, settings: settings, clock: clock)
        actions = StreamActions(
            registry: registry, reader: reader, store: store,
            tokens: SealedToken(secret: try store.secret()), settings: settings)
        putting = RecordPutting(appender: appender, settings: settings)
        threads = ReadingThreads(count: settings.ioThreads)
        hub = SubscriptionHub(
            reader: reader, threads: threads, clock: clock, limit: settings.maxSubscriptions)
    }

    /// Ends all subscriptions; for the end of the server.
    package func endSubscriptions() { hub.close() }

    /// Does what is asked.
    ///
    /// Does not block; `completion` runs exactly once, on any thread, and must not block.
    package func perform(
        _ request: KinesisRequest, then completion: @escaping @Sendable (KinesisAnswer) -> Void
    ) {
        let isBatch = request.action == .putRecords
        if isBatch || request.action == .putRecord, request.codec == .json,
            let put = FastPut.read(request.body, isBatch: isBatch), let stream = knownStream(put, request)
        {
            guard request.allows?(.write, .topic(stream.address.topic.rawValue)) ?? true else {
                return completion(.failed(actions.denial(of: request.action)))
            }
            return self.put(put, stream, request.codec, completion)
        }
        do throws(KinesisError) {
            let input = try input(of: request)
            try actions.checkRights(request, input)
            try perform(request, input, completion)
        } catch {
            completion(.failed(error))
        }
    }

    /// The request by its shape: types first, then constraints.
    func input(of request: KinesisRequest) throws(KinesisError) -> Input {
        let shape = request.action.input
        let value = try shape.read(try request.codec.read(request.body))
        if let error = Shape.error(shape.faults(of: value, at: "", isRequired: true)) { throw error }
        guard case .structure(let input)? = value else { return Input() }
        return input
    }

    private func perform(
        _ request: KinesisRequest, _ input: Input,
        _ completion: @escaping @Sendable (KinesisAnswer) -> Void
    ) throws(KinesisError) {
        let scope = StreamActions.Scope(region: request.region, now: clock.milliseconds)
        let (action, codec) = (request.action, request.codec)
        switch action {
        case .putRecord, .putRecords:
            let put = try PutRequest(input, isBatch: action == .putRecords)
            control.async { [self] in
                do throws(KinesisError) {
                    self.put(put, try actions.stream(input, scope), codec, completion)
                } catch {
                    completion(.failed(error))
                }
            }
        case .getRecords:
            let place = ShardIterator(input.string("ShardIterator") ?? "", actions.tokens)?.shard.place ?? 0
            answer(on: place, completion) { [actions] () throws(KinesisError) in
                .done(codec.buffer(try actions.getRecords(input, scope)))
            }
        case .subscribeToShard:
            answer(on: 0, completion) { [actions, hub] () throws(KinesisError) in
                .subscription(try actions.subscribe(input, scope, codec: codec, hub: hub))
            }
        default:
            control.async { [actions] in
                completion(
                    Self.answer { () throws(KinesisError) in
                        .done(try actions.perform(action, input, scope).map(codec.buffer) ?? ByteBuffer())
                    })
            }
        }
    }

    private func answer(
        on thread: Int, _ completion: @escaping @Sendable (KinesisAnswer) -> Void,
        _ body: @escaping @Sendable () throws(KinesisError) -> KinesisAnswer
    ) {
        threads.run(thread) { completion(Self.answer(body)) }
    }

    private static func answer(_ body: () throws(KinesisError) -> KinesisAnswer) -> KinesisAnswer {
        do throws(KinesisError) {
            return try body()
        } catch {
            return .failed(error)
        }
    }

    // MARK: Records

    /// The stream, if it is known as it is now; nothing blocks.
    private func knownStream(_ put: PutRequest, _ request: KinesisRequest) -> KinesisStream? {
        var (region, name) = (request.region, put.target.name)
        if let text = put.target.arn, let arn = ResourceName(text), arn.consumer == nil {
            (region, name) = (arn.region, arn.stream)
        }
        guard let name,
            let address = StreamAddress(region: region, name: name, defaultRegion: settings.region)
        else { return nil }
        return actions.registry.current(address.topic)
    }

    private func put(
        _ put: consuming PutRequest, _ stream: KinesisStream, _ codec: KinesisCodec,
        _ completion: @escaping @Sendable (KinesisAnswer) -> Void
    ) {
        putting.put(put, to: stream, codec: codec, now: clock.milliseconds) { result in
            switch result {
            case .success(let body): completion(.done(body))
            case .failure(let error): completion(.failed(error))
            }
        }
    }
}
