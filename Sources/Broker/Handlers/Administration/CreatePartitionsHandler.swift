// CreatePartitions (key 37), versions 0-3.
// Unlike Apache Kafka: topics are taken one after the other, and those whose turn comes after the request's time are
// refused as timed out.
import KafkaWire
import LogStorage

struct CreatePartitionsHandler: RequestHandler {
    let shared: AdministrationHandlers

    func handle(
        _ request: CreatePartitionsRequest, _ client: RequestContext, _ reply: Reply<CreatePartitionsResponse>
    ) {
        let deadline = RequestDeadline(milliseconds: request.timeoutMilliseconds)
        shared.answer(reply) { answer(request, client, deadline) }
    }

    private func answer(
        _ request: CreatePartitionsRequest, _ client: RequestContext, _ deadline: RequestDeadline
    ) -> CreatePartitionsResponse {
        let repeated = TopicNaming.repeated(request.topics.map(\.name))
        var results = repeated.sorted().map { name in
            CreatePartitionsResponse.Result(
                name: name, error: .invalidRequest, errorMessage: "Duplicate topic name.")
        }
        var added = 0
        for topic in request.topics where !repeated.contains(topic.name) {
            do throws(AdministrationError) {
                guard shared.mayTopic(.alter, topic.name, client.asker) else { throw .topicAuthorization }
                if deadline.hasPassed() { throw .timedOut }
                try shared.grow(topic, validateOnly: request.validateOnly, &added)
                results.append(CreatePartitionsResponse.Result(name: topic.name, error: .none))
            } catch {
                results.append(
                    CreatePartitionsResponse.Result(
                        name: topic.name, error: error.code, errorMessage: error.message))
            }
        }
        return CreatePartitionsResponse(results: results)
    }
}

/// How many partitions a topic is to get, after every check.
struct PartitionGrowth {
    let count: Int

    /// - Throws: the error Apache Kafka gives, and its words.
    init(
        _ wanted: CreatePartitionsRequest.Topic, currentCount: Int, assignments: PartitionAssignments
    ) throws(AdministrationError) {
        guard Int(wanted.count) != currentCount else {
            throw AdministrationError(
                .invalidPartitions, "Topic already has \(currentCount) partition(s).")
        }
        guard Int(wanted.count) > currentCount else {
            throw AdministrationError(
                .invalidPartitions,
                "The topic \(wanted.name) currently has \(currentCount) partition(s); \(wanted.count) would not "
                    + "be an increase.")
        }
        count = Int(wanted.count) - currentCount
        guard let chosen = wanted.assignments else { return }
        guard chosen.count == count else {
            throw AdministrationError(
                .invalidReplicaAssignment,
                "Attempted to add \(count) additional partition(s), but only \(chosen.count) assignment(s) were "
                    + "specified.")
        }
        try assignments.check(chosen)
    }
}
