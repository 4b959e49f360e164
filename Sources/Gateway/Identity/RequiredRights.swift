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

    /// - Parameter path: decoded, from the dialect's anchor on.
    static func rights(_ method: HTTPMethod, _ path: [String]) -> [Right] {
        switch path.first {
        case "topics": path.count > 1 ? [topic(method, path[1], Array(path.dropFirst(2)))] : []
        case "consumers": path.count > 1 ? [Right(.read, .group(path[1]))] : []
        case "v3": cluster(method, Array(path.dropFirst(3)))
        case "streams", "stream": path.count > 1 ? [stream(method, path[1], Array(path.dropFirst(2)))] : []
        default: []
        }
    }

    private static func topic(_ method: HTTPMethod, _ name: String, _ rest: [String]) -> Right {
        if rest.first == "records" || rest.first == "records:batch" { return Right(.write, .topic(name)) }
        if rest.first?.hasPrefix("configs") == true {
            return Right(isReading(method) ? .describeConfigs : .alterConfigs, .topic(name))
        }
        switch method {
        case .get, .head, .options, .other: return Right(.describe, .topic(name))
        // REST Proxy v2 posts records to the topic itself, or to one of its partitions.
        case .post: return Right(.write, .topic(name))
        case .delete: return Right(.delete, .topic(name))
        case .put, .patch: return Right(.alter, .topic(name))
        }
    }

    /// Behind `/v3/clusters/{id}`.
    private static func cluster(_ method: HTTPMethod, _ path: [String]) -> [Right] {
        switch path.first {
        case "topics" where path.count > 1 && path[1] != "-":
            return [topic(method, path[1], Array(path.dropFirst(2)))]
        case "topics": return isReading(method) ? [] : [Right(.create, .cluster)]
        case "consumer-groups" where path.count > 1:
            return [Right(isReading(method) ? .describe : .delete, .group(path[1]))]
        case "acls", "acls:batch": return [Right(isReading(method) ? .describe : .alter, .cluster)]
        case "broker-configs", "broker-configs:alter", "brokers":
            guard path.first != "brokers" || path.dropFirst(2).first?.hasPrefix("configs") == true else {
                return []
            }
            return [Right(isReading(method) ? .describeConfigs : .alterConfigs, .cluster)]
        default: return isReading(method) ? [] : [Right(.alter, .cluster)]
        }
    }

    private static func stream(_ method: HTTPMethod, _ name: String, _ rest: [String]) -> Right {
        if rest.isEmpty {
            switch method {
            case .post, .put: return Right(.create, .topic(name))
            case .delete: return Right(.delete, .topic(name))
            default: return Right(.describe, .topic(name))
            }
        }
        return Right(isReading(method) ? .read : .write, .topic(name))
    }

    private static func isReading(_ method: HTTPMethod) -> Bool {
        method == .get || method == .head || method == .options
    }
}

extension Caller {
    /// The first right that a request needs and the caller has not; nil if there is none.
    func missingRight(_ method: HTTPMethod, _ path: [String]) -> RequiredRights.Right? {
        guard access != nil else { return nil }
        return RequiredRights.rights(method, path).first { !allows($0.operation, on: $0.resource) }
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
