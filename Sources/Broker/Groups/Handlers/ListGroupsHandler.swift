// ListGroups (key 16), versions 0-4.

import KafkaWire

struct ListGroupsHandler: RequestHandler {
    let services: GroupServices

    func handle(
        _ request: ListGroupsRequest, _ context: RequestContext, _ reply: Reply<ListGroupsResponse>
    ) {
        let states = Set(request.statesFilter.map { $0.lowercased() })
        let visible = services.visibleGroups(to: context.asker).filter { group in
            states.isEmpty || states.contains(group.state.rawValue.lowercased())
        }
        reply(
            .init(
                error: .none,
                groups: visible.map {
                    .init(groupID: $0.group, protocolType: $0.protocolType, groupState: $0.state.rawValue)
                }))
    }
}
