/// Where logins find what is known of a password; may read the disk.
protocol CredentialSource: Sendable {
    func credential(of user: String, for mechanism: ScramMechanism) throws -> ScramCredential?

    /// A credential that nobody has the password of, the same at each call: an unknown user cannot be told from a
    /// known one by the salt.
    func decoy(for user: String, _ mechanism: ScramMechanism) throws -> ScramCredential
}

extension ScramCredential {
    /// - Parameter secret: known to this server alone.
    static func decoy(for user: String, _ mechanism: ScramMechanism, secret: [UInt8]) -> ScramCredential {
        func bytes(_ purpose: String) -> [UInt8] {
            mechanism.hmac(key: secret, Array("\(purpose)\u{0}\(mechanism.rawValue)\u{0}\(user)".utf8))
        }
        return ScramCredential(
            salt: Array(bytes("salt").prefix(saltLength)), storedKey: bytes("stored key"),
            serverKey: bytes("server key"),
            iterations: ScramMechanism.minIterations)
    }
}

extension ScramCredentialStore: CredentialSource {
    func decoy(for user: String, _ mechanism: ScramMechanism) throws -> ScramCredential {
        .decoy(for: user, mechanism, secret: try decoySecret())
    }
}
