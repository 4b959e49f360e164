import NIOCore

// What a connection begins with: ApiVersions (key 18) version 0, SaslHandshake (key 17) version 1,
// SaslAuthenticate (key 36) version 0.

/// Asks which requests the server understands.
package struct ApiVersionsCall: KafkaCall {
    package static let api = APIKey.apiVersions
    package static let version: Int16 = 0

    package struct Answer: Sendable {
        package var verdict: KafkaVerdict
        /// By key.
        package var versions: [Int16: ClosedRange<Int16>]

        package init(verdict: KafkaVerdict, versions: [Int16: ClosedRange<Int16>]) {
            self.verdict = verdict
            self.versions = versions
        }

        package func understands<Call: KafkaCall>(_ call: Call.Type) -> Bool {
            versions[Call.api.rawValue]?.contains(Call.version) ?? false
        }
    }

    package init() {}

    package func write(to writer: inout WireWriter) {}

    package static func answer(_ reader: inout WireReader) throws(KafkaWireError) -> Answer {
        var answer = Answer(verdict: KafkaVerdict(code: try reader.int16()), versions: [:])
        let entries = try reader.array { reader throws(KafkaWireError) in
            (key: try reader.int16(), least: try reader.int16(), most: try reader.int16())
        }
        for entry in entries where entry.least <= entry.most {
            answer.versions[entry.key] = entry.least...entry.most
        }
        return answer
    }
}

/// Names the mechanism of the login.
package struct SaslHandshakeCall: KafkaCall {
    package static let api = APIKey.saslHandshake
    package static let version: Int16 = 1

    package struct Answer: Sendable {
        package var verdict: KafkaVerdict
        /// What the server offers.
        package var mechanisms: [String]
    }

    private let mechanism: String

    package init(mechanism: String) {
        self.mechanism = mechanism
    }

    package func write(to writer: inout WireWriter) { writer.string(mechanism) }

    package static func answer(_ reader: inout WireReader) throws(KafkaWireError) -> Answer {
        Answer(
            verdict: KafkaVerdict(code: try reader.int16()),
            mechanisms: try reader.array { reader throws(KafkaWireError) in try reader.string() })
    }
}

/// Carries a token of the mechanism.
package struct SaslAuthenticateCall: KafkaCall {
    package static let api = APIKey.saslAuthenticate
    package static let version: Int16 = 0

    package struct Answer: Sendable {
        package var verdict: KafkaVerdict
        package var token: [UInt8]
    }

    private let token: [UInt8]

    package init(token: [UInt8]) {
        self.token = token
    }

    package func write(to writer: inout WireWriter) { writer.bytes(ByteBuffer(bytes: token)) }

    package static func answer(_ reader: inout WireReader) throws(KafkaWireError) -> Answer {
        Answer(verdict: try reader.verdict(), token: Array(try reader.bytes().readableBytesView))
    }
}
