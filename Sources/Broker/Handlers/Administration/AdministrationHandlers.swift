import KafkaWire
import LogStorage
import NIOCore
import StreamModel

/// What the administration handlers share.
struct AdministrationHandlers: Sendable {
    var log: CommitLog
    var threads: BrokerThreads
    var authorizer: any Authorizer
    var clusterID: String
    var settings: BrokerSettings
    /// Told of each topic that is gone, with the number of its partitions: what others keep of it can go too.
    var topicDeleted: @Sendable (TopicName, Int) -> Void = { _, _ in }

    /// The only broker there is, which is its own controller.
    let brokerID: Int32 = 0

    /// The requests that make, change, delete and describe topics, and those that describe the server.
    func handlers() -> [any RequestHandler] {
        [
            CreateTopicsHandler(shared: self), DeleteTopicsHandler(shared: self),
            CreatePartitionsHandler(shared: self), DeleteRecordsHandler(shared: self),
            DescribeConfigsHandler(shared: self), AlterConfigsHandler(shared: self),
            IncrementalAlterConfigsHandler(shared: self), DescribeClusterHandler(shared: self),
            DescribeLogDirsHandler(shared: self), DescribeProducersHandler(shared: self),
            AlterReplicaLogDirsHandler(shared: self), ElectLeadersHandler(shared: self),
            AlterPartitionReassignmentsHandler(shared: self),
            ListPartitionReassignmentsHandler(shared: self),
        ]
    }

    var logSettings: LogSettings { log.settings }

    /// Whether there is such a partition.
    func holds(_ topic: String, _ index: Int32) -> Bool {
        guard let name = TopicName(topic), let description = log.topicDescription(name) else { return false }
        return index >= 0 && index < description.partitionCount
    }

    /// Whether the client may do this to a topic.
    func mayTopic(_ operation: ACLOperation, _ topic: String, _ client: Asker) -> Bool {
        authorizer.allows(client.principal, from: client.host, operation, on: .topic, named: topic)
    }

    /// Whether the client may do this to the whole server.
    func mayCluster(_ operation: ACLOperation, _ client: Asker) -> Bool {
        authorizer.allows(
            client.principal, from: client.host, operation, on: .cluster, named: OpenAuthorizer.clusterName)
    }

    /// Does blocking work on a thread and answers with what comes out.
    ///
    /// While the server is being shut down nothing is done and nothing answered: the connection ends.
    func answer<Response: KafkaResponse>(
        _ reply: Reply<Response>, _ body: @escaping @Sendable () -> Response
    ) {
        threads.run(body) { result in
            switch result {
            case .success(let response): reply(response)
            case .failure: reply.nothing()
            }
        }
    }
}

/// Until when a request's client waits for it.
struct RequestDeadline: Sendable {
    private let deadline: NIODeadline?

    /// - Parameter milliseconds: zero and less stand for no limit: the work is done at once, there is nothing to wait
    ///   for.
    init(milliseconds: Int32, now: NIODeadline = .now()) {
        deadline = milliseconds > 0 ? now + .milliseconds(Int64(milliseconds)) : nil
    }

    func hasPassed(now: NIODeadline = .now()) -> Bool {
        guard let deadline else { return false }
        return now >= deadline
    }
}

extension TopicID {
    var wireID: WireUUID { WireUUID(high: high, low: low) }

    init(_ id: WireUUID) { self.init(high: id.high, low: id.low) }
}
