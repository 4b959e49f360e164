// RegisterStreamConsumer, DeregisterStreamConsumer, DescribeStreamConsumer, ListStreamConsumers, PutResourcePolicy,
// GetResourcePolicy, DeleteResourcePolicy.
// Unlike Kinesis: a consumer is ACTIVE when it is registered; policies are kept and told, but grant nothing.
extension StreamActions {
    private static let consumersListed: Int64 = 100

    func consumerARN(_ stream: KinesisStream, _ consumer: ConsumerDescription) -> String {
        "\(arn(of: stream))/consumer/\(consumer.name):\(consumer.created / 1000)"
    }

    private func consumerNotFound(_ name: String) -> KinesisError {
        KinesisError(.resourceNotFound, "Consumer \(name), account \(settings.accountID) not found.")
    }

    /// The stream of a consumer, and the consumer's place in it.
    func consumer(arn text: String) throws(KinesisError) -> (KinesisStream, Int) {
        guard let name = ResourceName(text), let consumer = name.consumer,
            let address = StreamAddress(
                region: name.region, name: name.stream, defaultRegion: settings.region),
            let stream = try registry.find(address),
            let place = stream.description.consumers.firstIndex(where: { candidate in
                candidate.name == consumer.name && "\(candidate.created / 1000)" == consumer.second
            })
        else { throw consumerNotFound(text) }
        return (stream, place)
    }

    private func consumer(_ input: Input) throws(KinesisError) -> (KinesisStream, Int) {
        if let text = input.string("ConsumerARN") { return try consumer(arn: text) }
        guard let arn = input.string("StreamARN"), let name = input.string("ConsumerName") else {
            throw KinesisError(
                .invalidArgument, "Must specify either ConsumerARN, or StreamARN and ConsumerName.")
        }
        let stream = try stream(arn: arn)
        guard let place = stream.description.consumers.firstIndex(where: { $0.name == name }) else {
            throw consumerNotFound(name)
        }
        return (stream, place)
    }

    // MARK: Consumers

    func registerConsumer(_ input: Input, _ scope: Scope) throws(KinesisError) -> OutputValue {
        let stream = try stream(input, scope)
        let name = input.string("ConsumerName") ?? ""
        let consumers = stream.description.consumers
        guard !consumers.contains(where: { $0.name == name }) else {
            throw KinesisError(
                .resourceInUse, "Consumer \(name) under stream \(arn(of: stream)) already exists.")
        }
        guard consumers.count < settings.maxConsumersPerStream else {
            throw KinesisError(
                .limitExceeded,
                "Stream \(stream.address.name) has \(consumers.count) consumers: more are not allowed "
                    + "(kinesis.max.consumers.per.stream).")
        }
        let tags = input.map("Tags") ?? [:]
        try Self.checkTags(tags)
        let consumer = ConsumerDescription(name: name, created: scope.now, tags: tags)
        try registry.update(stream) { $0.consumers.append(consumer) }
        return .object([("Consumer", .object(members(of: consumer, stream)))])
    }

    func deregisterConsumer(_ input: Input) throws(KinesisError) {
        let (stream, place) = try consumer(input)
        try registry.update(stream) { $0.consumers.remove(at: place) }
    }

    func describeConsumer(_ input: Input) throws(KinesisError) -> OutputValue {
        let (stream, place) = try consumer(input)
        let members = members(of: stream.description.consumers[place], stream)
        return .object([
            ("ConsumerDescription", .object(members + [("StreamARN", .string(arn(of: stream)))]))
        ])
    }

    private func members(
        of consumer: ConsumerDescription, _ stream: KinesisStream
    ) -> [(String, OutputValue)] {
        [
            ("ConsumerName", .string(consumer.name)), ("ConsumerARN", .string(consumerARN(stream, consumer))),
            ("ConsumerStatus", .string("ACTIVE")), ("ConsumerCreationTimestamp", .time(consumer.created)),
        ]
    }

    func listConsumers(_ input: Input, _ scope: Scope) throws(KinesisError) -> OutputValue {
        let stream = try stream(input, scope)
        try checkCreation(input, stream)
        var consumers = stream.description.consumers.sorted { $0.name < $1.name }
        if let text = input.string("NextToken") {
            let token = try NextToken(text, tokens, now: scope.now)
            consumers = consumers.filter { $0.name > token.last }
        }
        let limit = Int(input.integer("MaxResults") ?? Self.consumersListed)
        let listed = consumers.prefix(limit)
        var output: [(String, OutputValue)] = [
            ("Consumers", .list(listed.map { .object(members(of: $0, stream)) }))
        ]
        if consumers.count > limit, let last = listed.last {
            let token = NextToken(
                region: stream.address.region, stream: stream.address.name, last: last.name,
                issued: scope.now)
            output.append(("NextToken", .string(token.text(tokens))))
        }
        return .object(output)
    }

    // MARK: Policies

    func putPolicy(_ input: Input) throws(KinesisError) {
        try setPolicy(input.string("Policy"), input.string("ResourceARN") ?? "")
    }

    func getPolicy(_ input: Input) throws(KinesisError) -> OutputValue {
        .object([("Policy", .string(try policy(input.string("ResourceARN") ?? "") ?? "{}"))])
    }

    func deletePolicy(_ input: Input) throws(KinesisError) {
        let name = input.string("ResourceARN") ?? ""
        guard try policy(name) != nil else {
            throw KinesisError(.resourceNotFound, "No resource policy found for resource ARN \(name).")
        }
        try setPolicy(nil, name)
    }

    private func policy(_ name: String) throws(KinesisError) -> String? {
        let (stream, place) = try resource(name)
        let description = stream.description
        return place.map { description.consumers[$0].policy } ?? description.policy
    }

    private func setPolicy(_ policy: String?, _ name: String) throws(KinesisError) {
        let (stream, place) = try resource(name)
        try registry.update(stream) { description in
            if let place { description.consumers[place].policy = policy } else { description.policy = policy }
        }
    }
}
