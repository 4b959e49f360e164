import Kinesis
import NIOCore

/// Answers as Kinesis gives them.
enum KinesisResponse {
    static func success(
        _ body: ByteBuffer, _ codec: KinesisCodec, _ identifier: RequestIdentifiers.Identifier,
        origin: String?
    ) -> GatewayResponse {
        GatewayResponse(
            status: 200, contentType: codec.contentType, headers: headers(identifier, origin: origin),
            body: body)
    }

    static func failure(
        _ error: KinesisError, _ codec: KinesisCodec, _ identifier: RequestIdentifiers.Identifier,
        origin: String?
    ) -> GatewayResponse {
        GatewayResponse(
            status: error.status, contentType: codec.contentType,
            headers: headers(identifier, origin: origin),
            body: codec.buffer(error.output))
    }

    /// What a page in a browser may read of an answer.
    private static let exposed =
        "x-amzn-RequestId,x-amzn-ErrorType,x-amz-request-id,x-amz-id-2,x-amzn-ErrorMessage,Date"

    static func headers(
        _ identifier: RequestIdentifiers.Identifier, origin: String?
    ) -> [(name: String, value: String)] {
        var headers = [
            (name: "x-amzn-RequestId", value: identifier.requestID),
            (name: "x-amz-id-2", value: identifier.extendedID),
        ]
        if origin != nil {
            headers.append(("Access-Control-Allow-Origin", "*"))
            headers.append(("Access-Control-Expose-Headers", exposed))
        }
        return headers
    }
}
