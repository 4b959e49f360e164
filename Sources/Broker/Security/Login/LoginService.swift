import AWSSigning
import Logging
import NIOCore
import StreamModel
import Synchronization
import TransportSecurity

/// The logins of all connections: credentials, threads to check them on, and the delays of wrong ones.
final class LoginService: Sendable {
    /// The longest message of a mechanism; a longer one fails the login.
    static let maxTokenBytes = 64 << 10

    /// What came out of one message.
    struct Judged: Sendable {
        var exchange: any SASLExchange
        /// Nil if the credentials could not be read.
        var step: SASLStep?
    }

    let mechanisms: [SASLMechanism]
    let clock: WallClock
    private let maxLifetime: Int64
    private let credentials: any CredentialSource
    private let signature: ConnectSignature
    private let random: RandomBytes
    private let delays: Mutex<FailureDelays>
    private let threads: BrokerThreads
    private let logger: Logger

    init(
        settings: SecuritySettings, credentials: any CredentialSource, accessKeys: AccessKeys,
        threads: BrokerThreads, clock: WallClock, random: RandomBytes, logger: Logger
    ) {
        mechanisms = settings.listenerProtocol.hasSASL ? settings.mechanisms : []
        maxLifetime = settings.maxReauthenticationMilliseconds
        self.credentials = credentials
        signature = ConnectSignature(keys: accessKeys)
        delays = Mutex(FailureDelays(base: settings.failedAuthenticationDelayMilliseconds))
        self.threads = threads
        self.clock = clock
        self.random = random
        self.logger = logger
    }

    func exchange(_ mechanism: SASLMechanism) -> any SASLExchange {
        switch mechanism {
        case .plain: PlainExchange(credentials: credentials)
        case .scramSHA256: ScramExchange(.sha256, credentials: credentials, random: random)
        case .scramSHA512: ScramExchange(.sha512, credentials: credentials, random: random)
        case .oauthBearer: OAuthBearerExchange(signature: signature)
        case .mskIAM: MSKIAMExchange(signature: signature, random: random)
        }
    }

    /// What the connection has proved so far.
    func authentication(of session: ConnectionSession, _ principal: Principal) -> ConnectionAuthentication {
        session.login as? ConnectionAuthentication
            ?? ConnectionAuthentication(
                mechanisms: mechanisms, principal: principal, maxLifetime: maxLifetime)
    }

    /// Of a clock that never goes back.
    func monotonicMilliseconds() -> Int64 {
        Int64(clamping: NIODeadline.now().uptimeNanoseconds / 1_000_000)
    }

    /// Judges a message on a thread, and calls back on the loop: after a delay where wrong logins came before.
    func evaluate(
        _ exchange: any SASLExchange, _ message: [UInt8], host: String, on loop: any EventLoop,
        then: @escaping @Sendable (Judged) -> Void
    ) {
        let now = clock.milliseconds
        threads.run {
            var exchange = exchange
            let step = try exchange.evaluate(message, at: now)
            return Judged(exchange: exchange, step: step)
        } then: { [self] result in
            var judged = Judged(exchange: exchange, step: nil)
            switch result {
            case .success(let value): judged = value
            case .failure(let error):
                logger.error("a login cannot be checked", metadata: ["error": "\(error)"])
            }
            let delay = book(&judged, host: host)
            let answer = judged
            if delay > 0 {
                loop.scheduleTask(in: .milliseconds(delay)) { then(answer) }
            } else {
                loop.execute { then(answer) }
            }
        }
    }

    /// The milliseconds to hold the answer back; a login beyond all patience is refused.
    private func book(_ judged: inout Judged, host: String) -> Int64 {
        let user: String
        var failure: SASLFailure?
        switch judged.step {
        case .success(_, let identity): user = identity.principal.name
        case .failure(let reason):
            user = reason.claimedName ?? ""
            failure = reason
        case .challenge, nil: return 0
        }
        let answer = delays.withLock {
            $0.answer(host: host, user: user, failed: failure != nil, at: monotonicMilliseconds())
        }
        if let failure {
            logger.info(
                "login failed",
                metadata: ["client": "\(host)", "user": "\(user)", "reason": "\(failure.reason)"])
        }
        switch answer {
        case .after(let milliseconds): return milliseconds
        case .refused(let milliseconds):
            judged.step = .failure(
                SASLFailure(
                    message: "Too many logins have failed: try again later", reason: "too many failures",
                    claimedName: user))
            return milliseconds
        }
    }
}
