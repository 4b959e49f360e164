import KafkaWire
import NIOCore

/// Requests and answers as bytes.
enum WireBytes {
    /// A request with its length.
    static func request(
        _ api: APIKey, version: Int16, correlationID: Int32 = 1, clientID: String? = "test",
        _ body: (inout WireWriter) -> Void
    ) -> ByteBuffer {
        var writer = WireWriter(isFlexible: false)
        writer.int16(api.rawValue)
        writer.int16(version)
        writer.int32(correlationID)
        writer.nullableString(clientID)
        var rest = WireWriter(writer.buffer, isFlexible: api.isFlexible(version))
        rest.emptyTaggedFields()
        body(&rest)
        return framed(rest.buffer)
    }

    static func framed(_ body: ByteBuffer) -> ByteBuffer {
        var bytes = ByteBuffer(integer: Int32(body.readableBytes))
        bytes.writeImmutableBuffer(body)
        return bytes
    }

    static func apiVersions(version: Int16 = 0, correlationID: Int32 = 1) -> ByteBuffer {
        request(.apiVersions, version: version, correlationID: correlationID) { writer in
            guard version == 3 else { return }
            writer.string("test-client")
            writer.string("1.0")
            writer.emptyTaggedFields()
        }
    }

    static func produce(
        version: Int16 = 7, correlationID: Int32 = 1, acks: Int16 = -1, transactionalID: String? = nil,
        topic: String = "t", partition: Int32 = 0, records: ByteBuffer = ByteBuffer(string: "records")
    ) -> ByteBuffer {
        request(.produce, version: version, correlationID: correlationID) { writer in
            if version >= 3 { writer.nullableString(transactionalID) }
            writer.int16(acks)
            writer.int32(1000)
            writer.array([topic]) { writer, topic in
                writer.string(topic)
                writer.array([partition]) { writer, partition in
                    writer.int32(partition)
                    writer.bytes(records)
                    writer.emptyTaggedFields()
                }
                writer.emptyTaggedFields()
            }
            writer.emptyTaggedFields()
        }
    }

    /// Metadata of version 1, of the topics or all.
    static func metadata(correlationID: Int32 = 1, topics: [String]? = nil) -> ByteBuffer {
        request(.metadata, version: 1, correlationID: correlationID) { writer in
            writer.nullableArray(topics) { $0.string($1) }
        }
    }
}
