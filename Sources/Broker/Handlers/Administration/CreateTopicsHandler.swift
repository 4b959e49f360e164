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
        let mayCreateAll = shared.mayCluster(.create, client)
        var partitions = 0
        for topic in request.topics where !repeated.contains(topic.name) {
            do throws(AdministrationError) {
                guard mayCreateAll || shared.mayTopic(.create, topic.name, client) else {
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
        let topic = try NewTopic(
            wanted, defaultPartitionCount: shared.logSettings.partitionsPerTopic,
            assignments: PartitionAssignments(brokerID: shared.brokerID))
        guard shared.log.topicDescription(topic.name) == nil else {
            throw AdministrationError(.topicAlreadyExists, "Topic '\(topic.name)' already exists.")
        }
        let (total, overflow) = partitionsSoFar.addingReportingOverflow(topic.partitionCount)
        guard !overflow, total <= NewTopic.maxPartitionsPerRequest else {
            throw AdministrationError(
                .policyViolation, "Excessively large number of partitions per request.")
        }
        partitionsSoFar = total
        var answer = CreateTopicsResponse.Topic(name: wanted.name)
        if let made = try create(topic, validateOnly: validateOnly) { answer.id = made.id.wireID }
        guard shared.mayTopic(.describeConfigs, wanted.name, client) else { return answer }
        answer.partitionCount = Int32(clamping: topic.partitionCount)
        answer.replicationFactor = 1
        answer.configs = SettingDescription.all(of: topic.configuration, shared.logSettings).map { setting in
            CreateTopicsResponse.Config(
                name: setting.name, value: setting.value, isReadOnly: setting.isReadOnly,
                source: setting.source)
        }
        return answer
    }

    /// Nil if the topic was only to be checked.
    private func create(
        _ topic: NewTopic, validateOnly: Bool
    ) throws(AdministrationError) -> TopicDescription? {
        do throws(LogStorageError) {
            guard !validateOnly else {
                try shared.log.checkCreation(of: topic.name, partitions: topic.partitionCount)
                return nil
            }
            return try shared.log.createTopic(
                topic.name, partitions: topic.partitionCount, configuration: topic.configuration)
        } catch {
            throw AdministrationError(error)
        }
    }
}
