// CreateTopics (key 19), versions 2-7.
// Unlike Apache Kafka: there is one broker, so that a replication factor other than 1 and -1 is refused; names that
// differ only in `.` and `_` may stand side by side, since no metric is named after a topic; topics are made one after
// the other, and those whose turn comes after the request's time are refused as timed out and not made.
import KafkaWire
import LogStorage

struct CreateTopicsHandler: RequestHandler {
    let shared: AdministrationHandlers

    func handle(
        _ request: CreateTopicsRequest, _ client: RequestContext, _ reply: Reply<CreateTopicsResponse>
    ) {
        let deadline = RequestDeadline(milliseconds: request.timeoutMilliseconds)
        shared.answer(reply) { answer(request, client, deadline) }
    }

    private func answer(
        _ request: CreateTopicsRequest, _ client: RequestContext, _ deadline: RequestDeadline
    ) -> CreateTopicsResponse {
        let repeated = TopicNaming.repeated(request.topics.map(\.name))
        var answers = repeated.sorted().map { name in
            refusal(of: name, AdministrationError(.invalidRequest, "Duplicate topic name."))
        }
        let mayCreateAll = shared.mayCluster(.create, client.asker)
        var partitions = 0
        for topic in request.topics where !repeated.contains(topic.name) {
            do throws(AdministrationError) {
                guard mayCreateAll || shared.mayTopic(.create, topic.name, client.asker) else {
                    throw AdministrationError(.topicAuthorizationFailed, "Authorization failed.")
                }
                if deadline.hasPassed() { throw .timedOut }
                answers.append(
                    try make(topic, validateOnly: request.validateOnly, &partitions, client))
            } catch {
                answers.append(refusal(of: topic.name, error))
            }
        }
        return CreateTopicsResponse(topics: answers)
    }

    private func refusal(of name: String, _ error: AdministrationError) -> CreateTopicsResponse.Topic {
        var answer = CreateTopicsResponse.Topic(name: name)
        answer.error = error.code
        answer.errorMessage = error.message
        return answer
    }

    private func make(
        _ wanted: CreateTopicsRequest.Topic, validateOnly: Bool, _ partitionsSoFar: inout Int,
        _ client: RequestContext
    ) throws(AdministrationError) -> CreateTopicsResponse.Topic {
        let (topic, made) = try shared.create(
            wanted, validateOnly: validateOnly, partitionsSoFar: &partitionsSoFar)
        var answer = CreateTopicsResponse.Topic(name: wanted.name)
        if let made { answer.id = made.id.wireID }
        guard shared.mayTopic(.describeConfigs, wanted.name, client.asker) else { return answer }
        answer.partitionCount = Int32(clamping: topic.partitionCount)
        answer.replicationFactor = 1
        answer.configs = SettingDescription.all(of: topic.configuration, shared.logSettings).map { setting in
            CreateTopicsResponse.Config(
                name: setting.name, value: setting.value, isReadOnly: setting.isReadOnly,
                source: setting.source)
        }
        return answer
    }
}
