/// The method of a request; those that no route knows are `other`.
enum HTTPMethod: Sendable {
    case get, post, put, delete, other

    init(_ bytes: UnsafeRawBufferPointer) {
        self =
            if bytes.isText("POST") {
                .post
            } else if bytes.isText("GET") {
                .get
            } else if bytes.isText("PUT") {
                .put
            } else if bytes.isText("DELETE") {
                .delete
            } else {
                .other
            }
    }
}

/// Request line and those headers that matter here.
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
    var expectsContinue = false
    var contentType: String?
    var accept: String?
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
