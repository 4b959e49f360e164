import StreamModel

/// How a group's leader shares out the partitions; both are what Apache Kafka's clients call so.
///
/// Apache Kafka's range assignor also looks at racks where members and brokers have them; here nobody has one.
enum PartitionAssignor: String, Sendable, CaseIterable {
    /// Of each topic every subscriber gets a run of partitions.
    case range
    /// All partitions are dealt out one by one.
    case roundRobin = "roundrobin"

    struct Member: Sendable, Equatable {
        var id: String
        var instanceID: String?
        var topics: Set<String>
    }

    /// - Parameter partitionCount: nil if there is no such topic; nobody gets anything of it then.
    func assign(
        to members: [Member], partitionCount: (TopicName) -> Int?
    ) -> [String: [TopicPartition]] {
        var shares = Dictionary(members.map { ($0.id, [TopicPartition]()) }) { first, _ in first }
        let sorted = members.sorted(by: Self.precedes)
        let topics = Set(members.flatMap(\.topics)).compactMap(TopicName.init).sorted()
        switch self {
        case .range:
            for topic in topics { Self.assignRuns(of: topic, partitionCount(topic) ?? 0, to: sorted, &shares) }
        case .roundRobin:
            Self.deal(topics.map { ($0, partitionCount($0) ?? 0) }, to: sorted, &shares)
        }
        return shares
    }

    /// Static members keep their place through a restart, since their name does not change.
    private static func precedes(_ left: Member, _ right: Member) -> Bool {
        switch (left.instanceID, right.instanceID) {
        case (let left?, let right?): left < right
        case (.some, nil): true
        case (nil, .some): false
        case (nil, nil): left.id < right.id
        }
    }

    private static func assignRuns(
        of topic: TopicName, _ count: Int, to members: [Member], _ shares: inout [String: [TopicPartition]]
    ) {
        let subscribers = members.filter { $0.topics.contains(topic.rawValue) }
        guard !subscribers.isEmpty, count > 0 else { return }
        let (share, rest) = count.quotientAndRemainder(dividingBy: subscribers.count)
        var next = 0
        for (place, member) in subscribers.enumerated() {
            let end = next + share + (place < rest ? 1 : 0)
            shares[member.id, default: []] += (next..<end).map { partition(topic, $0) }
            next = end
        }
    }

    private static func deal(
        _ topics: [(name: TopicName, count: Int)], to members: [Member],
        _ shares: inout [String: [TopicPartition]]
    ) {
        var turn = 0
        for topic in topics where members.contains(where: { $0.topics.contains(topic.name.rawValue) }) {
            for index in 0..<topic.count {
                while !members[turn % members.count].topics.contains(topic.name.rawValue) { turn += 1 }
                shares[members[turn % members.count].id, default: []].append(partition(topic.name, index))
                turn += 1
            }
        }
    }

    private static func partition(_ topic: TopicName, _ index: Int) -> TopicPartition {
        TopicPartition(topic, PartitionIndex(Int32(clamping: index)))
    }
}
