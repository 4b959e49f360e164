package import NIOCore

/// A request as a client writes it, and how its answer is read; in one version, without compact types.
package protocol KafkaCall: Sendable {
    associatedtype Answer
    static var api: APIKey { get }
    static var version: Int16 { get }

    func write(to writer: inout WireWriter)

    /// - Throws: `corrupt` if the bytes contradict the format.
    static func answer(_ reader: inout WireReader) throws(KafkaWireError) -> Answer
}

extension KafkaCall {
    /// The request with its length and head.
    package func frame(correlationID: Int32, clientID: String) -> ByteBuffer {
        var writer = WireWriter(isFlexible: false)
        writer.int32(0)
        writer.int16(Self.api.rawValue)
        writer.int16(Self.version)
        writer.int32(correlationID)
        writer.nullableString(clientID)
        write(to: &writer)
        var frame = writer.buffer
        frame.setInteger(Int32(clamping: frame.readableBytes - 4), at: frame.readerIndex)
        return frame
    }

    /// Reads an answer without its length.
    package static func answer(
        frame: ByteBuffer, correlationID: Int32
    ) throws(KafkaWireError) -> Answer {
        var reader = WireReader(frame, isFlexible: false)
        guard try reader.int32() == correlationID else {
            throw KafkaWireError(.corrupt, "the answer belongs to another request")
        }
        return try answer(&reader)
    }
}

/// What a server says of one part of a request: an error number, known here or not, and perhaps its words.
package struct KafkaVerdict: Sendable, Equatable {
    package var code: Int16
    package var message: String?

    package init(code: Int16, message: String? = nil) {
        self.code = code
        self.message = message
    }

    package var isSuccess: Bool { code == KafkaErrorCode.none.rawValue }
}

extension WireReader {
    mutating func verdict() throws(KafkaWireError) -> KafkaVerdict {
        KafkaVerdict(code: try int16(), message: try nullableString())
    }
}
