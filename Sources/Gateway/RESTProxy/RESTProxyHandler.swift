import JSONText
import NIOCore
import StreamModel

/// Serves a request of REST Proxy v2 in a task of the server.
struct RESTProxyHandler: GatewayHandler {
    typealias Work = @Sendable (GatewayRequest) async throws(RESTProxyError) -> GatewayResponse

    private let work: Work

    init(_ work: @escaping Work) {
        self.work = work
    }

    func handle(_ request: GatewayRequest, _ exchange: Exchange) {
        exchange.run { [work] in
            do throws(RESTProxyError) {
                return try await work(request)
            } catch {
                return error.response()
            }
        }
    }

    /// Control requests take and give any of the proxy's media types.
    ///
    /// - Throws: 415 for a body of another type, 406 if no answer would be taken.
    static func checkTypes(of request: GatewayRequest) throws(RESTProxyError) {
        if let type = request.head.contentType, request.body.readableBytes > 0 {
            let plain = type.prefix(while: { $0 != ";" }).lowercased().trimmingBlanks
            guard MediaType.isKafkaV2(plain) else { throw .unsupportedMediaType }
        }
        guard AcceptHeader.allowsJSON(request.head.accept) else { throw .notAcceptable }
    }
}

extension MediaType {
    /// Whether a type is one of the proxy's second version, of whatever embedded format.
    static func isKafkaV2(_ type: String) -> Bool {
        type == kafkaV2 || (type.hasPrefix("application/vnd.kafka.") && type.hasSuffix(".v2+json"))
    }
}

extension GatewayResponse {
    /// An answer in JSON, under the proxy's type or the one of its types that the client names alone.
    static func json(
        status: Int = 200, for request: GatewayRequest, _ write: (inout JSONWriter) -> Void
    ) -> GatewayResponse {
        let accept = request.head.accept ?? ""
        return GatewayResponse(
            status: status, contentType: MediaType.isKafkaV2(accept) ? accept : MediaType.kafkaV2,
            body: ByteBuffer(bytes: JSONWriter.bytes { write(&$0) }))
    }
}

/// One part of a path, as it stands in a link.
enum PathPart {
    static func encode(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                encoded += digits.count == 1 ? "%0" + digits : "%" + digits
            }
        }
        return encoded
    }
}
