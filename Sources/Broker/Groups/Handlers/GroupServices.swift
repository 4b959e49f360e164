import KafkaWire
import NIOCore
import StreamModel

/// What the handlers of groups work with.
struct GroupServices: Sendable {
    var groups: GroupCoordinator
    var offsets: GroupOffsets
    var topics: any GroupTopics
    var authorizer: any Authorizer

    /// A handler for each API of groups and coordinators.
    func handlers() -> [any RequestHandler] {
        [
            FindCoordinatorHandler(services: self), JoinGroupHandler(services: self),
            SyncGroupHandler(services: self), HeartbeatHandler(services: self),
            LeaveGroupHandler(services: self), OffsetCommitHandler(services: self),
            OffsetFetchHandler(services: self), OffsetDeleteHandler(services: self),
            DescribeGroupsHandler(services: self), ListGroupsHandler(services: self),
            DeleteGroupsHandler(services: self),
        ]
    }

    func allows(_ context: RequestContext, _ operation: ACLOperation, onGroup group: String) -> Bool {
        allows(context.asker, operation, onGroup: group)
    }

    func allows(_ context: RequestContext, _ operation: ACLOperation, onTopic topic: String) -> Bool {
        allows(context.asker, operation, onTopic: topic)
    }

    func allows(_ asker: Asker, _ operation: ACLOperation, onGroup group: String) -> Bool {
        authorizer.allows(asker.principal, from: asker.host, operation, on: .group, named: group)
    }

    func allows(_ asker: Asker, _ operation: ACLOperation, onTopic topic: String) -> Bool {
        authorizer.allows(asker.principal, from: asker.host, operation, on: .topic, named: topic)
    }

    /// The groups that somebody may see, sorted; those of consumers without membership have committed offsets alone.
    func visibleGroups(to asker: Asker) -> [GroupCoordinator.Overview] {
        let seesAll = authorizer.allows(
            asker.principal, from: asker.host, .describe, on: .cluster, named: OpenAuthorizer.clusterName)
        var found = groups.list()
        let known = Set(found.map(\.group))
        found += offsets.groupIDs.filter { !known.contains($0) }.map {
            .init(group: $0, state: .empty, protocolType: "")
        }
        return found.sorted { $0.group < $1.group }.filter {
            seesAll || allows(asker, .describe, onGroup: $0.group)
        }
    }

    /// The partition if the client may use it so and it is there, or the error to answer.
    func find(
        _ index: Int32, of topic: String, isAllowed: Bool, denial: KafkaErrorCode = .topicAuthorizationFailed
    ) -> Result<TopicPartition, KafkaErrorCode> {
        guard isAllowed else { return .failure(denial) }
        guard let name = TopicName(topic) else { return .failure(.unknownTopicOrPartition) }
        let partition = TopicPartition(name, PartitionIndex(index))
        return topics.contains(partition) ? .success(partition) : .failure(.unknownTopicOrPartition)
    }
}

/// Outcomes that are known before and after the work, put together in the order of the request.
struct OffsetOutcomes: Sendable {
    private var topics: [OffsetCommitResponse.Topic] = []
    private var positions: [TopicPartition: [(topic: Int, partition: Int)]] = [:]

    mutating func begin(topic: String) {
        topics.append(.init(name: topic, partitions: []))
    }

    /// Adds a partition of the topic begun last, with its error if that is known already.
    mutating func add(_ index: Int32, _ found: Result<TopicPartition, KafkaErrorCode>) {
        guard !topics.isEmpty else { return }
        let topic = topics.count - 1
        switch found {
        case .failure(let error): topics[topic].partitions.append(.init(index: index, error: error))
        case .success(let partition):
            positions[partition, default: []].append((topic, topics[topic].partitions.count))
            topics[topic].partitions.append(.init(index: index, error: .none))
        }
    }

    func topics(with outcomes: [OffsetCommitOutcome]) -> [OffsetCommitResponse.Topic] {
        var topics = topics
        for outcome in outcomes {
            for position in positions[outcome.partition] ?? [] {
                topics[position.topic].partitions[position.partition].error = outcome.error
            }
        }
        return topics
    }
}

extension ByteBuffer {
    /// A copy without the message that it is a slice of, which would be kept as long as the slice.
    var detached: ByteBuffer { ByteBuffer(bytes: readableBytesView) }
}
