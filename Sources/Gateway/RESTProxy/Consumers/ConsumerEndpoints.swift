import JSONText
import NIOCore
import StreamModel

/// The paths below `/consumers` of REST Proxy v2.
struct ConsumerEndpoints: Sendable {
    let instances: ConsumerInstances
    /// Without it there are no formats with schemas.
    var schemas: SchemaRegistry?

    /// - Parameter path: what follows `consumers`.
    func endpoint(_ path: ArraySlice<String>) -> Endpoint? {
        let parts = Array(path)
        if parts.count == 1 {
            return Endpoint("/consumers/{group}", [.post: action(create)])
        }
        guard parts.count >= 3, parts[1] == "instances" else { return nil }
        let template = "/consumers/{group}/instances/{instance}"
        let key = ConsumerInstances.Key(group: parts[0], name: parts[2])
        let rest = parts[3...].joined(separator: "/")
        guard let handlers = handlers(rest, key) else { return nil }
        return Endpoint(rest.isEmpty ? template : "\(template)/\(rest)", handlers)
    }

    private func handlers(
        _ rest: String, _ key: ConsumerInstances.Key
    ) -> [HTTPMethod: any GatewayHandler]? {
        switch rest {
        case "":
            [.delete: action { (request) throws(RESTProxyError) in try await delete(key, request) }]
        case "subscription":
            [
                .post: on(key, subscribe), .get: on(key, subscription), .delete: on(key, unsubscribe),
            ]
        case "assignments": [.post: on(key, assign), .get: on(key, assignments)]
        case "records": [.get: RecordsHandler(instances: instances, schemas: schemas, key: key)]
        case "offsets": [.post: on(key, commit), .get: on(key, committed)]
        case "positions": [.post: on(key, seek)]
        case "positions/beginning": [.post: on(key, seekToBeginning)]
        case "positions/end": [.post: on(key, seekToEnd)]
        default: nil
        }
    }

    // MARK: Handlers

    private func action(
        _ work: @escaping @Sendable (GatewayRequest) async throws(RESTProxyError) -> GatewayResponse
    ) -> any GatewayHandler {
        RESTProxyHandler { (request) throws(RESTProxyError) in
            try RESTProxyHandler.checkTypes(of: request)
            return try await work(request)
        }
    }

    private func on(
        _ key: ConsumerInstances.Key,
        _ work: @escaping @Sendable (GatewayRequest, any GroupConsumer) async throws -> GatewayResponse
    ) -> any GatewayHandler {
        action { [instances] (request) throws(RESTProxyError) in
            try await instances.use(key, by: ClusterCaller(request.caller)) {
                (instance) throws(RESTProxyError) in
                do {
                    return try await work(request, instance.consumer)
                } catch let error as ConsumerError {
                    throw RESTProxyError(error)
                } catch let error as RESTProxyError {
                    throw error
                } catch {
                    throw RESTProxyError(.internalError, "\(error)")
                }
            }
        }
    }

    // MARK: Instances

    private func create(_ request: GatewayRequest) async throws(RESTProxyError) -> GatewayResponse {
        let wish = try ConsumerInstanceRequest(request.body, hasRegistry: schemas != nil)
        let instance = try instances.create(
            wish, group: request.path[1], owner: ClusterCaller(request.caller))
        let (group, name) = (instance.key.group, instance.key.name)
        return .json(for: request) { json in
            json.object {
                $0.member("instance_id", name)
                $0.member(
                    "base_uri",
                    "\(request.baseURL)/consumers/\(PathPart.encode(group))/instances/\(PathPart.encode(name))"
                )
            }
        }
    }

    private func delete(
        _ key: ConsumerInstances.Key, _ request: GatewayRequest
    ) async throws(RESTProxyError) -> GatewayResponse {
        try await instances.delete(key, by: ClusterCaller(request.caller))
        return .noContent
    }

    // MARK: Subscription

    private func subscribe(_ request: GatewayRequest, _ consumer: any GroupConsumer) throws -> GatewayResponse
    {
        switch try SubscriptionRequest(request.body) {
        case .topics(let topics): try consumer.subscribe(to: topics)
        case .pattern(let pattern): try consumer.subscribe(toPattern: pattern)
        }
        return .noContent
    }

