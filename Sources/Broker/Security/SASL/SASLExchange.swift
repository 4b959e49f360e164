/// A way to log in; the names are those of the protocol.
package enum SASLMechanism: String, CaseIterable, Sendable {
    case plain = "PLAIN"
    case scramSHA256 = "SCRAM-SHA-256"
    case scramSHA512 = "SCRAM-SHA-512"
    case oauthBearer = "OAUTHBEARER"
    case mskIAM = "AWS_MSK_IAM"
}

/// Who has logged in, and for how long that holds.
struct SASLIdentity: Hashable, Sendable {
    var principal: Principal
    /// When what was shown expires, in milliseconds since 1970; nil if it does not.
    var expiry: Int64?
}

/// What one message of a client leads to.
enum SASLStep: Equatable, Sendable {
    /// Send this, and expect another message.
    case challenge([UInt8])
    /// Send this: the client is who it says.
    case success([UInt8], SASLIdentity)
    case failure(SASLFailure)
}

/// Why a login failed.
struct SASLFailure: Error, Equatable, Sendable {
    /// For the client: tells nothing that helps to guess.
    var message: String
    /// For the log of the server.
    var reason: String
    /// The name the client gave, where it came so far.
    var claimedName: String?

    /// What Apache Kafka says, whatever it was that did not fit.
    static func invalidCredentials(
        _ mechanism: SASLMechanism, _ reason: String, claimedName: String? = nil
    ) -> SASLFailure {
        SASLFailure(
            message:
                "Authentication failed during authentication due to invalid credentials with SASL mechanism "
                + mechanism.rawValue,
            reason: reason, claimedName: claimedName)
    }
}

/// One login by one mechanism: the client's bytes go in, the answer comes out.
///
/// `evaluate` may read credentials and stretch passwords: never call it on an event loop.
protocol SASLExchange: Sendable {
    /// - Parameter now: milliseconds since 1970.
    /// - Throws: if credentials cannot be read: that says nothing about the client.
    mutating func evaluate(_ message: [UInt8], at now: Int64) throws -> SASLStep
}
