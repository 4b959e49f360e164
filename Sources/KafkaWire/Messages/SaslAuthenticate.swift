// SaslAuthenticate (key 36), versions 0-2.

package import NIOCore

/// A token of the mechanism that the handshake agreed upon.
package struct SaslAuthenticateRequest: KafkaRequest {
    package typealias Response = SaslAuthenticateResponse
    package static let api = APIKey.saslAuthenticate

    package var token: ByteBuffer

    package init(_ reader: inout WireReader, version: Int16) throws(KafkaWireError) {
        token = try reader.bytes()
        try reader.skipTaggedFields()
    }
}

package struct SaslAuthenticateResponse: KafkaResponse {
    package var error: KafkaErrorCode
    package var message: String?
    package var token: ByteBuffer
    /// How long the login holds; 0: without end.
    package var sessionLifetimeMilliseconds: Int64

    package init(
        error: KafkaErrorCode, message: String? = nil, token: ByteBuffer = ByteBuffer(),
        sessionLifetimeMilliseconds: Int64 = 0
    ) {
        self.error = error
        self.message = message
        self.token = token
        self.sessionLifetimeMilliseconds = sessionLifetimeMilliseconds
    }

    package func write(to writer: inout WireWriter, version: Int16) {
        writer.error(error)
        writer.nullableString(message)
        writer.bytes(token)
        if version >= 1 { writer.int64(sessionLifetimeMilliseconds) }
        writer.emptyTaggedFields()
    }
}
