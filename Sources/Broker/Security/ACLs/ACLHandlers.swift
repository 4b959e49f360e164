import KafkaWire
import Logging

// DescribeAcls (key 29), CreateAcls (key 30) and DeleteAcls (key 31), versions 0-2.
// Unlike Apache Kafka: there is a most number of ACLs; past it CreateAcls is answered with POLICY_VIOLATION.

/// What the three share: the store, and who may ask.
struct ACLService: Sendable {
    /// Nil where no rights are checked.
    var authorizer: ACLAuthorizer?
    var threads: BrokerThreads
    var logger: Logger

    static let disabled = "No Authorizer is configured."

    /// Why the client may not ask; nil if it may.
    func refusal(_ asker: Asker, _ operation: ACLOperation) -> KafkaErrorCode? {
        guard let authorizer else { return .securityDisabled }
        return authorizer.allows(
            asker.principal, from: asker.host, operation, on: .cluster,
            named: ACLAuthorizer.clusterName) ? nil : .clusterAuthorizationFailed
    }

    static func message(_ error: KafkaErrorCode) -> String? {
        error == .securityDisabled ? disabled : nil
    }

    /// Runs a change on a thread and takes it over before it is answered.
    func change<Value: Sendable>(
        _ body: @escaping @Sendable (ACLStore) throws -> Value,
        then: @escaping @Sendable (Value?) -> Void
    ) {
        guard let authorizer else { return then(nil) }
        threads.run {
            let value = try body(authorizer.store)
            try authorizer.reload()
            return value
        } then: { [logger] result in
            switch result {
            case .success(let value): then(value)
            case .failure(let error):
                logger.error("ACLs cannot be written", metadata: ["error": "\(error)"])
                then(nil)
            }
        }
    }
}

struct DescribeACLsHandler: RequestHandler {
    let service: ACLService

    func handle(
        _ request: DescribeACLsRequest, _ context: RequestContext, _ reply: Reply<DescribeACLsResponse>
    ) {
        if let error = service.refusal(context.asker, .describe) {
            return reply(DescribeACLsResponse(error: error, message: ACLService.message(error)))
        }
        guard let filter = ACLFilter(request.filter), let authorizer = service.authorizer else {
            return reply(DescribeACLsResponse(error: .invalidRequest, message: ACLFilter.unknownMessage))
        }
        let matching = authorizer.index.acls.filter { filter.matches($0) }
        let groups = Dictionary(grouping: matching) {
            Pattern(type: $0.resourceType.rawValue, name: $0.resourceName, pattern: $0.patternType.rawValue)
        }
        reply(
            DescribeACLsResponse(
                error: .none,
                resources: groups.sorted { $0.key < $1.key }.map { pattern, acls in
                    DescribeACLsResponse.Resource(
                        resourceType: pattern.type, resourceName: pattern.name, patternType: pattern.pattern,
                        acls: acls.map(\.fields).sorted {
                            ($0.principal, $0.host, $0.operation) < ($1.principal, $1.host, $1.operation)
                        })
                }))
    }

    private struct Pattern: Hashable, Comparable {
        var type: Int8
        var name: String
        var pattern: Int8

        static func < (left: Self, right: Self) -> Bool {
            (left.type, left.name, left.pattern) < (right.type, right.name, right.pattern)
        }
    }
}

struct CreateACLsHandler: RequestHandler {
    let service: ACLService

    func handle(
        _ request: CreateACLsRequest, _ context: RequestContext, _ reply: Reply<CreateACLsResponse>
    ) {
        if let error = service.refusal(context.asker, .alter) {
            return reply(
                CreateACLsResponse(results: request.creations.map { _ in (error, ACLService.message(error)) })
            )
        }
        var results: [(error: KafkaErrorCode, message: String?)] = []
        var good: [ACLBinding] = []
        for fields in request.creations {
            let acl = ACLBinding(fields)
            if let fault = acl.fault {
                results.append((.invalidRequest, fault))
            } else {
                good.append(acl)
                results.append((.none, nil))
            }
        }
        guard !good.isEmpty else { return reply(CreateACLsResponse(results: results)) }
        service.change { [good] in
            try $0.add(good)
        } then: { [results] wereAdded in
            reply(CreateACLsResponse(results: Self.results(results, wereAdded: wereAdded)))
        }
    }

    private static func results(
        _ results: [(error: KafkaErrorCode, message: String?)], wereAdded: Bool?
    ) -> [(error: KafkaErrorCode, message: String?)] {
        results.map { result in
            guard result.error == .none else { return result }
            switch wereAdded {
            case true?: return result
            case false?: return (.policyViolation, "There would be more than \(ACLStore.maxACLs) ACLs.")
            case nil: return (.unknownServerError, "The ACL cannot be stored.")
            }
        }
    }
}

struct DeleteACLsHandler: RequestHandler {
    let service: ACLService

    func handle(
        _ request: DeleteACLsRequest, _ context: RequestContext, _ reply: Reply<DeleteACLsResponse>
    ) {
        typealias Result = DeleteACLsResponse.Result
        if let error = service.refusal(context.asker, .alter) {
            let result = Result(error: error, message: ACLService.message(error))
            return reply(DeleteACLsResponse(results: request.filters.map { _ in result }))
        }
        let filters = request.filters.map { ACLFilter($0) }
        service.change {
            try $0.remove(filters.compactMap(\.self))
        } then: { removed in
            guard let removed else {
                let result = Result(error: .unknownServerError, message: "The ACLs cannot be removed.")
                return reply(DeleteACLsResponse(results: filters.map { _ in result }))
            }
            var rest = removed[...]
            let results = filters.map { filter in
                guard filter != nil, let acls = rest.popFirst() else {
                    return Result(error: .invalidRequest, message: ACLFilter.unknownMessage)
                }
                return Result(error: .none, removed: acls.map(\.fields))
            }
            reply(DeleteACLsResponse(results: results))
        }
    }
}

extension ACLFilter {
    static let unknownMessage = "The filter holds an element that is not known."

    /// Nil if a number is not known.
    init?(_ fields: ACLFilterFields) {
        self.init(
            resourceType: ACLResourceType(rawValue: fields.resourceType) ?? .unknown,
            resourceName: fields.resourceName,
            patternType: ACLPatternType(rawValue: fields.patternType) ?? .unknown,
            principal: fields.principal, host: fields.host,
            operation: ACLOperation(rawValue: fields.operation) ?? .unknown,
            permission: ACLPermission(rawValue: fields.permission) ?? .unknown)
        if isUnknown { return nil }
    }
}

extension ACLBinding {
    init(_ fields: ACLFields) {
        self.init(
            resourceType: ACLResourceType(rawValue: fields.resourceType) ?? .unknown,
            resourceName: fields.resourceName,
            patternType: ACLPatternType(rawValue: fields.patternType) ?? .unknown,
            principal: fields.principal, host: fields.host,
            operation: ACLOperation(rawValue: fields.operation) ?? .unknown,
            permission: ACLPermission(rawValue: fields.permission) ?? .unknown)
    }

    var fields: ACLFields {
        ACLFields(
            resourceType: resourceType.rawValue, resourceName: resourceName,
            patternType: patternType.rawValue,
            principal: principal, host: host, operation: operation.rawValue, permission: permission.rawValue)
    }
}
