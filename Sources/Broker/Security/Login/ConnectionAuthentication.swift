/// What one connection has proved, and what it may ask for: decisions only, no I/O.
///
/// With SASL a connection first sends SaslHandshake, then SaslAuthenticate until the mechanism is content; it may do
/// so again later, as the same principal and by the same mechanism (KIP-368). Times are milliseconds of a clock that
/// never goes back, but for those of `SASLIdentity`, which are milliseconds since 1970.
struct ConnectionAuthentication: Sendable {
    /// The way to log in that was agreed upon.
    struct Login: Sendable {
        var mechanism: SASLMechanism
        var exchange: any SASLExchange
    }

    struct Session: Equatable, Sendable {
        var principal: Principal
        var mechanism: SASLMechanism?
        var began: Int64
        var end: Int64?
    }

    enum HandshakeOutcome: Equatable {
        case agreed, unsupportedMechanism, illegalState
    }

    enum Outcome: Equatable {
        /// Sends the token; another is to come.
        case challenge([UInt8])
        /// Sends the token; the login holds for so many milliseconds, 0: without end.
        case success([UInt8], lifetime: Int64)
        /// Says so, and ends the connection.
        case failure(String)
    }

    private enum State {
        case handshakeExpected
        case exchanging(Login, before: Session?)
        /// The exchange is out, at work on a message.
        case evaluating(Login, before: Session?)
        case done(Session)
        case failed
    }

    /// A login that follows the last one sooner is refused, as Apache Kafka does.
    static let minReauthenticationInterval: Int64 = 1000

    let mechanisms: [SASLMechanism]
    private let maxLifetime: Int64
    private var state: State

    /// - Parameters:
    ///   - mechanisms: none where nobody has to log in.
    ///   - principal: who the client is where nobody has to log in, by its certificate perhaps.
    ///   - maxLifetime: most milliseconds that a login holds; 0: no limit.
    init(mechanisms: [SASLMechanism], principal: Principal, maxLifetime: Int64) {
        self.mechanisms = mechanisms
        self.maxLifetime = maxLifetime
        let session = Session(principal: principal, mechanism: nil, began: 0, end: nil)
        state = mechanisms.isEmpty ? .done(session) : .handshakeExpected
    }

    /// Who the client has proved to be; during a renewed login who it was before.
    var principal: Principal? {
        switch state {
        case .done(let session), .exchanging(_, before: let session?), .evaluating(_, before: let session?):
            session.principal
        case .handshakeExpected, .exchanging, .evaluating, .failed: nil
        }
    }

    /// The connection must be closed once the answer is sent.
    var hasFailed: Bool {
        if case .failed = state { true } else { false }
    }

    /// When the login ends; nil if it does not, or there is none.
    var end: Int64? {
        if case .done(let session) = state { session.end } else { nil }
    }

    // MARK: Events

    mutating func handshake(
        _ name: String, at now: Int64, exchange: (SASLMechanism) -> any SASLExchange
    ) -> HandshakeOutcome {
        let before: Session?
        switch state {
        case .handshakeExpected:
            before = nil
        case .done(let session):
            guard session.mechanism != nil, now - session.began >= Self.minReauthenticationInterval else {
                return .illegalState
            }
            before = session
        case .exchanging, .evaluating, .failed:
            state = .failed
            return .illegalState
        }
        guard let mechanism = SASLMechanism(rawValue: name), mechanisms.contains(mechanism) else {
            state = .failed
            return .unsupportedMechanism
        }
        let login = Login(mechanism: mechanism, exchange: exchange(mechanism))
        state = .exchanging(login, before: before)
        return .agreed
    }

    /// Hands out the exchange for one message; `completed` brings it back.
    ///
    /// Nil if no message is expected.
    mutating func beginEvaluation() -> (any SASLExchange)? {
        guard case .exchanging(let login, let before) = state else {
            if case .done = state { return nil }
            state = .failed
            return nil
        }
        state = .evaluating(login, before: before)
        return login.exchange
    }

    /// - Parameters:
    ///   - now: of the clock that never goes back.
    ///   - time: milliseconds since 1970.
    mutating func completed(
        _ exchange: any SASLExchange, _ step: SASLStep, at now: Int64, time: Int64
    ) -> Outcome {
        guard case .evaluating(var login, let before) = state else { return fail("no login is going on") }
        switch step {
        case .challenge(let token):
            login.exchange = exchange
            state = .exchanging(login, before: before)
            return .challenge(token)
        case .success(let token, let identity):
            return succeed(login.mechanism, token, identity, before: before, at: now, time: time)
        case .failure(let failure):
            return fail(failure.message)
        }
    }

    /// Gives up a login that could not be judged.
    mutating func fail(_ message: String) -> Outcome {
        state = .failed
        return .failure(message)
    }

    private mutating func succeed(
        _ mechanism: SASLMechanism, _ token: [UInt8], _ identity: SASLIdentity, before: Session?,
        at now: Int64, time: Int64
    ) -> Outcome {
        if let before, before.principal != identity.principal || before.mechanism != mechanism {
            return fail(
                "Cannot change principals during re-authentication from \(before.principal) by "
                    + "\(before.mechanism?.rawValue ?? "") to \(identity.principal) by \(mechanism.rawValue)")
        }
        var lifetime = maxLifetime > 0 ? maxLifetime : nil
        if let expiry = identity.expiry {
            // A token that is over just now must not make a login without end.
            lifetime = min(lifetime ?? .max, max(1, expiry &- time))
        }
        state = .done(
            Session(
                principal: identity.principal, mechanism: mechanism, began: now,
                end: lifetime.map { $0.addingReportingOverflow(now).partialValue }))
        return .success(token, lifetime: lifetime ?? 0)
    }
}
