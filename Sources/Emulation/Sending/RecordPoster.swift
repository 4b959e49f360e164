/// The network as the emulator needs it.
package protocol RecordPoster: Sendable {
    /// Sends one request and waits for its answer, whatever its status.
    func post(_ request: PostingRequest) async throws(PostingFailure) -> PostedAnswer
}

/// An answer to a request.
package struct PostedAnswer: Sendable, Equatable {
    package var status: Int
    package var retryAfter: String?
    package var body: [UInt8]

    package init(status: Int, retryAfter: String? = nil, body: [UInt8]) {
        self.status = status
        self.retryAfter = retryAfter
        self.body = body
    }
}

/// Why no answer came.
package struct PostingFailure: Error, Sendable, Equatable {
    package enum Code: Sendable { case cannotConnect, connectionLost, timedOut }

    package var code: Code
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
