import StreamModel

/// What the operations of REST Proxy v3 work with.
struct V3Services: Sendable {
    var cluster: any ClusterAdministration
    var appender: any RecordAppender
    var counters: GatewayCounters
    /// Without it there are no formats with schemas.
    var schemas: SchemaRegistry?
    /// The largest object of a produce request, and the largest body of any other one.
    var maxRecordBytes: Int
    var maxJSONDepth: Int
    var clock = WallClock.system
}

/// REST Proxy v3: what the cluster consists of, and records with headers and times, streamed in and out.
struct V3Dialect: Dialect {
    static let mediaType = "application/json"

    let anchors: Set<String> = ["v3"]
    /// By the number of parts; those with fixed parts before those with variable ones.
    private let paths: [Int: [(path: V3Path, endpoint: Endpoint)]]

    init(_ services: V3Services) {
        let operations =
            V3Clusters.operations + V3Topics.operations + V3Partitions.operations + V3Settings.operations
            + V3Groups.operations + V3ACLs.operations + V3BatchProduce.operations
        var endpoints: [String: Endpoint] = [:]
        for operation in operations {
            endpoints[operation.path, default: Endpoint("/v3" + operation.path)].handlers[operation.method] =
                V3Handler(services: services, operation: operation)
        }
        let records = V3Produce.path
        endpoints[records, default: Endpoint("/v3" + records)].handlers[.post] = V3Produce(services: services)
        let all = endpoints.map { (path: V3Path($0), endpoint: $1) }
        paths = Dictionary(grouping: all) { $0.path.count }.mapValues { paths in
            paths.sorted { $0.path.variableCount < $1.path.variableCount }
        }
    }

    init(
        _ cluster: any ClusterAdministration, appender: any RecordAppender, schemas: SchemaRegistry? = nil,
        _ settings: GatewaySettings, _ counters: GatewayCounters
    ) {
        self.init(
            V3Services(
                cluster: cluster, appender: appender, counters: counters, schemas: schemas,
                maxRecordBytes: settings.maxRequestBytes, maxJSONDepth: settings.maxJSONDepth))
    }

    func endpoint(_ path: ArraySlice<String>, _ query: QueryItems) -> Endpoint? {
        let parts = path.dropFirst()
        return paths[parts.count]?.first { $0.path.matches(parts) }?.endpoint
    }

    func response(to fault: GatewayFault) -> GatewayResponse {
        V3Error(fault).response(headers: fault.responseHeaders)
    }

    /// The paths that are served, with their methods.
    var templates: [String: [HTTPMethod]] {
        Dictionary(
            paths.values.joined().map { ($0.endpoint.template, $0.endpoint.methods) },
            uniquingKeysWith: { first, _ in first })
    }
}

/// A path below `/v3` with variable parts in braces.
struct V3Path: Sendable {
    private enum Part: Sendable {
        case fixed(String)
        case variable(String)
    }

    private let parts: [Part]

    init(_ template: String) {
        parts = template.split(separator: "/").map { part in
            part.hasPrefix("{") ? .variable(String(part.dropFirst().dropLast())) : .fixed(String(part))
        }
    }

    var count: Int { parts.count }

    var variableCount: Int {
        parts.count { if case .variable = $0 { true } else { false } }
    }

    func matches(_ path: ArraySlice<String>) -> Bool {
        guard path.count == parts.count else { return false }
        return zip(parts, path).allSatisfy { part, text in
            switch part {
            case .fixed(let fixed): fixed == text
            case .variable: true
            }
        }
    }

    /// The variable parts of a path that matches.
    func variables(of path: ArraySlice<String>) -> [String: String] {
        var found: [String: String] = [:]
        for (part, text) in zip(parts, path) {
            if case .variable(let name) = part { found[name] = text }
        }
        return found
    }
}
