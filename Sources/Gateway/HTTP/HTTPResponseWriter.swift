import NIOCore

/// Puts answers together, head and body in one buffer.
struct HTTPResponseWriter {
    /// Kept from answer to answer, in bytes; a larger answer's memory is given back.
    private static let keptCapacity = 16 << 10

    /// The body is written here first, since the head tells its length.
    private var body = ByteBuffer()

    /// An answer whose body is written here, with the headers that most have.
    mutating func response(
        status: Int, contentType: String, keepsAlive: Bool, allocator: ByteBufferAllocator,
        _ writeBody: (inout ByteBuffer) -> Void
    ) -> ByteBuffer {
        body.clear()
        defer { if body.capacity > Self.keptCapacity { body = ByteBuffer() } }
        writeBody(&body)
        var response = allocator.buffer(capacity: 192 + body.readableBytes)
        Self.begin(&response, status: status, contentType: contentType)
        Self.writeLength(body.readableBytes, to: &response)
        response.writeStaticString(keepsAlive ? "\r\n\r\n" : "\r\nConnection: close\r\n\r\n")
        response.writeBuffer(&body)
        return response
    }

    static func bytes(
        of answer: GatewayResponse, keepsAlive: Bool, allocator: ByteBufferAllocator
    ) -> ByteBuffer {
        var response = allocator.buffer(capacity: 320 + answer.body.readableBytes)
        begin(&response, status: answer.status, contentType: answer.contentType)
        // An answer of these kinds has no body, and says nothing of its length.
        if answer.status != 204, answer.status != 304 {
            writeLength(answer.body.readableBytes, to: &response)
        }
        write(answer.headers, to: &response)
        response.writeStaticString(keepsAlive ? "\r\n\r\n" : "\r\nConnection: close\r\n\r\n")
        response.writeImmutableBuffer(answer.body)
        return response
    }

    /// The head of an answer whose parts follow, as chunks if the client knows of them.
    static func head(
        of answer: GatewayResponse, keepsAlive: Bool, isChunked: Bool, allocator: ByteBufferAllocator
    ) -> ByteBuffer {
        var response = allocator.buffer(capacity: 320)
        begin(&response, status: answer.status, contentType: answer.contentType)
        if isChunked { response.writeStaticString("\r\nTransfer-Encoding: chunked") }
        write(answer.headers, to: &response)
        response.writeStaticString(keepsAlive ? "\r\n\r\n" : "\r\nConnection: close\r\n\r\n")
        return response
    }

    static func chunk(_ part: ByteBuffer, allocator: ByteBufferAllocator) -> ByteBuffer {
        var chunk = allocator.buffer(capacity: part.readableBytes + 24)
        chunk.writeString(String(part.readableBytes, radix: 16))
        chunk.writeStaticString("\r\n")
        chunk.writeImmutableBuffer(part)
        chunk.writeStaticString("\r\n")
        return chunk
    }

    private static func begin(_ response: inout ByteBuffer, status: Int, contentType: String?) {
        response.writeStaticString("HTTP/1.1 ")
        response.writeDecimal(Int64(status))
        response.writeStaticString(reason(status))
        guard let contentType else { return }
        response.writeStaticString("\r\nContent-Type: ")
        response.writeString(contentType)
    }

    private static func writeLength(_ count: Int, to response: inout ByteBuffer) {
        response.writeStaticString("\r\nContent-Length: ")
        response.writeDecimal(Int64(count))
    }

    private static func write(_ headers: [(name: String, value: String)], to response: inout ByteBuffer) {
        for header in headers {
            response.writeStaticString("\r\n")
            response.writeString(header.name)
            response.writeStaticString(": ")
            // What came from outside must not begin a header of its own.
            response.writeBytes(header.value.utf8.map { $0 < 0x20 || $0 == 0x7F ? 0x20 : $0 })
        }
    }

    private static func reason(_ status: Int) -> StaticString {
        switch status {
        case 200: " OK"
        case 201: " Created"
        case 202: " Accepted"
        case 204: " No Content"
        case 207: " Multi-Status"
        case 400: " Bad Request"
        case 401: " Unauthorized"
        case 403: " Forbidden"
        case 404: " Not Found"
        case 405: " Method Not Allowed"
        case 406: " Not Acceptable"
        case 408: " Request Timeout"
        case 409: " Conflict"
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
