import NIOCore

/// A whole answer.
struct GatewayResponse: Sendable {
    var status: Int
    /// Nil for an answer without a body, such as 204.
    var contentType: String?
    var headers: [(name: String, value: String)] = []
    var body = ByteBuffer()

    init(
        status: Int, contentType: String? = nil, headers: [(name: String, value: String)] = [],
        body: ByteBuffer = ByteBuffer()
    ) {
        self.status = status
        self.contentType = contentType
        self.headers = headers
        self.body = body
    }
}

/// What keeps a request from being served, before or beside what its handler says; each dialect puts it in its shape.
struct GatewayFault: Error, Equatable {
    enum Kind: Equatable, Sendable {
        /// The request breaks the rules of HTTP: the status says which.
        case malformed(status: Int)
        case unauthenticated
        case forbidden
        case notFound
        case methodNotAllowed(allowed: [HTTPMethod])
        /// `retryAfter`: seconds.
        case tooManyRequests(retryAfter: Int)
        case unavailable(retryAfter: Int)
        case internalError
    }

    var kind: Kind
    /// What happened and what to do about it.
    var message: String
    /// Headers of the answer, such as `WWW-Authenticate`.
    var headers: [String: String] = [:]

    init(_ kind: Kind, _ message: String, headers: [String: String] = [:]) {
        self.kind = kind
        self.message = message
        self.headers = headers
    }

    init(_ fault: HTTPFault) {
        self.init(.malformed(status: fault.status), fault.message)
    }

    var status: Int {
        switch kind {
        case .malformed(let status): status
        case .unauthenticated: 401
        case .forbidden: 403
        case .notFound: 404
        case .methodNotAllowed: 405
        case .tooManyRequests: 429
        case .unavailable: 503
        case .internalError: 500
        }
    }

    /// Headers that go with the kind in every dialect, and those of the fault.
    var responseHeaders: [(name: String, value: String)] {
        var all = headers.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
        switch kind {
        case .methodNotAllowed(let allowed):
            all.append(("Allow", allowed.map(\.rawValue).sorted().joined(separator: ", ")))
        case .tooManyRequests(let seconds), .unavailable(let seconds):
            all.append(("Retry-After", String(seconds)))
        default: break
        }
        return all
    }
}
