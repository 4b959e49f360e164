import KafkaWire
import NIOCore
import Synchronization

extension GroupCoordinator {
    /// A group as administration sees it.
    struct Overview: Sendable {
        var group: String
        var state: ConsumerGroup.State
        var protocolType: String
    }

    struct Description: Sendable {
        var state: ConsumerGroup.State
        var protocolType: String
        /// Empty unless the group is stable.
        var protocolName: String
        var members: [GroupMember]
    }

    /// What decides whether committed offsets may be forgotten.
    struct Occupancy: Sendable {
        var state: ConsumerGroup.State
        var protocolType: String?
        var emptySince: Int64?
        var subscribedTopics: Set<String>?
    }

    func list() -> [Overview] {
        state.withLock { state in
            state.groups.map { id, entry in
                Overview(
                    group: id, state: entry.group.state, protocolType: entry.group.protocolType ?? "")
            }
        }
    }

    /// Nil if nobody is or was a member.
    func describe(_ group: String) -> Description? {
        state.withLock { state in
            guard let group = state.groups[group]?.group else { return nil }
            return Description(
                state: group.state, protocolType: group.protocolType ?? "",
                protocolName: group.state == .stable ? group.protocolName ?? "" : "",
                members: group.orderedMembers)
        }
    }

    func occupancy(of group: String) -> Occupancy? {
        state.withLock { state in
            guard let entry = state.groups[group] else { return nil }
            return Occupancy(
                state: entry.group.state, protocolType: entry.group.protocolType,
                emptySince: entry.emptySince, subscribedTopics: entry.group.subscribedTopics)
        }
    }

    enum Removal: Equatable { case removed, absent, hasMembers }

    /// Forgets a group that has no members.
    func remove(_ group: String) -> Removal {
        state.withLock { state in
            guard let entry = state.groups[group] else { return .absent }
            guard entry.group.state == .empty else { return .hasMembers }
            entry.timer?.cancel()
            state.groups[group] = nil
            records.remove(group)
            return .removed
        }
    }

    /// Forgets groups without members for which `isNeeded` says no.
    func removeVacant(unless isNeeded: (String) -> Bool) {
        state.withLock { state in
            for (id, entry) in state.groups where entry.group.isVacant && !isNeeded(id) {
                state.groups[id] = nil
                records.remove(id)
            }
        }
    }

    /// Whether one more group may come, after those without members had to go where there are too many.
    func hasRoom(_ state: inout State) -> Bool {
        if state.groups.count < settings.maxGroups { return true }
        let vacant = state.groups.filter { $0.value.group.isVacant }
        guard let eldest = vacant.min(by: { $0.value.emptySince ?? 0 < $1.value.emptySince ?? 0 }) else {
            return false
        }
        // Its committed offsets stay: they are not ours.
        state.groups[eldest.key] = nil
        records.remove(eldest.key)
        return true
    }
}
