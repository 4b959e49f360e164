/// Where logins find what is known of a password; may read the disk.
protocol CredentialSource: Sendable {
    func credential(of user: String, for mechanism: ScramMechanism) throws -> ScramCredential?

    /// A credential that nobody has the password of, the same at each call: an unknown user cannot be told from a
    /// known one by the salt.
    func decoy(for user: String, _ mechanism: ScramMechanism) throws -> ScramCredential
}

/// What a password is worth.
enum PasswordCheck: Sendable {
    case right, wrong, unknownUser
}

extension CredentialSource {
    /// Checks a password as it is, by the first credential that there is.
    func check(_ password: String, of name: String) throws -> PasswordCheck {
        for mechanism in ScramMechanism.allCases {
            guard let credential = try credential(of: name, for: mechanism) else { continue }
            return credential.matches(password: password, for: mechanism) ? .right : .wrong
        }
        // Takes as long as a user who is known, so that the time does not tell.
        _ = try decoy(for: name, .sha256).matches(password: password, for: .sha256)
        return .unknownUser
    }
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
    /// Whether this is the user's password; takes a millisecond and more, by intent.
    package func isPassword(_ password: String, of user: String) throws -> Bool {
        guard !user.isEmpty, !password.isEmpty else { return false }
        return try check(password, of: user) == .right
    }

    func decoy(for user: String, _ mechanism: ScramMechanism) throws -> ScramCredential {
        .decoy(for: user, mechanism, secret: try decoySecret())
    }
}
