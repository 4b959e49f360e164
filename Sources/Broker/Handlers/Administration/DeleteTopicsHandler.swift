// DeleteTopics (key 20), versions 1-6.
// Unlike Apache Kafka: a topic is gone when the answer comes; topics whose turn comes after the request's time are
// refused as timed out and kept.
import KafkaWire
import LogStorage
import StreamModel

struct DeleteTopicsHandler: RequestHandler {
    let shared: AdministrationHandlers

    func handle(
        _ request: DeleteTopicsRequest, _ client: RequestContext, _ reply: Reply<DeleteTopicsResponse>
    ) {
        let deadline = RequestDeadline(milliseconds: request.timeoutMilliseconds)
        shared.answer(reply) { answer(request, client, deadline) }
    }

    private func answer(
        _ request: DeleteTopicsRequest, _ client: RequestContext, _ deadline: RequestDeadline
    ) -> DeleteTopicsResponse {
        let faults = DeletionFaults(request.topics)
        return DeleteTopicsResponse(
            topics: request.topics.map { topic in
                var answer = DeleteTopicsResponse.Topic(name: topic.name, id: topic.id, error: .none)
                do throws(AdministrationError) {
                    if let fault = faults.fault(of: topic) { throw fault }
                    let found = try shared.find(topic, client.asker)
                    answer.name = found.name.rawValue
                    answer.id = found.id.wireID
                    guard shared.mayTopic(.delete, found.name.rawValue, client.asker) else {
                        throw .topicAuthorization
                    }
                    if deadline.hasPassed() { throw .timedOut }
                    try shared.delete(found)
                } catch {
                    answer.error = error.code
                    answer.errorMessage = error.message
                }
                return answer
            })
    }
}

/// What is wrong with a request before anyone looks for its topics.
struct DeletionFaults {
    private var repeatedNames: Set<String>
    private var repeatedIDs: Set<WireUUID>

    init(_ topics: [DeleteTopicsRequest.Topic]) {
        repeatedNames = TopicNaming.repeated(topics.compactMap(\.name))
        var seen: Set<WireUUID> = []
        repeatedIDs = []
        for topic in topics where topic.name == nil && !seen.insert(topic.id).inserted {
            repeatedIDs.insert(topic.id)
        }
    }

    func fault(of topic: DeleteTopicsRequest.Topic) -> AdministrationError? {
        guard let name = topic.name else {
            if topic.id == .zero {
                return AdministrationError(.invalidRequest, "Neither topic name nor id were specified.")
            }
            return repeatedIDs.contains(topic.id)
                ? AdministrationError(.invalidRequest, "Duplicate topic id.") : nil
        }
        if topic.id != .zero {
            return AdministrationError(.invalidRequest, "You may not specify both topic name and topic id.")
        }
        return repeatedNames.contains(name)
            ? AdministrationError(.invalidRequest, "Duplicate topic name.") : nil
    }
}
