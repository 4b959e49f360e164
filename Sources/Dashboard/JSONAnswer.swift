import Hummingbird
import JSONText
import NIOCore

extension Response {
    /// An answer of one JSON object.
    static func json(
        _ status: HTTPResponse.Status, _ members: (inout JSONWriter) -> Void
    ) -> Response {
        json(status, JSONWriter.bytes { $0.object(members) })
    }

    /// An answer that is JSON already.
    static func json(_ status: HTTPResponse.Status, _ text: [UInt8]) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(bytes: text)))
    }

    /// Why a request is not served.
    static func refusal(_ status: HTTPResponse.Status, _ reason: String) -> Response {
        json(status) { writer in
            writer.key("error")
            writer.string(reason)
        }
    }
}
