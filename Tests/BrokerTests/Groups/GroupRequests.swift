import KafkaWire
import NIOCore
import NIOEmbedded
import StateStore
import Testing

@testable import Broker

/// Sends requests as bytes to the handlers of groups, and gives the answers' bytes back.
struct GroupRequests {
    let fixture: GroupFixture

    func send<Handler: RequestHandler>(
        _ handler: Handler, version: Int16, _ write: (inout WireWriter) -> Void
    ) throws -> Answer<ByteBuffer> {
        let isFlexible = Handler.Request.api.isFlexible(version)
        var writer = WireWriter(isFlexible: isFlexible)
        write(&writer)
        writer.emptyTaggedFields()
        var reader = WireReader(writer.buffer, isFlexible: isFlexible)
        let request = try Handler.Request(&reader, version: version)
        #expect(reader.remaining == 0, "bytes of the request are left over")
        let context = RequestContext(
            apiVersion: version, clientID: "c", clientHost: "127.0.0.1", principal: .anonymous,
            loop: EmbeddedEventLoop(), advertised: BrokerAddress(host: "kafka.test", port: 9092))
        let answer = Answer<ByteBuffer>()
        handler.handle(
            request, context,
            Reply { response in
                var writer = WireWriter(isFlexible: isFlexible)
                response?.write(to: &writer, version: version)
                answer.set(writer.buffer)
            })
        return answer
    }

    /// Reads an answer that is there by now, to its last byte.
    func read<Value>(
        _ answer: Answer<ByteBuffer>, flexible: Bool, _ body: (inout WireReader) throws -> Value
    ) throws -> Value {
        fixture.writer.finish()
        var reader = WireReader(try #require(answer.value), isFlexible: flexible)
        let value = try body(&reader)
        try reader.skipTaggedFields()
        #expect(reader.remaining == 0, "bytes of the answer are left over")
        return value
    }

    // MARK: Requests of several tests

    /// - Returns: the error of the one partition.
    func commit(
        version: Int16, topic: String = "pin", partition: Int32 = 0, offset: Int64 = 7
    ) throws -> KafkaErrorCode? {
        let handler = OffsetCommitHandler(services: fixture.services)
        let answer = try send(handler, version: version) { writer in
            writer.string("g")
            writer.int32(-1)
            writer.string("")
            if version >= 7 { writer.nullableString(nil) }
            if version <= 4 { writer.int64(-1) }
            writer.array([topic]) { writer, topic in
                writer.string(topic)
                writer.array([partition]) { writer, partition in
                    writer.int32(partition)
                    writer.int64(offset)
                    if version >= 6 { writer.int32(-1) }
                    writer.nullableString(nil)
                    writer.emptyTaggedFields()
                }
                writer.emptyTaggedFields()
            }
        }
        return try read(answer, flexible: version >= 8) { reader in
            if version >= 3 { #expect(try reader.int32() == 0) }
            let errors = try reader.array { (reader) throws(KafkaWireError) in
                _ = try reader.string()
                let errors = try reader.array { (reader) throws(KafkaWireError) in
                    _ = try reader.int32()
                    let error = try reader.int16()
                    try reader.skipTaggedFields()
                    return error
                }
                try reader.skipTaggedFields()
                return errors
            }
            return errors.first?.first.flatMap(KafkaErrorCode.init(rawValue:))
        }
    }

    struct Fetched: Equatable {
        var error: Int16 = 0
        var topics: [String] = []
        var offsets: [Int64] = []
        var partitionErrors: [Int16] = []
    }

    /// - Parameter topics: nil asks for all.
    func fetch(version: Int16, topics: [String]?, requireStable: Bool = false) throws -> Fetched {
        let handler = OffsetFetchHandler(services: fixture.services)
        let answer = try send(handler, version: version) { writer in
            let group: (inout WireWriter) -> Void = { writer in
                writer.string("g")
                writer.nullableArray(topics) { writer, topic in
                    writer.string(topic)
                    writer.array([Int32(0)]) { writer, partition in writer.int32(partition) }
                    writer.emptyTaggedFields()
                }
            }
            if version <= 7 {
                group(&writer)
            } else {
                writer.array([0]) { writer, _ in
                    group(&writer)
                    writer.emptyTaggedFields()
                }
            }
            if version >= 7 { writer.bool(requireStable) }
        }
        return try read(answer, flexible: version >= 6) { reader in
            if version >= 3 { #expect(try reader.int32() == 0) }
            guard version >= 8 else {
                var fetched = try Self.topics(&reader, version: version)
                if version >= 2 { fetched.error = try reader.int16() }
                return fetched
            }
            return try reader.array { (reader) throws(KafkaWireError) in
                _ = try reader.string()
                var fetched = try Self.topics(&reader, version: version)
                fetched.error = try reader.int16()
                try reader.skipTaggedFields()
                return fetched
            }.first ?? Fetched()
        }
    }

    private static func topics(_ reader: inout WireReader, version: Int16) throws(KafkaWireError) -> Fetched {
        var fetched = Fetched()
        let topics = try reader.array { (reader) throws(KafkaWireError) in
            let name = try reader.string()
            let partitions = try reader.array { (reader) throws(KafkaWireError) in
                _ = try reader.int32()
                let offset = try reader.int64()
                if version >= 5 { _ = try reader.int32() }
                _ = try reader.nullableString()
                let error = try reader.int16()
                try reader.skipTaggedFields()
                return (offset, error)
            }
            try reader.skipTaggedFields()
            return (name, partitions)
        }
        fetched.topics = topics.map(\.0)
        fetched.offsets = topics.flatMap { $0.1.map(\.0) }
        fetched.partitionErrors = topics.flatMap { $0.1.map(\.1) }
        return fetched
    }
}
