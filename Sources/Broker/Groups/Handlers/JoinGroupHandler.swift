// JoinGroup (key 11), versions 0-7.
// Unlike Apache Kafka: the delay before the first generation is short (`group.initial.rebalance.delay.ms`), and a
// request that a later one of the same member replaces is answered with REBALANCE_IN_PROGRESS.

import KafkaWire

struct JoinGroupHandler: RequestHandler {
    let services: GroupServices

    func handle(_ request: JoinGroupRequest, _ context: RequestContext, _ reply: Reply<JoinGroupResponse>) {
        guard services.allows(context, .read, onGroup: request.groupID) else {
            return reply(.init(error: .groupAuthorizationFailed, memberID: request.memberID))
        }
        let joining = GroupCoordinator.Joining(
            group: request.groupID, memberID: request.memberID, instanceID: request.groupInstanceID,
            clientID: context.clientID ?? "", clientHost: context.clientHost,
            sessionTimeoutMilliseconds: request.sessionTimeoutMilliseconds,
            rebalanceTimeoutMilliseconds: request.rebalanceTimeoutMilliseconds,
            protocolType: request.protocolType,
            protocols: request.protocols.map { .init(name: $0.name, metadata: $0.metadata.detached) },
            // From 4 on clients come again with the id they get: one that is gone by then leaves no trace.
            requiresKnownMemberID: context.apiVersion >= 4 && request.groupInstanceID == nil)
        services.groups.join(joining) { reply(JoinGroupResponse($0)) }
    }
}

extension JoinGroupResponse {
    fileprivate init(_ answer: JoinAnswer) {
        self.init(
            error: answer.error, generationID: answer.generation, protocolType: answer.protocolType,
            protocolName: answer.protocolName, leader: answer.leaderID, memberID: answer.memberID,
            members: answer.members.map {
                .init(memberID: $0.id, groupInstanceID: $0.instanceID, metadata: $0.metadata)
            })
    }
}
