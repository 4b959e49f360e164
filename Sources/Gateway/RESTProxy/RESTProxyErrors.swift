import JSONText
import StreamModel

/// The errors of the REST Proxy dialect: HTTP status, `error_code` and message.
///
/// Source: the public kafka-rest project's error codes. Each code has one meaning.
struct RESTProxyError: Error, Equatable {
    enum Code: Int, CaseIterable, Sendable {
        case unreadableRequest = 400
        case invalidConsumerConstraint = 40001
        case kafkaBadRequest = 40002
        case unauthenticated = 40101
        case forbidden = 40301
        case notFound = 404
        case topicNotFound = 40401
        case partitionNotFound = 40402
        case instanceNotFound = 40403
        case methodNotAllowed = 405
        case notAcceptable = 406
        case formatMismatch = 40601
        case requestTimeout = 408
        /// REST Proxy's answer to a record that it cannot put into JSON.
        case unreadableRecord = 40801
        case instanceExists = 40902
        case illegalState = 40903
        case tooLarge = 413
        case unsupportedMediaType = 415
        case expectationFailed = 417
        case invalidRequest = 422
        case noKeySchema = 42201
        case noValueSchema = 42202
        case conversionFailed = 42203
        case invalidConsumerConfiguration = 42204
        case invalidSchema = 42205
        case serializationFailed = 42207
        case tooManyRequests = 429
        case headersTooLarge = 431
        case internalError = 500
        case kafkaError = 50002
        case retriableKafkaError = 50003
        case notImplemented = 501
        case brokerNotAvailable = 50302
        case versionNotSupported = 505

        var status: Int { rawValue < 1000 ? rawValue : rawValue / 100 }
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

    static let notFound = RESTProxyError(.notFound, "HTTP 404 Not Found")
    static let notAcceptable = RESTProxyError(.notAcceptable, "HTTP 406 Not Acceptable")
    static let unsupportedMediaType = RESTProxyError(.unsupportedMediaType, "HTTP 415 Unsupported Media Type")

    /// A body that is no JSON is unreadable; JSON that breaks a rule is invalid.
    init(_ error: JSONTextError) {
        self.init(error.isSyntax ? .unreadableRequest : .invalidRequest, "Invalid JSON: " + error.message)
    }

    init(_ error: AppendError) {
        switch error.code {
        case .unknownTopic: self.init(.topicNotFound, "Topic not found.")
        case .unknownPartition: self.init(.partitionNotFound, "Partition not found.")
        case .invalidTopic: self.init(.kafkaBadRequest, error.message)
        case .recordTooLarge: self.init(.tooLarge, error.message)
        case .invalidRecord: self.init(.invalidRequest, error.message)
        case .overloaded: self.init(.tooManyRequests, error.message, retryAfter: 1)
        case .diskFull: self.init(.retriableKafkaError, "Kafka error: " + error.message)
        case .failed: self.init(.kafkaError, "Kafka error: " + error.message)
        case .closed: self.init(.brokerNotAvailable, error.message, retryAfter: 1)
        }
    }
}
