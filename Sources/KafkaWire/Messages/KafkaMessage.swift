package import NIOCore

/// A request of the Kafka protocol, as one of `APIKey.versions` carries it.
package protocol KafkaRequest: Sendable {
    associatedtype Response: KafkaResponse
    static var api: APIKey { get }

    /// Reads the body; the header was read before.
    ///
    /// - Throws: `corrupt` if the bytes contradict the format.
    init(_ reader: inout WireReader, version: Int16) throws(KafkaWireError)
}

/// An answer of the Kafka protocol.
package protocol KafkaResponse: Sendable {
    /// Writes the body; the header is written before.
    func write(to writer: inout WireWriter, version: Int16)
}

/// What every request begins with, after its length.
package struct RequestHeader: Sendable, Equatable {
    package var apiKey: Int16
    package var apiVersion: Int16
    package var correlationID: Int32
    package var clientID: String?

    /// What stands for the head of a token that comes without one, after SaslHandshake of version 0.
    package static let bareToken = RequestHeader(
        apiKey: APIKey.saslAuthenticate.rawValue, apiVersion: 0, correlationID: 0)

    private init(apiKey: Int16, apiVersion: Int16, correlationID: Int32) {
        self.apiKey = apiKey
        self.apiVersion = apiVersion
        self.correlationID = correlationID
    }

    /// Reads the head of a request and steps over it.
    ///
    /// The header's own version depends on key and version: where those are not known, the body is not understood
    /// either, and the fields up to the correlation id are enough for an answer.
    package init(_ buffer: inout ByteBuffer) throws(KafkaWireError) {
        var reader = WireReader(buffer, isFlexible: false)
        apiKey = try reader.int16()
        apiVersion = try reader.int16()
        correlationID = try reader.int32()
        clientID = nil
        // The client's name is never compact, whatever the version.
        if let api = APIKey(rawValue: apiKey), api.versions.contains(apiVersion) {
            clientID = try reader.nullableString()
            if api.isFlexible(apiVersion) {
                var tags = WireReader(reader.buffer, isFlexible: true)
                try tags.skipTaggedFields()
                buffer = tags.buffer
                return
            }
        }
        buffer = reader.buffer
    }
}
