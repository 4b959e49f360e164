import KafkaWire
import LogStorage
import NIOCore
package import StreamModel

extension LocalAdministration {
    package func groups(for caller: ClusterCaller) async throws(ClusterError) -> [ClusterGroup] {
        groups.visibleGroups(to: Asker(caller)).compactMap { describe($0.group) }
    }

    package func group(_ id: String, for caller: ClusterCaller) async throws(ClusterError) -> ClusterGroup {
        guard groups.allows(Asker(caller), .describe, onGroup: id) else { throw Self.denied(id) }
        guard let group = describe(id) else {
            throw ClusterError(.notFound, "Consumer Group \(id) could not be found.")
        }
        return group
    }

    package func committedOffsets(
        of id: String, for caller: ClusterCaller
    ) async throws(ClusterError) -> [ClusterGroupOffset] {
        let asker = Asker(caller)
        guard groups.allows(asker, .describe, onGroup: id) else { throw Self.denied(id) }
        let partitions = groups.offsets.partitions(of: id)
        let found = groups.offsets.fetch(partitions, group: id, requireStable: false)
        return zip(partitions, found).compactMap { partition, committed in
            guard case .success(let committed?) = committed,
                groups.allows(asker, .describe, onTopic: partition.topic.rawValue),
                let end = try? shared.log.offsets(of: partition).lastStable
            else { return nil }
            return ClusterGroupOffset(
                partition: partition, committed: Offset(committed.offset), metadata: committed.metadata,
                end: end)
        }
    }

    private static func denied(_ group: String) -> ClusterError {
        ClusterError(.denied, "Not authorized to access group: \(group)")
    }

    /// Nil if there is nothing of the group, not even offsets.
    private func describe(_ id: String) -> ClusterGroup? {
        guard let found = groups.groups.describe(id) else {
            guard groups.offsets.hasOffsets(id) else { return nil }
            return ClusterGroup(
                id: id, state: ConsumerGroup.State.empty.restName, assignor: "", isSimple: true, members: [])
        }
        let isReadable =
            found.state == .stable && found.protocolType == ConsumerGroup.consumerProtocolType
        return ClusterGroup(
            id: id, state: found.state.restName, assignor: found.protocolName,
            isSimple: found.protocolType.isEmpty,
            members: found.members.map { member in
                ClusterGroup.Member(
                    id: member.id, instanceID: member.instanceID, clientID: member.clientID,
                    host: member.clientHost,
                    assignment: isReadable ? ConsumerAssignment.partitions(of: member.assignment) : [])
            })
    }
}

extension ConsumerGroup.State {
    fileprivate var restName: String {
        switch self {
        case .empty: "EMPTY"
        case .preparingRebalance: "PREPARING_REBALANCE"
        case .completingRebalance: "COMPLETING_REBALANCE"
        case .stable: "STABLE"
        }
    }
}

/// What a group's leader has given a member, as Kafka's consumers write it; the server does not look into it otherwise.
enum ConsumerAssignment {
    /// Sorted; empty if the bytes cannot be read.
    static func partitions(of bytes: ByteBuffer) -> [TopicPartition] {
        var reader = WireReader(bytes, isFlexible: false)
        do throws(KafkaWireError) {
            _ = try reader.int16()
            let topics = try reader.array { (reader) throws(KafkaWireError) in
                let topic = try reader.string()
                let partitions = try reader.array { (reader) throws(KafkaWireError) in try reader.int32() }
                return (topic, partitions)
            }
            return topics.flatMap { topic, partitions in
                partitions.compactMap { PartitionChecks.partition(topic, $0) }
            }.sorted()
        } catch {
            return []
        }
    }
}
