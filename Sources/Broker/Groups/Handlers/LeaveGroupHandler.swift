// LeaveGroup (key 13), versions 0-5.

import KafkaWire

struct LeaveGroupHandler: RequestHandler {
    let services: GroupServices

    func handle(_ request: LeaveGroupRequest, _ context: RequestContext, _ reply: Reply<LeaveGroupResponse>) {
        guard services.allows(context, .read, onGroup: request.groupID) else {
            return reply(.init(error: .groupAuthorizationFailed))
        }
        let leaving = request.members.map { (memberID: $0.memberID, instanceID: $0.groupInstanceID) }
        switch services.groups.leave(request.groupID, leaving) {
        case .failure(let error):
            reply(.init(error: error))
        case .success(let errors):
            let members = zip(request.members, errors).map {
                LeaveGroupResponse.Member(
                    memberID: $0.memberID, groupInstanceID: $0.groupInstanceID, error: $1)
            }
            reply(.init(error: .none, members: members))
        }
    }
}
