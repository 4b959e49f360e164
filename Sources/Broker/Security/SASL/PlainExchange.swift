/// A login by PLAIN (RFC 4616): name and password as they are, checked against the user's SCRAM credential.
struct PlainExchange: SASLExchange {
    private let credentials: any CredentialSource

    init(credentials: any CredentialSource) {
        self.credentials = credentials
    }

    mutating func evaluate(_ message: [UInt8], at now: Int64) throws -> SASLStep {
        let parts = message.split(separator: 0, omittingEmptySubsequences: false)
            .map { String(validating: $0, as: UTF8.self) }
        guard parts.count == 3, let acting = parts[0], let name = parts[1], let password = parts[2],
            !name.isEmpty, !password.isEmpty
        else { return failure("the message is not [who to act for] NUL name NUL password", nil) }
        guard acting.isEmpty || acting == name else {
            return failure("the client asks to act for another user", name)
        }
        for mechanism in ScramMechanism.allCases {
            guard let credential = try credentials.credential(of: name, for: mechanism) else { continue }
            guard credential.matches(password: password, for: mechanism) else {
                return failure("wrong password", name)
            }
            return .success([], SASLIdentity(principal: Principal(name: name)))
        }
        // Takes as long as a user who is known, so that the time does not tell.
        _ = try credentials.decoy(for: name, .sha256).matches(password: password, for: .sha256)
        return failure("unknown user", name)
    }

    private func failure(_ reason: String, _ name: String?) -> SASLStep {
        .failure(
            SASLFailure(
                message: "Authentication failed: Invalid username or password", reason: reason,
                claimedName: name))
    }
}
