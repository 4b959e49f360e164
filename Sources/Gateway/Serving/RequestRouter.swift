/// Where a request goes.
struct GatewayRoute: Sendable {
    var dialect: any Dialect
    /// Nil: no such path.
    var endpoint: Endpoint?
    /// Decoded parts from the anchor on.
    var path: [String] = []
    /// What stands before the anchor.
    var stage = ""
    var query = QueryItems()
}

/// Finds the route of a request target.
///
/// Whatever stands before a dialect's first part is a stage name of the gateway that the client used to call, and is
/// ignored; so are doubled and trailing slashes. Where several parts could be the first one, the leftmost that makes a
/// whole path counts.
struct RequestRouter: Sendable {
    private let dialects: [any Dialect]
    private let byAnchor: [String: any Dialect]
    /// Answers where no dialect knows the path.
    let fallback: any Dialect

    /// - Parameter fallback: answers for paths that are nobody's.
    init(_ dialects: [any Dialect], fallback: any Dialect) {
        self.dialects = dialects
        self.fallback = fallback
        byAnchor = Dictionary(
            dialects.flatMap { dialect in dialect.anchors.map { ($0, dialect) } },
            uniquingKeysWith: { first, _ in first })
    }

    func route(_ head: HTTPRequestHead) -> GatewayRoute {
        let target = RequestTarget(head.target)
        let query = QueryItems(target.query)
        if target.parts.isEmpty {
            for dialect in dialects {
                if let endpoint = dialect.root(head) {
                    return GatewayRoute(dialect: dialect, endpoint: endpoint, query: query)
                }
            }
        }
        let parts = target.parts.map { RequestTarget.percentDecoded(String($0)) }
        var nearest: GatewayRoute?
        for start in parts.indices {
            guard let part = parts[start], let dialect = byAnchor[part] else { continue }
            // Parts that cannot be decoded are nobody's path.
            let path = parts[start...].compactMap { $0 }
            guard path.count == parts.count - start else { continue }
            let stage = target.parts[..<start].map { "/" + $0 }.joined()
            var route = GatewayRoute(dialect: dialect, path: path, stage: stage, query: query)
            route.endpoint = dialect.endpoint(path[...], query)
            if route.endpoint != nil { return route }
            if nearest == nil { nearest = route }
        }
        return nearest ?? GatewayRoute(dialect: fallback, query: query)
    }
}
