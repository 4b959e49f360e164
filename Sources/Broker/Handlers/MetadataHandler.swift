// Metadata (key 3), versions 0-12.
// Unlike Apache Kafka: a topic that is made because of the request is in the answer at once; there is one node, and
// it leads every partition with epoch 0.

import KafkaWire
import LogStorage
import Logging
import StreamModel
import Synchronization

struct MetadataHandler: RequestHandler {
    let log: CommitLog
    let authorizer: any Authorizer
    let clusterID: String
    let autoCreates: Bool
    let logger: Logger

    func handle(_ request: MetadataRequest, _ context: RequestContext, _ reply: Reply<MetadataResponse>) {
        guard let asked = request.topics else {
            let known = log.topicDescriptions().filter { allows(context, .describe, $0.name.rawValue) }
            return answer(known.map { .init($0) }, request, context, reply)
        }
        let topics = asked.map { find($0, request, context) }
        let missing = Set(topics.compactMap(\.missing))
        guard !missing.isEmpty else {
            return answer(topics.map(\.topic), request, context, reply)
        }
        create(missing) { made in
            let found = topics.map { entry in
                guard let name = entry.missing else { return entry.topic }
                return made[name].map { MetadataResponse.Topic(error: $0, name: name.rawValue) }
                    ?? describe(name)
            }
            answer(found, request, context, reply)
        }
    }

    // MARK: One topic

    /// A topic's part of the answer, and its name if it is to be made first.
    private func find(
        _ asked: MetadataRequest.Topic, _ request: MetadataRequest, _ context: RequestContext
    ) -> (topic: MetadataResponse.Topic, missing: TopicName?) {
        guard let text = asked.name else { return (find(asked.topicID, context), nil) }
        guard allows(context, .describe, text) else {
            return (.init(error: .topicAuthorizationFailed, name: text), nil)
        }
        guard let name = TopicName(text) else { return (.init(error: .invalidTopic, name: text), nil) }
        let topic = describe(name)
        guard topic.error == .unknownTopicOrPartition, request.allowAutoTopicCreation, autoCreates else {
            return (topic, nil)
        }
        guard
            authorizer.allows(
                context.principal, from: context.clientHost, .create, on: .cluster,
                named: OpenAuthorizer.clusterName) || allows(context, .create, text)
        else { return (.init(error: .topicAuthorizationFailed, name: text), nil) }
        return (topic, name)
    }

    private func find(_ id: WireUUID, _ context: RequestContext) -> MetadataResponse.Topic {
        guard let topic = log.topicDescription(id: TopicID(high: id.high, low: id.low)),
            allows(context, .describe, topic.name.rawValue)
        else { return .init(error: .unknownTopicID, name: nil, topicID: id) }
        return .init(topic)
    }

    private func describe(_ name: TopicName) -> MetadataResponse.Topic {
        log.topicDescription(name).map { .init($0) }
            ?? .init(error: .unknownTopicOrPartition, name: name.rawValue)
    }

    private func allows(_ context: RequestContext, _ operation: ACLOperation, _ topic: String) -> Bool {
        authorizer.allows(context.principal, from: context.clientHost, operation, on: .topic, named: topic)
    }

    // MARK: Making topics

    /// Makes topics; `then` gets those that could not be made.
    private func create(
        _ names: Set<TopicName>, then: @escaping @Sendable ([TopicName: KafkaErrorCode]) -> Void
    ) {
        let round = CreationRound(missing: names.count, then: then)
        for name in names {
            log.createInBackground(name) { error in
                guard let error else { return round.finished(name, nil) }
                logger.warning(
                    "a topic could not be made for a client",
                    metadata: ["topic": "\(name)", "error": "\(error)"])
                round.finished(name, KafkaErrorCode(error.code))
            }
        }
    }

    // MARK: The answer

    private func answer(
        _ topics: [MetadataResponse.Topic], _ request: MetadataRequest, _ context: RequestContext,
        _ reply: Reply<MetadataResponse>
    ) {
        var response = MetadataResponse(
            broker: .init(
                nodeID: KafkaBroker.nodeID, host: context.advertised.host, port: context.advertised.port),
            clusterID: clusterID, topics: topics)
        if request.includeClusterAuthorizedOperations {
            response.clusterAuthorizedOperations = authorizer.allowedOperations(
                of: context, on: .cluster, named: OpenAuthorizer.clusterName)
        }
        if request.includeTopicAuthorizedOperations {
            for place in response.topics.indices where response.topics[place].error == .none {
                response.topics[place].authorizedOperations = authorizer.allowedOperations(
                    of: context, on: .topic, named: response.topics[place].name ?? "")
            }
        }
        reply(response)
    }
}

extension MetadataResponse.Topic {
    fileprivate init(_ topic: TopicDescription) {
        self.init(
            error: .none, name: topic.name.rawValue,
            topicID: WireUUID(high: topic.id.high, low: topic.id.low), partitionCount: topic.partitionCount)
    }
}

/// Waits for several topics to be made.
private final class CreationRound: Sendable {
    private struct State {
        var missing: Int
        var failures: [TopicName: KafkaErrorCode] = [:]
    }

    private let state: Mutex<State>
    private let then: @Sendable ([TopicName: KafkaErrorCode]) -> Void

    init(missing: Int, then: @escaping @Sendable ([TopicName: KafkaErrorCode]) -> Void) {
        state = Mutex(State(missing: missing))
        self.then = then
    }

    func finished(_ name: TopicName, _ error: KafkaErrorCode?) {
        let failures = state.withLock { state -> [TopicName: KafkaErrorCode]? in
            state.failures[name] = error
            state.missing -= 1
            return state.missing == 0 ? state.failures : nil
        }
        if let failures { then(failures) }
    }
}
