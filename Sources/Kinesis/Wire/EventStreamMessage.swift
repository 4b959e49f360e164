package import NIOCore

/// A message of `application/vnd.amazon.eventstream`: lengths, their checksum, headers, payload, checksum of all.
package struct EventStreamMessage: Sendable {
    /// Headers that are texts, in the order in which they are sent.
    package var headers: [(name: String, value: String)]
    package var payload: ByteBuffer

    /// An event of the stream.
    package static func event(_ type: String, contentType: String, _ payload: ByteBuffer) -> Self {
        EventStreamMessage(
            headers: [
                (":event-type", type), (":content-type", contentType), (":message-type", "event"),
            ], payload: payload)
    }

    /// The stream ends because of this.
    package static func exception(_ error: KinesisError, _ codec: KinesisCodec) -> Self {
        EventStreamMessage(
            headers: [
                (":exception-type", error.code.rawValue), (":content-type", codec.contentType),
                (":message-type", "exception"),
            ], payload: codec.buffer(.object([("message", .string(error.message))])))
    }

    /// Bytes of the two lengths, their checksum and the checksum of all.
    private static let fixedByteCount = 16
    /// A header's value is a text.
    private static let textType: UInt8 = 7

    package func write(to buffer: inout ByteBuffer) {
        var encodedHeaders = ByteBuffer()
        for (name, value) in headers {
            encodedHeaders.writeInteger(UInt8(truncatingIfNeeded: name.utf8.count))
            encodedHeaders.writeString(name)
            encodedHeaders.writeInteger(Self.textType)
            encodedHeaders.writeInteger(UInt16(truncatingIfNeeded: value.utf8.count))
            encodedHeaders.writeString(value)
        }
        let start = buffer.writerIndex
        let total = Self.fixedByteCount + encodedHeaders.readableBytes + payload.readableBytes
        buffer.writeInteger(UInt32(truncatingIfNeeded: total))
        buffer.writeInteger(UInt32(truncatingIfNeeded: encodedHeaders.readableBytes))
        buffer.writeInteger(Self.checksum(buffer, from: start))
        buffer.writeBuffer(&encodedHeaders)
        buffer.writeImmutableBuffer(payload)
        buffer.writeInteger(Self.checksum(buffer, from: start))
    }

    private static func checksum(_ buffer: ByteBuffer, from start: Int) -> UInt32 {
        buffer.viewBytes(at: start, length: buffer.writerIndex - start)?
            .withUnsafeBytes { CRC32.checksum($0) } ?? 0
    }
}
