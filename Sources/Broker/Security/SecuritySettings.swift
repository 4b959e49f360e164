package import TransportSecurity

/// Who may connect to the Kafka port, and how it has to prove who it is.
package struct SecuritySettings: Sendable, Equatable {
    /// What a connection is wrapped in, by Kafka's names.
    package enum ListenerProtocol: String, Sendable, CaseIterable {
        case plaintext = "PLAINTEXT"
        case ssl = "SSL"
        case saslPlaintext = "SASL_PLAINTEXT"
        case saslSSL = "SASL_SSL"

        package var hasTLS: Bool { self == .ssl || self == .saslSSL }
        package var hasSASL: Bool { self == .saslPlaintext || self == .saslSSL }
    }

    /// `kafka.security.protocol` (default: PLAINTEXT): PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL.
    package var listenerProtocol = ListenerProtocol.plaintext
    /// `sasl.enabled.mechanisms` (list, default: none): the ways to log in, with commas between.
    package var mechanisms: [SASLMechanism] = []
    /// `auth.credentials.file` (file, default: none): access keys for AWS_MSK_IAM and OAUTHBEARER.
    package var credentialsFile: String?
    /// `connections.max.reauth.ms` (milliseconds, default: 0): longest a login holds; 0: as long as its token.
    package var maxReauthenticationMilliseconds: Int64 = 0
    /// `connection.failed.authentication.delay.ms` (milliseconds, default: 100): delay of the first wrong login.
    package var failedAuthenticationDelayMilliseconds: Int64 = 100

    /// Certificates: `ssl.keystore.location` and the like.
    package var tls = TLSSettings()

    /// `acl.enabled` (bool, default: false): whether rights are checked.
    package var aclEnabled = false
    /// `allow.everyone.if.no.acl.found` (bool, default: false): who may do what no ACL speaks of.
    package var allowEveryoneIfNoACLFound = false
    /// `super.users` (list, default: none): those who may do everything, `User:a;User:b`.
    package var superUsers: Set<Principal> = []

    package init() {}

    /// Whether nobody gets in without proving who it is.
    package var authenticates: Bool {
        (listenerProtocol.hasSASL && !mechanisms.isEmpty)
            || (listenerProtocol == .ssl && tls.clientAuthentication == .required)
    }

    /// What contradicts itself, or would leave a door open that looks shut; nil if nothing.
    package var contradiction: String? {
        let name = "kafka.security.protocol"
        if listenerProtocol.hasSASL, mechanisms.isEmpty {
            return
                "\(name): \(listenerProtocol.rawValue) needs sasl.enabled.mechanisms, such as SCRAM-SHA-512"
        }
        if !listenerProtocol.hasSASL, !mechanisms.isEmpty {
            return "sasl.enabled.mechanisms: nobody is asked to log in while \(name) is "
                + "\(listenerProtocol.rawValue): set it to SASL_SSL or SASL_PLAINTEXT"
        }
        if listenerProtocol.hasTLS, tls.keystore == nil {
            return "\(name): \(listenerProtocol.rawValue) needs ssl.keystore.location, a PEM file"
        }
        if tls.clientAuthentication != .none, !listenerProtocol.hasTLS {
            return "ssl.client.auth: clients show certificates only if \(name) is SSL or SASL_SSL"
        }
        if let contradiction = tls.contradiction { return contradiction }
        let signed = mechanisms.filter { $0 == .mskIAM || $0 == .oauthBearer }
        if let mechanism = signed.first, credentialsFile == nil {
            return
                "sasl.enabled.mechanisms: \(mechanism.rawValue) needs auth.credentials.file, a CSV of access keys"
        }
        return nil
    }
}
