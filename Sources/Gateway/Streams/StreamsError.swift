import JSONText

/// The errors of the streams dialect: the gateway's own, which have a message only, and those of Kinesis behind it,
/// which have a type.
///
/// Source: AWS's tutorial for Kinesis behind API Gateway, and API Gateway's own answers.
struct StreamsError: Error, Equatable {
    enum Code: Equatable, Sendable {
        // The gateway's own.
        case unreadableBody
        case noSuchMethod
        case tooLarge
        case unsupportedMediaType
        case tooManyRequests
        case unavailable
        /// All else that the gateway itself says.
        case gateway(status: Int)
        /// What Kinesis says, by its type and status.
        case service(type: String, status: Int)

        var status: Int {
            switch self {
            case .unreadableBody: 400
            case .noSuchMethod: 403
            case .tooLarge: 413
            case .unsupportedMediaType: 415
            case .tooManyRequests: 429
            case .unavailable: 503
            case .gateway(let status), .service(_, let status): status
            }
        }
    }

    var code: Code
    var message: String
    /// Seconds for `Retry-After`.
    var retryAfter: Int?

    init(_ code: Code, _ message: String, retryAfter: Int? = nil) {
        self.code = code
        self.message = message
        self.retryAfter = retryAfter
    }

    static let noSuchMethod = StreamsError(.noSuchMethod, "Missing Authentication Token")
    static let unsupportedMediaType = StreamsError(.unsupportedMediaType, "Unsupported Media Type")
    static let tooLarge = StreamsError(.tooLarge, "Request Too Long")
    static let tooManyRequests = StreamsError(.tooManyRequests, "Too Many Requests", retryAfter: 1)
    static let unavailable = StreamsError(.unavailable, "Service Unavailable", retryAfter: 1)

    static func unreadable(_ error: JSONTextError) -> StreamsError {
        StreamsError(.unreadableBody, "Could not parse request body into json: " + error.message)
    }

    /// A request that Kinesis would refuse because of what its members hold.
    static func validation(_ message: String) -> StreamsError {
        StreamsError(.service(type: "ValidationException", status: 400), message)
    }

    /// One broken constraint, in the words of Kinesis.
    static func constraint(_ value: String, at member: String, _ rule: String) -> StreamsError {
        validation(
            "1 validation error detected: Value \(value) at '\(member)' failed to satisfy constraint: \(rule)"
        )
    }

    /// A member of another kind than Kinesis reads.
    static func serialization(_ message: String) -> StreamsError {
        StreamsError(.service(type: "SerializationException", status: 400), message)
    }
}
