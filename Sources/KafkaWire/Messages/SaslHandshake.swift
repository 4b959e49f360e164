// SaslHandshake (key 17), versions 0-1.

/// Names the mechanism by which the client will log in.
package struct SaslHandshakeRequest: KafkaRequest {
    package typealias Response = SaslHandshakeResponse
    package static let api = APIKey.saslHandshake

    package var mechanism: String

    package init(_ reader: inout WireReader, version: Int16) throws(KafkaWireError) {
        mechanism = try reader.string()
    }
}

package struct SaslHandshakeResponse: KafkaResponse {
    package var error: KafkaErrorCode
    /// The mechanisms the server offers.
    package var mechanisms: [String]

    package init(error: KafkaErrorCode, mechanisms: [String]) {
        self.error = error
        self.mechanisms = mechanisms
    }

    package func write(to writer: inout WireWriter, version: Int16) {
        writer.error(error)
        writer.array(mechanisms) { $0.string($1) }
    }
}