    private func subscription(
        _ request: GatewayRequest, _ consumer: any GroupConsumer
    ) throws -> GatewayResponse {
        let topics = try consumer.subscription()
        return .json(for: request) { json in
            json.object { $0.member("topics", strings: topics.lazy.map(\.rawValue)) }
        }
    }

    private func unsubscribe(
        _ request: GatewayRequest, _ consumer: any GroupConsumer
    ) throws -> GatewayResponse {
        try consumer.unsubscribe()
        return .noContent
    }

    private func assign(_ request: GatewayRequest, _ consumer: any GroupConsumer) throws -> GatewayResponse {
        let named = try PartitionsRequest.read(request.body) ?? []
        // A topic of a name that cannot be has no records, as one that is not there has none.
        try consumer.assign(named.compactMap(\.partition))
        return .noContent
    }

    private func assignments(
        _ request: GatewayRequest, _ consumer: any GroupConsumer
    ) throws -> GatewayResponse {
        let partitions = try consumer.assignment()
        return .json(for: request) { json in
            json.object {
                $0.member(
                    "partitions",
                    array: { for partition in partitions { $0.object { $0.members(of: partition) } } })
            }
        }
    }

    // MARK: Offsets

    private func commit(
        _ request: GatewayRequest, _ consumer: any GroupConsumer
    ) async throws -> GatewayResponse {
        if let entries = try CommitRequest(request.body).entries {
            try await consumer.commit(entries.map(Self.position))
        } else {
            try await consumer.commitConsumed()
        }
        return .json(for: request) { $0.array { _ in } }
    }

    private static func position(_ entry: CommitRequest.Entry) throws(RESTProxyError) -> CommittedPosition {
        guard let partition = entry.named.partition else { throw .partitionNotFound }
        return CommittedPosition(
            partition: partition, offset: entry.consumed.advanced(by: 1), metadata: entry.metadata)
    }

    private func committed(_ request: GatewayRequest, _ consumer: any GroupConsumer) throws -> GatewayResponse
    {
        guard let named = try PartitionsRequest.read(request.body, isOptional: true) else {
            throw RESTProxyError.partitionNotFound
        }
        let positions = try consumer.committed(named.compactMap(\.partition))
        return .json(for: request) { json in
            json.object {
                $0.member(
                    "offsets",
                    array: {
                        for position in positions {
                            $0.object {
                                $0.members(of: position.partition)
                                $0.member("offset", position.offset.rawValue)
                                $0.member("metadata", position.metadata)
                            }
                        }
                    })
            }
        }
    }

    // MARK: Positions

    private func seek(_ request: GatewayRequest, _ consumer: any GroupConsumer) async throws
        -> GatewayResponse
    {
        let positions = try PositionsRequest(request.body)
        let offsets = try Self.known(positions.offsets)
        let times = try Self.known(positions.times)
        if !offsets.isEmpty { try consumer.seek(offsets) }
        if !times.isEmpty { try await consumer.seek(toTimes: times) }
        return .noContent
    }

    private func seekToBeginning(
        _ request: GatewayRequest, _ consumer: any GroupConsumer
    ) throws -> GatewayResponse {
        try consumer.seekToBeginning(Self.partitions(request))
        return .noContent
    }

    private func seekToEnd(_ request: GatewayRequest, _ consumer: any GroupConsumer) throws -> GatewayResponse
    {
        try consumer.seekToEnd(Self.partitions(request))
        return .noContent
    }

    private static func partitions(_ request: GatewayRequest) throws(RESTProxyError) -> [TopicPartition] {
        let named = try PartitionsRequest.read(request.body) ?? []
        return try Array(known(named.map { ($0, ()) }).keys)
    }

    /// By partition; of one that is named twice the last counts.
    private static func known<Value>(
        _ named: [(NamedPartition, Value)]
    ) throws(RESTProxyError) -> [TopicPartition: Value] {
        var found: [TopicPartition: Value] = [:]
        for (name, value) in named {
            guard let partition = name.partition else {
                throw .illegalState("No current assignment for partition \(name.description)")
            }
            found[partition] = value
        }
        return found
    }
}

extension JSONWriter {
    fileprivate mutating func members(of partition: TopicPartition) {
        member("topic", partition.topic.rawValue)
        member("partition", partition.partition.rawValue)
    }
}
