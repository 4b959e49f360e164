// DescribeGroups (key 15), versions 0-5.
// As Apache Kafka: a group that is not there is answered as Dead, without an error.

import KafkaWire
import NIOCore

struct DescribeGroupsHandler: RequestHandler {
    let services: GroupServices

    func handle(
        _ request: DescribeGroupsRequest, _ context: RequestContext, _ reply: Reply<DescribeGroupsResponse>
    ) {
        let groups = request.groups.map { group in
            guard services.allows(context, .describe, onGroup: group) else {
                return DescribeGroupsResponse.Group(
                    error: .groupAuthorizationFailed, groupID: group, groupState: "")
            }
            var description = describe(group)
            if request.includeAuthorizedOperations {
                description.authorizedOperations = authorizedOperations(on: group, context)
            }
            return description
        }
        reply(.init(groups: groups))
    }

    private func describe(_ group: String) -> DescribeGroupsResponse.Group {
        guard let found = services.groups.describe(group) else {
            let state = services.offsets.hasOffsets(group) ? ConsumerGroup.State.empty.rawValue : "Dead"
            return .init(error: .none, groupID: group, groupState: state)
        }
        let members = found.members.map { member in
            let isStable = found.state == .stable
            return DescribeGroupsResponse.Member(
                memberID: member.id, groupInstanceID: member.instanceID, clientID: member.clientID,
                clientHost: "/" + member.clientHost,
                memberMetadata: isStable ? member.metadata(for: found.protocolName) : ByteBuffer(),
                memberAssignment: isStable ? member.assignment : ByteBuffer())
        }
        return .init(
            error: .none, groupID: group, groupState: found.state.rawValue, protocolType: found.protocolType,
            protocolData: found.protocolName, members: members)
    }

    /// One bit for each operation on groups that the client may do.
    private func authorizedOperations(on group: String, _ context: RequestContext) -> Int32 {
        let operations: [ACLOperation] = [.read, .delete, .describe]
        return operations.filter { services.allows(context, $0, onGroup: group) }
            .reduce(0) { $0 | 1 << Int32($1.rawValue) }
    }
}
