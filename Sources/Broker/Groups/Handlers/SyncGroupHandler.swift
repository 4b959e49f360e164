// SyncGroup (key 14), versions 0-5.
// Unlike Apache Kafka: a request that a later one of the same member replaces is answered with
// REBALANCE_IN_PROGRESS, and an assignment larger than `group.max.metadata.bytes` with MESSAGE_TOO_LARGE.

import KafkaWire
import NIOCore

struct SyncGroupHandler: RequestHandler {
    let services: GroupServices

    func handle(_ request: SyncGroupRequest, _ context: RequestContext, _ reply: Reply<SyncGroupResponse>) {
        if context.apiVersion >= 5, request.protocolType == nil || request.protocolName == nil {
            return reply(.init(error: .inconsistentGroupProtocol))
        }
        guard services.allows(context, .read, onGroup: request.groupID) else {
            return reply(.init(error: .groupAuthorizationFailed))
        }
        var assignments: [String: ByteBuffer] = [:]
        for assignment in request.assignments {
            assignments[assignment.memberID] = assignment.assignment.detached
        }
        let member = GroupMemberIdentity(
            memberID: request.memberID, instanceID: request.groupInstanceID, generation: request.generationID)
        services.groups.sync(
            request.groupID, member, protocolType: request.protocolType, protocolName: request.protocolName,
            assignments: assignments
        ) { answer in
            reply(
                SyncGroupResponse(
                    error: answer.error, protocolType: answer.protocolType, protocolName: answer.protocolName,
                    assignment: answer.assignment))
        }
    }
}
