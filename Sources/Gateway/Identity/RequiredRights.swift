import StreamModel

/// What a request's path alone says that its caller must be allowed to do.
///
/// What a body names besides (the topics of a subscription, the stream of a native Kinesis call) its handler asks for by
/// `Caller.allows`.
enum RequiredRights {
    struct Right: Equatable {
        var operation: AccessOperation
        var resource: AccessResource

        init(_ operation: AccessOperation, _ resource: AccessResource) {
            self.operation = operation
            self.resource = resource
        }
    }

    /// - Parameters:
    ///   - path: decoded, from the dialect's anchor on.
    ///   - query: may name the stream where the path does not.
    static func rights(
        _ method: HTTPMethod, _ path: [String], _ query: QueryItems = QueryItems()
    ) -> [Right] {
        switch path.first {
        case "topics": path.count > 1 ? [topic(method, path[1])] : []
        case "consumers": path.count > 1 ? [Right(.read, .group(path[1]))] : []
        case "v3": cluster(Array(path.dropFirst(3)))
        case "streams", "stream": stream(method, path, query)
        default: []
        }
    }

    private static func topic(_ method: HTTPMethod, _ name: String) -> Right {
        // Records are posted to the topic itself, or to one of its partitions.
        Right(method == .post ? .write : .describe, .topic(name))
    }

    /// Behind `/v3/clusters/{id}`, where all but the records is asked for by those who administer the cluster.
    private static func cluster(_ path: [String]) -> [Right] {
        guard path.count > 2, path[0] == "topics", path[2] == "records" || path[2] == "records:batch" else {
            return []
        }
        return [Right(.write, .topic(path[1]))]
    }

    private static func stream(_ method: HTTPMethod, _ path: [String], _ query: QueryItems) -> [Right] {
        guard let name = StreamPath.stream(path, query) else { return [] }
        let rest = path.dropFirst(StreamPath.isInPath(path, query) ? 2 : 1)
        guard rest.isEmpty else { return [Right(isReading(method) ? .read : .write, .topic(name))] }
        switch method {
        case .post, .put: return [Right(.create, .topic(name))]
        case .delete: return [Right(.delete, .topic(name))]
        default: return [Right(.describe, .topic(name))]
        }
    }

    private static func isReading(_ method: HTTPMethod) -> Bool {
        method == .get || method == .head || method == .options
    }
}

extension Caller {
    /// The first right that a request needs and the caller has not; nil if there is none.
    func missingRight(
        _ method: HTTPMethod, _ path: [String], _ query: QueryItems
    ) -> RequiredRights.Right? {
        guard access != nil else { return nil }
        return RequiredRights.rights(method, path, query).first { !allows($0.operation, on: $0.resource) }
    }
}

extension GatewayFault {
    /// Refuses a request whose caller lacks a right.
    init(_ missing: RequiredRights.Right, of caller: Caller) {
        let name = caller.name.map { "User:\($0)" } ?? "a client that has not logged in"
        let resource =
            switch missing.resource {
            case .topic(let topic): "the topic \(topic)"
            case .group(let group): "the group \(group)"
            case .cluster: "the cluster"
            }
        self.init(.forbidden, "Not authorized: \(name) may not \(missing.operation) \(resource)")
    }
}
