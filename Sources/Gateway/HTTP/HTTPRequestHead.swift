/// The method of a request; those that no route knows are `other`.
enum HTTPMethod: String, Sendable, CaseIterable {
    case get = "GET"
    case post = "POST"
    case put = "PUT"
    case delete = "DELETE"
    case patch = "PATCH"
    case head = "HEAD"
    case options = "OPTIONS"
    case other = ""

    init(_ bytes: UnsafeRawBufferPointer) {
        // The common ones first, and without making a string.
        if bytes.isText("POST") {
            self = .post
        } else if bytes.isText("PUT") {
            self = .put
        } else if bytes.isText("GET") {
            self = .get
        } else {
            self = HTTPMethod(rawValue: String(decoding: bytes, as: UTF8.self)) ?? .other
        }
    }
}

/// Request line and headers.
struct HTTPRequestHead: Sendable, Equatable {
    enum BodyLength: Sendable, Equatable {
        case exactly(Int)
        case chunked
    }

    var method: HTTPMethod = .other
    /// Path and query as sent.
    var target = ""
    var body: BodyLength = .exactly(0)
    var keepsAlive = true
    /// The client speaks HTTP/1.0, and knows of no chunks.
    var isVersion10 = false
    var expectsContinue = false
    /// Looked for while the head is parsed, since few requests have one.
    var hasIdempotencyKey = false
    var contentType: String?
    var accept: String?
    /// All headers, those above among them.
    var fields = HTTPFields()
}

/// A request that breaks the rules of HTTP.
struct HTTPFault: Error, Equatable {
    var status: Int
    var message: String
    /// Where the next request begins is unknown, or the sender is not to be trusted.
    var closes: Bool

    init(_ status: Int, _ message: String, closes: Bool = true) {
        self.status = status
        self.message = message
        self.closes = closes
    }
}
