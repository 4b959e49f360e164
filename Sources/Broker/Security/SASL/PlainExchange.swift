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
        switch try credentials.check(password, of: name) {
        case .right: return .success([], SASLIdentity(principal: Principal(name: name)))
        case .wrong: return failure("wrong password", name)
        case .unknownUser: return failure("unknown user", name)
        }
    }

    private func failure(_ reason: String, _ name: String?) -> SASLStep {
        .failure(
            SASLFailure(
                message: "Authentication failed: Invalid username or password", reason: reason,
                claimedName: name))
    }
}
