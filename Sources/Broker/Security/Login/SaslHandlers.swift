import KafkaWire
import NIOCore
import StreamModel

// SaslHandshake (key 17), versions 0-1. After version 0 tokens come without requests around them, as older clients
// send them; such a login cannot be renewed.
//
// SaslAuthenticate (key 36), versions 0-2.
// Unlike Apache Kafka: the delay of answers grows with wrong logins, and right ones queue behind them.

struct SaslHandshakeHandler: RequestHandler {
    let logins: LoginService

    func handle(
        _ request: SaslHandshakeRequest, _ context: RequestContext, _ reply: Reply<SaslHandshakeResponse>
    ) {
        let session = context.session
        let offered = logins.mechanisms.map(\.rawValue)
        var login = logins.authentication(of: session, context.principal)
        let outcome = login.handshake(request.mechanism, at: logins.monotonicMilliseconds()) {
            logins.exchange($0)
        }
        session.login = login
        session.closesAfterAnswer = session.closesAfterAnswer || login.hasFailed
        switch outcome {
        case .agreed:
            session.sendsBareTokens = context.apiVersion == 0
            reply(SaslHandshakeResponse(error: .none, mechanisms: offered))
        case .unsupportedMechanism:
            reply(SaslHandshakeResponse(error: .unsupportedSASLMechanism, mechanisms: offered))
        case .illegalState: reply(SaslHandshakeResponse(error: .illegalSASLState, mechanisms: []))
        }
    }
}

struct SaslAuthenticateHandler: RequestHandler {
    let logins: LoginService

    func handle(
        _ request: SaslAuthenticateRequest, _ context: RequestContext,
        _ reply: Reply<SaslAuthenticateResponse>
    ) {
        let session = context.session
        var login = logins.authentication(of: session, context.principal)
        let exchange = login.beginEvaluation()
        session.login = login
        guard let exchange else {
            session.closesAfterAnswer = session.closesAfterAnswer || login.hasFailed
            let message =
                login.hasFailed
                ? "SaslAuthenticate request received before SaslHandshake"
                : "SaslAuthenticate request received after successful authentication"
            return reply(SaslAuthenticateResponse(error: .illegalSASLState, message: message))
        }
        guard request.token.readableBytes <= LoginService.maxTokenBytes else {
            return finish(login.fail("The SASL token is too long"), login, context, reply)
        }
        logins.evaluate(
            exchange, Array(request.token.readableBytesView), host: context.clientHost, on: context.loop
        ) { judged in
            guard var login = session.login as? ConnectionAuthentication else { return }
            let outcome =
                judged.step.map {
                    login.completed(
                        judged.exchange, $0, at: logins.monotonicMilliseconds(),
                        time: logins.clock.milliseconds)
                } ?? login.fail("The login could not be checked")
            finish(outcome, login, context, reply)
        }
    }

    /// On the connection's event loop.
    private func finish(
        _ outcome: ConnectionAuthentication.Outcome, _ login: ConnectionAuthentication,
        _ context: RequestContext, _ reply: Reply<SaslAuthenticateResponse>
    ) {
        let session = context.session
        session.login = login
        switch outcome {
        case .challenge(let token):
            reply(SaslAuthenticateResponse(error: .none, token: ByteBuffer(bytes: token)))
        case .success(let token, let lifetime):
            session.principal = login.principal
            session.sendsBareTokens = false
            session.loginEnd = lifetime > 0 ? .now() + .milliseconds(min(lifetime, 1 << 40)) : nil
            reply(
                SaslAuthenticateResponse(
                    error: .none, token: ByteBuffer(bytes: token), sessionLifetimeMilliseconds: lifetime))
        case .failure(let message):
            session.principal = nil
            session.closesAfterAnswer = true
            reply(SaslAuthenticateResponse(error: .saslAuthenticationFailed, message: message))
        }
    }
}
