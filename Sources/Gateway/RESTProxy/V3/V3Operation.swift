import JSONText
import NIOCore
import StreamModel

/// One of the operations: a method and path, and what is done.
struct V3Operation: Sendable {
    typealias Body = @Sendable (V3Call) async throws -> GatewayResponse

    var method: HTTPMethod
    /// Below `/v3`, with variable parts in braces.
    var path: String
    var body: Body

    init(_ method: HTTPMethod, _ path: String, _ body: @escaping Body) {
        self.method = method
        self.path = path
        self.body = body
    }
}

/// Runs an operation; its errors become answers.
struct V3Handler: GatewayHandler {
    let services: V3Services
    let operation: V3Operation
    private let path: V3Path

    init(services: V3Services, operation: V3Operation) {
        self.services = services
        self.operation = operation
        path = V3Path(operation.path)
    }

    func handle(_ request: GatewayRequest, _ exchange: Exchange) {
        let call = V3Call(
            request: request, variables: path.variables(of: request.path.dropFirst()), services: services)
        exchange.run { [operation] in
            do {
                try call.check()
                return try await operation.body(call)
            } catch let error as V3Error {
                return error.response()
            } catch let error as ClusterError {
                return V3Error(error).response()
            }
        }
    }
}

/// A request with what its path names.
struct V3Call: Sendable {
    let request: GatewayRequest
    let variables: [String: String]
    let services: V3Services

    var cluster: any ClusterAdministration { services.cluster }
    var caller: ClusterCaller { ClusterCaller(request.caller) }
    var links: V3Links { V3Links(request, clusterID: services.cluster.clusterID) }

    /// A variable part of the path.
    subscript(_ name: String) -> String { variables[name] ?? "" }

    /// A variable part that is a number; nothing has a name that is none.
    func number(_ name: String) throws(V3Error) -> Int32 {
        guard let number = Int32(self[name]) else { throw .notFound }
        return number
    }

    func flag(_ names: String...) -> Bool {
        names.contains { request.query[$0]?.lowercased() == "true" }
    }

    /// What is asked of every request: the cluster it names, and types that are served.
    func check() throws(V3Error) {
        guard request.acceptsV3 else { throw V3Error(.notAcceptable, "HTTP 406 Not Acceptable") }
        if let named = variables["cluster_id"], named != cluster.clusterID {
            throw V3Error(.notFound, "Cluster \(named) cannot be found.")
        }
        guard request.body.readableBytes == 0 || request.hasV3Body else {
            throw V3Error(.unsupportedMediaType, "HTTP 415 Unsupported Media Type")
        }
    }

    /// The body as an object.
    ///
    /// - Parameter absent: what is thrown if there is none.
    func body(orThrow absent: V3Error = .noBody) throws(V3Error) -> V3Body {
        guard request.body.readableBytes > 0 else { throw absent }
        let result: Result<JSONTree, JSONTextError> = request.body.withUnsafeReadableBytes { bytes in
            do throws(JSONTextError) {
                return .success(try JSONTree(bytes, maxDepth: services.maxJSONDepth))
            } catch {
                return .failure(error)
            }
        }
        switch result {
        case .success(.null): throw absent
        case .success(let tree): return try V3Body(tree, "the body")
        case .failure(let error): throw .unreadable(error)
        }
    }
}

extension GatewayRequest {
    /// Whether the client takes JSON.
    var acceptsV3: Bool {
        guard let accept = head.accept, !accept.isEmpty else { return true }
        return accept.split(separator: ",").contains { range in
            let parts = range.split(separator: ";").map { $0.lowercased().trimmingBlanks }
            guard let type = parts.first,
                !parts.dropFirst().contains(where: { ["q=0", "q=0.0"].contains($0) })
            else { return false }
            return ["*/*", "application/*", V3Dialect.mediaType].contains(type)
        }
    }

    /// Whether the body is JSON, as far as its type says; one without a type is taken for JSON.
    var hasV3Body: Bool {
        guard let type = head.contentType, type != V3Dialect.mediaType else { return true }
        return type.prefix { $0 != ";" }.lowercased().trimmingBlanks == V3Dialect.mediaType
    }
}

extension ClusterCaller {
    init(_ caller: Caller) {
        self.init(principal: caller.name.map { "User:" + $0 } ?? Self.anonymous, host: caller.address)
    }
}

/// The members of a JSON object in a request, each of a known name and form.
struct V3Body {
    private let members: [JSONTree.Member]
    private let place: String

    /// - Parameter place: what the object is called in messages.
    init(_ tree: JSONTree, _ place: String) throws(V3Error) {
        guard let members = tree.members else {
            throw V3Error(.badRequest, "Error processing JSON: \(place) is no object")
        }
        self.members = members
        self.place = place
    }

    /// - Throws: if there is a member of another name.
    func allow(_ names: String...) throws(V3Error) {
        if let other = members.first(where: { !names.contains($0.name) }) {
            throw V3Error(
                .badRequest,
                "Unrecognized field: \(other.name.prefix(64)) in \(place), known are "
                    + names.joined(separator: ", "))
        }
    }

    /// Nil if it is absent or null.
    subscript(_ name: String) -> JSONTree? {
        members.first { $0.name == name && !$0.value.isNull }?.value
    }

    private func wrong(_ name: String, _ kind: String) -> V3Error {
        V3Error(.badRequest, "Error processing JSON: \(name) in \(place) is no \(kind)")
    }

    private func missing(_ name: String) -> V3Error {
        V3Error(.badRequest, "Missing required property: \(name) in \(place)")
    }

    func text(_ name: String) throws(V3Error) -> String? {
        guard let value = self[name] else { return nil }
        guard let text = value.scalarText else { throw wrong(name, "string") }
        return text
    }

    func requiredText(_ name: String) throws(V3Error) -> String {
        guard let text = try text(name) else { throw missing(name) }
        return text
    }

    func integer<Integer: FixedWidthInteger>(
        _ name: String, _ type: Integer.Type = Integer.self
    ) throws(V3Error) -> Integer? {
        guard let value = self[name] else { return nil }
        guard let number = value.integer ?? value.text.flatMap({ Int64($0) }),
            let fitting = Integer(exactly: number)
        else { throw wrong(name, "number of this size") }
        return fitting
    }

    func bool(_ name: String) throws(V3Error) -> Bool? {
        guard let value = self[name] else { return nil }
        guard let bool = value.bool ?? value.text.flatMap({ Bool($0) }) else {
            throw wrong(name, "true or false")
        }
        return bool
    }

    /// The objects of an array; empty if it is absent.
    func objects(_ name: String) throws(V3Error) -> [V3Body] {
        guard let value = self[name] else { return [] }
        guard let elements = value.elements else { throw wrong(name, "array") }
        var objects: [V3Body] = []
        for element in elements { objects.append(try V3Body(element, name)) }
        return objects
    }

    func requiredObjects(_ name: String) throws(V3Error) -> [V3Body] {
        guard self[name] != nil else { throw missing(name) }
        return try objects(name)
    }
}

extension JSONTree {
    /// The text of a string, or of a number or truth value in its place, as the peer reads it.
    fileprivate var scalarText: String? {
        switch self {
        case .string(let text), .number(let text): text
        case .bool(let value): String(value)
        default: nil
        }
    }
}
