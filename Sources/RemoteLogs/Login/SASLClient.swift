/// A client's side of one login.
protocol SASLClient {
    /// As Kafka names it.
    var mechanism: String { get }

    mutating func first() throws(RemoteLogError) -> [UInt8]

    /// What to send after the server's token; nil if nothing is left to say.
    ///
    /// - Throws: `loginFailed` if the server does not prove that it knows the password.
    mutating func next(_ token: [UInt8]) throws(RemoteLogError) -> [UInt8]?
}

/// PLAIN (RFC 4616): name and password as they are.
struct PlainClient: SASLClient {
    let mechanism = "PLAIN"
    let user: String
    let password: String

    func first() -> [UInt8] { [0] + Array(user.utf8) + [0] + Array(password.utf8) }
    func next(_ token: [UInt8]) -> [UInt8]? { nil }
}

/// OAUTHBEARER (RFC 7628): a token that says it all.
struct OAuthBearerClient: SASLClient {
    let mechanism = "OAUTHBEARER"
    let token: String

    func first() -> [UInt8] { Array("n,,\u{1}auth=Bearer \(token)\u{1}\u{1}".utf8) }

    /// A server that refuses the token says why, and waits for this before it ends the login.
    func next(_ token: [UInt8]) -> [UInt8]? { token.isEmpty ? nil : [1] }
}

extension KafkaClientSettings {
    /// The login that the settings ask for; nil if they ask for none.
    func login() -> (any SASLClient)? {
        guard usesLogin else { return nil }
        if let iam { return OAuthBearerClient(token: iam.token(for: bootstrap).text) }
        guard let user = entries["sasl.username"], let password = entries["sasl.password"] else { return nil }
        switch entries["sasl.mechanisms"] {
        case "SCRAM-SHA-256": return ScramClient(.sha256, user: user, password: password)
        case "SCRAM-SHA-512": return ScramClient(.sha512, user: user, password: password)
        default: return PlainClient(user: user, password: password)
        }
    }
}
