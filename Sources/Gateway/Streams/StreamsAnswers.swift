import JSONText
import NIOCore

/// The answers of the streams dialect as bytes.
struct StreamsAnswers: Sendable {
    static let contentType = "application/json"

    /// What Kinesis refuses is answered with 200, as an API gateway without response mappings does.
    let hidesStatus: Bool

    func response(
        to error: StreamsError, headers: [(name: String, value: String)] = []
    ) -> GatewayResponse {
        var status = error.code.status
        var retry: [(name: String, value: String)] = []
        if case .service = error.code, hidesStatus { status = 200 }
        if let seconds = error.retryAfter, !headers.contains(where: { $0.name == "Retry-After" }) {
            retry.append(("Retry-After", String(seconds)))
        }
        let text = JSONWriter.bytes { writer in
            writer.object {
                guard case .service(let type, _) = error.code else {
                    return $0.member("message", error.message)
                }
                $0.member("__type", type)
                // Kinesis writes the message of this one kind with a capital.
                $0.member(type == "SerializationException" ? "Message" : "message", error.message)
            }
        }
        return GatewayResponse(
            status: status, contentType: Self.contentType, headers: headers + retry,
            body: ByteBuffer(bytes: text))
    }

    /// What Kinesis answers.
    static func success(_ body: ByteBuffer) -> GatewayResponse {
        GatewayResponse(status: 200, contentType: contentType, body: body)
    }
}
