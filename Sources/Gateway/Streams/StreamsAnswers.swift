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

    /// `{"SequenceNumber": …, "ShardId": …}`.
    func response(to placement: StreamPlacement, allocator: ByteBufferAllocator) -> GatewayResponse {
        var body = allocator.buffer(capacity: 128)
        Self.write(placement, to: &body)
        return GatewayResponse(status: 200, contentType: Self.contentType, body: body)
    }

    /// `{"FailedRecordCount": 0, "Records": […]}`.
    func response(to placements: [StreamPlacement], allocator: ByteBufferAllocator) -> GatewayResponse {
        var body = allocator.buffer(capacity: 48 + placements.count * 128)
        body.writeStaticString(#"{"FailedRecordCount":0,"Records":["#)
        for (place, placement) in placements.enumerated() {
            if place > 0 { body.writeInteger(UInt8(ascii: ",")) }
            Self.write(placement, to: &body)
        }
        body.writeStaticString("]}")
        return GatewayResponse(status: 200, contentType: Self.contentType, body: body)
    }

    private static func write(_ placement: StreamPlacement, to body: inout ByteBuffer) {
        body.writeStaticString(#"{"SequenceNumber":""#)
        body.writeString(placement.sequenceNumber)
        body.writeStaticString(#"","ShardId":""#)
        body.writeString(placement.shardID)
        body.writeStaticString(#""}"#)
    }
}
