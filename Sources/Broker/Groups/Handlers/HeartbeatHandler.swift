// Heartbeat (key 12), versions 0-4.

import KafkaWire

struct HeartbeatHandler: RequestHandler {
    let services: GroupServices

    func handle(_ request: HeartbeatRequest, _ context: RequestContext, _ reply: Reply<HeartbeatResponse>) {
        guard services.allows(context, .read, onGroup: request.groupID) else {
            return reply(.init(error: .groupAuthorizationFailed))
        }
        let member = GroupMemberIdentity(
            memberID: request.memberID, instanceID: request.groupInstanceID, generation: request.generationID)
        reply(.init(error: services.groups.heartbeat(request.groupID, member)))
    }
}
