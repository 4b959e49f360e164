import JSONText
import NIOCore
import StreamModel

/// The errors of REST Proxy v3: HTTP status, `error_code` and message.
///
/// Source: the public kafka-rest project. Each code has one meaning, but 40403 has another in v2.
struct V3Error: Error, Equatable {
    enum Code: Int, CaseIterable, Sendable {
        case badRequest = 400
        case kafkaBadRequest = 40002
        case unauthenticated = 40101
        case forbidden = 40301
        case notFound = 404
        case partitionNotFound = 40402
        case unknownTopicOrPartition = 40403
        case methodNotAllowed = 405
        case notAcceptable = 406
        case tooLarge = 413
        case unsupportedMediaType = 415
        case expectationFailed = 417
        case invalidSchema = 42205
        case invalidPayload = 42206
        case serializationFailed = 42207
        case invalidBatch = 42208
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

    static let notFound = V3Error(.notFound, "HTTP 404 Not Found")
    static let partitionNotFound = V3Error(.partitionNotFound, "Partition not found.")
    static let noBody = invalidPayload("Null input provided. Data is required.")

    static func invalidPayload(_ detail: String) -> V3Error {
        V3Error(.invalidPayload, "Payload error. " + detail)
    }

    static func unreadable(_ error: JSONTextError) -> V3Error {
        V3Error(.badRequest, "Error processing JSON: " + error.message)
    }

    // MARK: From elsewhere

    init(_ error: ClusterError) {
        let code: Code =
            switch error.code {
            case .unknownTopic, .unknownPartition: .unknownTopicOrPartition
            case .notFound: .notFound
            case .topicExists, .refused: .kafkaBadRequest
            case .denied: .forbidden
            case .unavailable: .brokerNotAvailable
            case .failed: .kafkaError
            }
        self.init(code, error.message, retryAfter: error.code == .unavailable ? 1 : nil)
    }

    /// What is told of a record.
    init(_ error: AppendError) {
        switch error.code {
        case .unknownTopic:
            self.init(.unknownTopicOrPartition, "This server does not host this topic-partition.")
        case .unknownPartition: self = .partitionNotFound
        case .invalidTopic, .invalidRecord: self.init(.kafkaBadRequest, error.message)
        case .recordTooLarge: self.init(.tooLarge, error.message)
        case .overloaded: self.init(.tooManyRequests, error.message, retryAfter: 1)
        case .diskFull: self.init(.retriableKafkaError, "Kafka error: " + error.message)
        case .failed: self.init(.kafkaError, "Kafka error: " + error.message)
        case .closed: self.init(.brokerNotAvailable, error.message, retryAfter: 1)
        }
    }

    init(_ fault: GatewayFault) {
        switch fault.kind {
        case .malformed(let status): self.init(Code(rawValue: status) ?? .badRequest, fault.message)
        case .unauthenticated: self.init(.unauthenticated, fault.message)
        case .forbidden: self.init(.forbidden, fault.message)
        case .notFound: self = .notFound
        case .methodNotAllowed: self.init(.methodNotAllowed, "HTTP 405 Method Not Allowed")
        case .tooManyRequests: self.init(.tooManyRequests, fault.message)
        case .unavailable: self.init(.brokerNotAvailable, fault.message)
        case .internalError: self.init(.internalError, fault.message)
        }
    }

    // MARK: As bytes

    /// Writes `{"error_code", "message"}`.
    func write(to buffer: inout ByteBuffer) {
        buffer.writeStaticString("{")
        writeMembers(to: &buffer)
        buffer.writeStaticString("}")
    }

    func writeMembers(to buffer: inout ByteBuffer) {
        buffer.writeStaticString(#""error_code":"#)
        buffer.writeDecimal(Int64(code.rawValue))
        buffer.writeStaticString(#","message":"#)
        buffer.writeJSONString(message)
    }

    /// The answer that tells it.
    func response(headers: [(name: String, value: String)] = []) -> GatewayResponse {
        var body = ByteBuffer()
        write(to: &body)
        let retry = retryAfter.map { [(name: "Retry-After", value: String($0))] } ?? []
        return GatewayResponse(
            status: code.status, contentType: V3Dialect.mediaType, headers: headers + retry, body: body)
    }
}
