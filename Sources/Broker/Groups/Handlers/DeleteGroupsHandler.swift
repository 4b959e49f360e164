// DeleteGroups (key 42), versions 0-2.

import KafkaWire

struct DeleteGroupsHandler: RequestHandler {
    let services: GroupServices

    func handle(
        _ request: DeleteGroupsRequest, _ context: RequestContext, _ reply: Reply<DeleteGroupsResponse>
    ) {
        deleteNext(request.groupNames[...], after: [], context, reply)
    }

    /// One after the other: a name that stands twice is not found the second time.
    private func deleteNext(
        _ names: ArraySlice<String>, after results: [DeleteGroupsResponse.Outcome],
        _ context: RequestContext, _ reply: Reply<DeleteGroupsResponse>
    ) {
        var names = names
        var results = results
        while let name = names.popFirst() {
            guard services.allows(context, .delete, onGroup: name) else {
                results.append(.init(groupID: name, error: .groupAuthorizationFailed))
                continue
            }
            let (rest, done) = (names, results)
            return services.offsets.deleteGroup(name) { error in
                deleteNext(rest, after: done + [.init(groupID: name, error: error)], context, reply)
            }
        }
        reply(.init(results: results))
    }
}
