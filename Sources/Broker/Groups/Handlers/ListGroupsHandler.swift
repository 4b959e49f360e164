// ListGroups (key 16), versions 0-4.

import KafkaWire

struct ListGroupsHandler: RequestHandler {
    let services: GroupServices

    func handle(
        _ request: ListGroupsRequest, _ context: RequestContext, _ reply: Reply<ListGroupsResponse>
    ) {
        let seesAll = services.authorizer.allows(
            context.principal, from: context.clientHost, .describe, on: .cluster,
            named: OpenAuthorizer.clusterName)
        let states = Set(request.statesFilter.map { $0.lowercased() })
        var groups = services.groups.list()
        // Groups of consumers without membership have committed offsets alone.
        let known = Set(groups.map(\.group))
        groups += services.offsets.groupIDs.filter { !known.contains($0) }.map {
            .init(group: $0, state: .empty, protocolType: "")
        }
        let visible = groups.sorted { $0.group < $1.group }.filter { group in
            (states.isEmpty || states.contains(group.state.rawValue.lowercased()))
                && (seesAll || services.allows(context, .describe, onGroup: group.group))
        }
        reply(
            .init(
                error: .none,
                groups: visible.map {
                    .init(groupID: $0.group, protocolType: $0.protocolType, groupState: $0.state.rawValue)
                }))
    }
}
