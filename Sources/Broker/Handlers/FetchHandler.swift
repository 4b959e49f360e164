// Fetch (key 1), versions 4-12.
// Unlike Apache Kafka: there are no fetch sessions, so every request names all its partitions; a wait ends when its
// client is gone.

import KafkaWire
import LogStorage
import NIOCore
import StreamModel

struct FetchHandler: RequestHandler {
    /// More bytes of records are not answered at once, whatever is asked for; Kafka's `fetch.max.bytes` of the broker.
    static let maxAnswerBytes = 55 << 20

    let log: CommitLog
    let threads: BrokerThreads
    let authorizer: any Authorizer
    let room: FetchWaitingRoom

    init(log: CommitLog, threads: BrokerThreads, authorizer: any Authorizer) {
        self.log = log
        self.threads = threads
        self.authorizer = authorizer
        room = FetchWaitingRoom()
        log.addObserver(room)
    }

    func handle(_ request: FetchRequest, _ context: RequestContext, _ reply: Reply<FetchResponse>) {
        // A client that goes on with a session begins anew without one.
        guard request.sessionEpoch <= 0 else {
            return reply(FetchResponse(error: .fetchSessionIDNotFound, topics: []))
        }
        let plan = plan(request, context)
        let fetch = WaitingFetch(
            plan, minBytes: min(Int(request.minBytes), plan.maxBytes),
            surroundings: .init(log: log, threads: threads, room: room),
            loop: context.loop, reply: reply)
        let mayWait = request.maxWaitMilliseconds > 0 && request.minBytes > 0
        context.session.abandonWait = { [weak fetch] in fetch?.stopWaiting() }
        fetch.begin(maxWait: mayWait ? .milliseconds(Int64(request.maxWaitMilliseconds)) : nil)
    }

    private func plan(_ request: FetchRequest, _ context: RequestContext) -> FetchPlan {
        let topics = request.topics.map { topic in
            let isAllowed = authorizer.allows(
                context.principal, from: context.clientHost, .read, on: .topic, named: topic.name)
            return FetchPlan.Topic(
                name: topic.name,
                entries: topic.partitions.map { asked in
                    let partition = PartitionChecks.partition(topic.name, asked.index)
                    var error = PartitionChecks.error(ofLeaderEpoch: asked.currentLeaderEpoch)
                    if partition == nil { error = .unknownTopicOrPartition }
                    if !isAllowed { error = .topicAuthorizationFailed }
                    return FetchPlan.Entry(
                        index: asked.index, partition: partition, fetchOffset: Offset(asked.fetchOffset),
                        maxBytes: Int(asked.maxBytes), error: error)
                })
        }
        return FetchPlan(
            topics: topics, maxBytes: min(Int(request.maxBytes), Self.maxAnswerBytes),
            isolation: request.isolationLevel == 1 ? .readCommitted : .readUncommitted)
    }
}
