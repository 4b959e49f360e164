import JSONText
import StreamModel

/// ACLs: found, made and deleted.
enum V3ACLs {
    static let operations: [V3Operation] = [
        V3Operation(.get, "/clusters/{cluster_id}/acls") { call in
            let filter = try filter(call.request.query, needsKinds: false)
            let found = try await call.cluster.acls(matching: filter, for: call.caller)
            return GatewayResponse.v3List("KafkaAclList", at: url(filter, call.links), found) {
                write($0, call.links, &$1)
            }
        },
        V3Operation(.post, "/clusters/{cluster_id}/acls") { call in
            let acl = try acl(try call.body())
            try await call.cluster.createACLs([acl], by: call.caller)
            return GatewayResponse(status: 201, headers: [("Location", url(acl, call.links))])
        },
        V3Operation(.post, "/clusters/{cluster_id}/acls:batch") { call in
            let body = try call.body()
            try body.allow("data")
            let acls = try body.requiredObjects("data").map { entry throws(V3Error) in try acl(entry) }
            try await call.cluster.createACLs(acls, by: call.caller)
            return .noContent
        },
        V3Operation(.delete, "/clusters/{cluster_id}/acls") { call in
            let filter = try filter(call.request.query, needsKinds: true)
            let deleted = try await call.cluster.deleteACLs(matching: filter, by: call.caller)
            return GatewayResponse.v3 { writer in
                writer.object {
                    $0.member("data", array: { for acl in deleted { write(acl, call.links, &$0) } })
                }
            }
        },
    ]

    static func acl(_ body: V3Body) throws(V3Error) -> ClusterACL {
        try body.allow(
            "resource_type", "resource_name", "pattern_type", "principal", "host", "operation", "permission")
        func kind(_ name: String, not unfit: Set<String>) throws(V3Error) -> String {
            let kind = try body.requiredText(name).uppercased()
            guard !unfit.contains(kind) else { throw V3Error(.badRequest, "\(name) cannot be \(kind)") }
            return kind
        }
        return ClusterACL(
            resourceType: try kind("resource_type", not: ["ANY", "UNKNOWN"]),
            resourceName: try body.requiredText("resource_name"),
            patternType: try kind("pattern_type", not: ["ANY", "MATCH", "UNKNOWN"]),
            principal: try body.requiredText("principal"), host: try body.requiredText("host"),
            operation: try kind("operation", not: ["ANY", "UNKNOWN"]),
            permission: try kind("permission", not: ["ANY", "UNKNOWN"]))
    }

    /// - Parameter needsKinds: what is to be deleted has to be said, `any` included.
    static func filter(_ query: QueryItems, needsKinds: Bool) throws(V3Error) -> ClusterACLFilter {
        func kind(_ name: String) throws(V3Error) -> String {
            let kind = (query[name].flatMap { $0.isEmpty ? nil : $0 } ?? (needsKinds ? "UNKNOWN" : "ANY"))
                .uppercased()
            guard kind != "UNKNOWN" else {
                throw V3Error(
                    .badRequest, "\(name) cannot be \(needsKinds ? "unspecified or " : "")UNKNOWN")
            }
            return kind
        }
        func text(_ name: String) -> String? { query[name].flatMap { $0.isEmpty ? nil : $0 } }
        var filter = ClusterACLFilter()
        filter.resourceType = try kind("resource_type")
        filter.resourceName = text("resource_name")
        filter.patternType = try kind("pattern_type")
        filter.principal = text("principal")
        filter.host = text("host")
        filter.operation = try kind("operation")
        filter.permission = try kind("permission")
        return filter
    }

    private static func url(_ filter: ClusterACLFilter, _ links: V3Links) -> String {
        links.url(
            "acls",
            query: [
                ("resource_type", filter.resourceType ?? "ANY"), ("resource_name", filter.resourceName ?? ""),
                ("pattern_type", filter.patternType ?? "ANY"), ("principal", filter.principal ?? ""),
                ("host", filter.host ?? ""), ("operation", filter.operation ?? "ANY"),
                ("permission", filter.permission ?? "ANY"),
            ])
    }

    private static func url(_ acl: ClusterACL, _ links: V3Links) -> String {
        links.url(
            "acls",
            query: [
                ("resource_type", acl.resourceType), ("resource_name", acl.resourceName),
                ("pattern_type", acl.patternType), ("principal", acl.principal), ("host", acl.host),
                ("operation", acl.operation), ("permission", acl.permission),
            ])
    }

    private static func write(_ acl: ClusterACL, _ links: V3Links, _ writer: inout JSONWriter) {
        writer.resource("KafkaAcl", at: url(acl, links), named: nil) {
            $0.member("cluster_id", links.clusterID)
            $0.member("resource_type", acl.resourceType)
            $0.member("resource_name", acl.resourceName)
            $0.member("pattern_type", acl.patternType)
            $0.member("principal", acl.principal)
            $0.member("host", acl.host)
            $0.member("operation", acl.operation)
            $0.member("permission", acl.permission)
        }
    }
}
