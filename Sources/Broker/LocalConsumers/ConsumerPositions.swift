import StreamModel

/// The partitions that are a consumer's own, and where it reads on in each.
struct ConsumerPositions: Sendable {
    /// Where to read on.
    enum Place: Sendable, Equatable {
        /// Where the group's committed offset says, or else the consumer's rule.
        case committed
        case beginning
        case end
        case at(Offset)
    }

    private var places: [TopicPartition: Place] = [:]
    private var order: [TopicPartition] = []
    /// Which partition is read first, so that none starves behind a busy one.
    private var turn = 0

    /// Sorted.
    var partitions: [TopicPartition] { order }
    var isEmpty: Bool { order.isEmpty }

    /// All the offsets that are known: what is to be committed if everything handed out was consumed.
    var consumed: [CommittedPosition] {
        order.compactMap { partition in
            guard case .at(let offset) = places[partition] else { return nil }
            return CommittedPosition(partition: partition, offset: offset)
        }
    }

    subscript(partition: TopicPartition) -> Place? { places[partition] }

    mutating func assign(_ partitions: [TopicPartition]) {
        order = Set(partitions).sorted()
        places = Dictionary(order.map { ($0, .committed) }) { first, _ in first }
        turn = 0
    }

    /// The first that is not assigned.
    func stranger(among partitions: some Sequence<TopicPartition>) -> TopicPartition? {
        partitions.sorted().first { places[$0] == nil }
    }

    /// Does nothing for a partition that is not assigned.
    mutating func move(_ partition: TopicPartition, to place: Place) {
        if places[partition] != nil { places[partition] = place }
    }

    /// All partitions, another one first each time.
    mutating func takeTurn() -> [TopicPartition] {
        guard !order.isEmpty else { return [] }
        turn = (turn + 1) % order.count
        return Array(order[turn...] + order[..<turn])
    }
}
