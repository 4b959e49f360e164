import NIOCore

/// Puts answers together, head and body in one buffer.
struct HTTPResponseWriter {
    /// Kept from answer to answer, in bytes; a larger answer's memory is given back.
    private static let keptCapacity = 16 << 10

    /// The body is written here first, since the head tells its length.
    private var body = ByteBuffer()

    /// Headers that some answers have.
    struct Extra {
        /// `Retry-After`, in seconds.
        var retryAfter: Int?
        /// `Allow`: the method that the target takes.
        var allow: String?
    }

    mutating func response(
        status: Int, keepsAlive: Bool, extra: Extra, allocator: ByteBufferAllocator,
        _ writeBody: (inout ByteBuffer) -> Void
    ) -> ByteBuffer {
        body.clear()
        defer { if body.capacity > Self.keptCapacity { body = ByteBuffer() } }
        writeBody(&body)
        var response = allocator.buffer(capacity: 192 + body.readableBytes)
        response.writeStaticString("HTTP/1.1 ")
        response.writeDecimal(Int64(status))
        response.writeStaticString(Self.reason(status))
        response.writeStaticString("\r\nContent-Type: application/vnd.kafka.v2+json\r\nContent-Length: ")
        response.writeDecimal(Int64(body.readableBytes))
        if let retryAfter = extra.retryAfter {
            response.writeStaticString("\r\nRetry-After: ")
            response.writeDecimal(Int64(retryAfter))
        }
        if let allow = extra.allow {
            response.writeStaticString("\r\nAllow: ")
            response.writeString(allow)
        }
        response.writeStaticString(keepsAlive ? "\r\n\r\n" : "\r\nConnection: close\r\n\r\n")
        response.writeBuffer(&body)
        return response
    }

    private static func reason(_ status: Int) -> StaticString {
        switch status {
        case 200: " OK"
        case 400: " Bad Request"
        case 404: " Not Found"
        case 405: " Method Not Allowed"
        case 406: " Not Acceptable"
        case 413: " Content Too Large"
        case 415: " Unsupported Media Type"
        case 417: " Expectation Failed"
        case 422: " Unprocessable Content"
        case 429: " Too Many Requests"
        case 431: " Request Header Fields Too Large"
        case 500: " Internal Server Error"
        case 501: " Not Implemented"
        case 503: " Service Unavailable"
        case 505: " HTTP Version Not Supported"
        default: " "
        }
    }
}
