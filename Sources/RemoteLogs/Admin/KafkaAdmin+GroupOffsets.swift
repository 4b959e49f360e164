/// Where a group stands in one partition.
package struct KafkaGroupPosition: Sendable, Equatable {
    package var partition: KafkaPartitionID
    /// Nil if the group has not committed there.
    package var committed: Int64?
    package var end: Int64
    package var member: KafkaGroup.Member?

    /// Records that are not committed yet; never negative.
    package var lag: Int64? { committed.map { max(0, end - $0) } }
}

/// A change of one committed offset.
package struct KafkaOffsetChange: Sendable, Equatable {
    package var partition: KafkaPartitionID
    package var before: Int64?
    package var after: Int64
}

/// Where a group shall stand.
package enum KafkaOffsetTarget: Sendable, Equatable {
    case earliest
    case latest
    case offset(Int64)
    /// The first record of this time or later, or the end; milliseconds since 1970.
    case time(Int64)

    /// The offset to commit; one outside the range becomes the nearest within.
    ///
    /// - Parameter atTime: the offset that the server has found for the time; nil if there is none.
    package func offset(in range: KafkaOffsetRange, atTime: Int64?) -> Int64 {
        switch self {
        case .earliest: range.start
        case .latest: range.end
        case .offset(let offset): min(max(offset, range.start), range.end)
        case .time: atTime ?? range.end
        }
    }
}

extension KafkaAdmin {
    /// Where a group stands in each partition that it has committed in or reads.
    package func positions(of group: KafkaGroup) throws(RemoteLogError) -> [KafkaGroupPosition] {
        let committed = try committedOffsets(of: group.id)
        var members: [KafkaPartitionID: KafkaGroup.Member] = [:]
        for member in group.members {
            for partition in member.partitions { members[partition] = member }
        }
        var positions: [KafkaGroupPosition] = []
        for partition in Set(committed.keys).union(members.keys).sorted() {
            let end = try offsets(of: partition).end
            positions.append(
                KafkaGroupPosition(
                    partition: partition, committed: committed[partition], end: end,
                    member: members[partition]))
        }
        return positions
    }

    /// What moving a group would change; nothing is changed.
    ///
    /// - Parameter partitions: nil for all of the topics that the group has committed in.
    /// - Throws: `refused` if the group has members, `notFound` if it has committed nothing and none are named.
    package func planReset(
        of group: String, to target: KafkaOffsetTarget, partitions: [KafkaPartitionID]?
    ) throws(RemoteLogError) -> [KafkaOffsetChange] {
        let description = try self.group(group)
        guard description.isAtRest else {
            throw RemoteLogError(
                .refused,
                "group \(group) is \(description.state) with \(description.members.count) members: stop them first"
            )
        }
        let committed = try committedOffsets(of: group)
        let chosen = partitions ?? committed.keys.sorted()
        guard !chosen.isEmpty else {
            throw RemoteLogError(.notFound, "group \(group) has committed nothing: name topics by --topic")
        }
        var atTime: [KafkaPartitionID: Int64] = [:]
        if case .time(let timestamp) = target { atTime = try offsets(of: chosen, atOrAfter: timestamp) }
        var changes: [KafkaOffsetChange] = []
        for partition in chosen {
            let range = try offsets(of: partition)
            changes.append(
                KafkaOffsetChange(
                    partition: partition, before: committed[partition],
                    after: target.offset(in: range, atTime: atTime[partition])))
        }
        return changes
    }
}
