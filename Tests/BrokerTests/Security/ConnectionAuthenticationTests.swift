import Testing

@testable import Broker

@Suite struct ConnectionAuthenticationTests {
    /// Content with whatever is sent.
    private struct Yes: SASLExchange {
        func evaluate(_ message: [UInt8], at now: Int64) -> SASLStep { .challenge([]) }
    }

    private static let alice = SASLIdentity(principal: Principal(name: "alice"))

    private func fresh(maxLifetime: Int64 = 0) -> ConnectionAuthentication {
        ConnectionAuthentication(
            mechanisms: [.plain, .scramSHA512], principal: .anonymous, maxLifetime: maxLifetime)
    }

    private func agree(_ login: inout ConnectionAuthentication, _ name: String = "PLAIN", at now: Int64 = 0)
        -> ConnectionAuthentication.HandshakeOutcome
    {
        login.handshake(name, at: now) { _ in Yes() }
    }

    private func succeed(
        _ login: inout ConnectionAuthentication, _ identity: SASLIdentity = alice, at now: Int64 = 0,
        time: Int64 = 0
    ) -> ConnectionAuthentication.Outcome? {
        guard let exchange = login.beginEvaluation() else { return nil }
        return login.completed(exchange, .success([1], identity), at: now, time: time)
    }

    @Test func logsInByHandshakeAndTokens() {
        var login = fresh()
        #expect(login.principal == nil && !login.hasFailed)
        #expect(agree(&login) == .agreed)
        let exchange = login.beginEvaluation()
        #expect(exchange != nil)
        #expect(login.completed(exchange ?? Yes(), .challenge([9]), at: 0, time: 0) == .challenge([9]))
        #expect(login.principal == nil)
        #expect(succeed(&login) == .success([1], lifetime: 0))
        #expect(login.principal == Self.alice.principal && login.end == nil)
    }

    @Test func refusesAMechanismThatIsNotOffered() {
        for name in ["SCRAM-SHA-256", "GSSAPI", "", "plain"] {
            var login = fresh()
            #expect(agree(&login, name) == .unsupportedMechanism)
            #expect(login.hasFailed && login.principal == nil)
        }
    }

    @Test func refusesTokensWithoutHandshakeAndAfterTheLogin() {
        var early = fresh()
        #expect(early.beginEvaluation() == nil && early.hasFailed)
        var late = fresh()
        _ = agree(&late)
        _ = succeed(&late)
        #expect(late.beginEvaluation() == nil && !late.hasFailed)
        #expect(late.principal == Self.alice.principal)
    }

    @Test func refusesASecondHandshakeDuringTheLogin() {
        var login = fresh()
        _ = agree(&login)
        #expect(agree(&login) == .illegalState && login.hasFailed)
    }

    @Test func refusesASecondTokenWhileOneIsJudged() {
        var login = fresh()
        _ = agree(&login)
        _ = login.beginEvaluation()
        #expect(login.beginEvaluation() == nil && login.hasFailed)
    }

    @Test func aFailureEndsEverything() {
        var login = fresh()
        _ = agree(&login)
        let exchange = login.beginEvaluation() ?? Yes()
        let step = SASLStep.failure(SASLFailure(message: "no", reason: "test"))
        #expect(login.completed(exchange, step, at: 0, time: 0) == .failure("no"))
        #expect(login.hasFailed && login.principal == nil)
        #expect(login.beginEvaluation() == nil && agree(&login) == .illegalState)
    }

    @Test func withoutMechanismsNobodyLogsIn() {
        var login = ConnectionAuthentication(mechanisms: [], principal: .anonymous, maxLifetime: 0)
        #expect(login.principal == .anonymous)
        #expect(agree(&login, at: 5000) == .illegalState && !login.hasFailed)
        #expect(login.beginEvaluation() == nil && !login.hasFailed)
    }

    // MARK: How long a login holds

    @Test(arguments: [
        (Int64(0), nil, Int64(0)), (60_000, nil, 60_000), (0, Int64(901_000), 900_000),
        (60_000, Int64(901_000), 60_000), (1_000_000, Int64(901_000), 900_000), (0, Int64(1000), 1),
    ])
    func endsWithTheTokenOrTheSetting(setting: Int64, expiry: Int64?, lifetime: Int64) {
        var login = fresh(maxLifetime: setting)
        _ = agree(&login)
        let identity = SASLIdentity(principal: Principal(name: "alice"), expiry: expiry)
        #expect(succeed(&login, identity, at: 500, time: 1000) == .success([1], lifetime: lifetime))
        #expect(login.end == (lifetime == 0 ? nil : 500 + lifetime))
    }

    @Test func aRenewedLoginNeedsTheSamePrincipalAndMechanism() {
        var login = fresh()
        _ = agree(&login)
        _ = succeed(&login)
        #expect(agree(&login, at: 999) == .illegalState && !login.hasFailed)
        #expect(agree(&login, at: 1000) == .agreed)
        #expect(login.principal == Self.alice.principal)
        #expect(succeed(&login, at: 1000) == .success([1], lifetime: 0))
        var other = login
        _ = agree(&other, at: 9000)
        _ = succeed(&other, SASLIdentity(principal: Principal(name: "bob")))
        #expect(other.hasFailed && other.principal == nil)
        var mechanism = login
        _ = agree(&mechanism, "SCRAM-SHA-512", at: 9000)
        _ = succeed(&mechanism)
        #expect(mechanism.hasFailed)
    }
}
