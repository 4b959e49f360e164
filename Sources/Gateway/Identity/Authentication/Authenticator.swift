import AWSSigning
import Crypto
import Logging
import NIOCore
import NIOPosix
import StreamModel
import Synchronization
import TransportSecurity

/// Knows users by their passwords; may read the disk.
package protocol PasswordVerifier: Sendable {
    func isPassword(_ password: String, of user: String) throws -> Bool
}

/// Finds out who sends a request.
///
/// A password, key or token is checked on a thread, and what was right is remembered for a while: for the connection,
/// and for all others that show the same. Wrong ones are answered late.
final class Authenticator: Sendable {
    /// What came of a check.
    enum Verdict: Sendable, Equatable {
        /// - Parameter end: seconds since 1970 when it ceases to be right; nil: never.
        case right(name: String, end: Int64?)
        case wrong(String)
    }

    /// What credentials are checked against.
    struct Sources: Sendable {
        var passwords: (any PasswordVerifier)?
        var keys: APIKeyStore?
        var tokens: TokenVerifier?
        var signatures: SignatureCheck?
    }

    let settings: AuthenticationSettings
    let methods: Set<AuthenticationMethod>
    private let sources: Sources
    private let clock: WallClock
    private let logger: Logger
    private let threads: NIOThreadPool
    private let delays: Mutex<FailureDelays>
    private let verdicts: Mutex<VerdictCache>
    /// Checks that are under way, and answers that are held back.
    private let pending = Atomic<Int>(0)

    init(
        settings: AuthenticationSettings, methods: Set<AuthenticationMethod>, sources: Sources,
        clock: WallClock = .system, logger: Logger
    ) {
        self.settings = settings
        self.methods = methods
        self.sources = sources
        self.clock = clock
        self.logger = logger
        threads = NIOThreadPool(numberOfThreads: 2)
        threads.start()
        delays = Mutex(FailureDelays(base: settings.failedDelayMilliseconds))
        verdicts = Mutex(VerdictCache(maxEntries: settings.cacheEntries))
    }

    func shutDown() async { try? await threads.shutdownGracefully() }

    /// Who the caller is; on the connection's event loop.
    func caller(
        of head: HTTPRequestHead, _ body: ByteBuffer?, from connection: ConnectionFacts
    ) -> Admission {
        let shown = Credential.shown(by: head, certificate: connection.certificateName, methods: methods)
        guard let shown else {
            guard settings.demand == .required else { return .admitted(.anonymous(from: connection.address)) }
            return .refused(fault("the request does not say who sends it: \(advice)", .missing))
        }
        switch shown {
        case .certificate(let name): return .admitted(Caller(name: name, address: connection.address))
        case .signature: return signer(of: head, body, from: connection)
        case .unreadable:
            return .refused(fault("the Authorization header is none that is known here: \(advice)", .unknown))
        case .apiKey, .basic, .bearer: return known(shown, connection) ?? check(shown, connection)
        }
    }

    // MARK: Signatures

    private func signer(
        of head: HTTPRequestHead, _ body: ByteBuffer?, from connection: ConnectionFacts
    ) -> Admission {
        guard let signatures = sources.signatures, let body else {
            return .refused(fault("a body that is worked on as it comes cannot be signed", .unknown))
        }
        switch signatures.signer(of: head, body, at: clock.milliseconds) {
        case .success(let name): return .admitted(Caller(name: name, address: connection.address))
        case .failure(let error): return .refused(fault(error.message, .signature(error.code)))
        }
    }

    // MARK: Keys, passwords and tokens

    private func known(_ shown: Credential, _ connection: ConnectionFacts) -> Admission? {
        let now = NIODeadline.now()
        if let caller = connection.memory.caller(for: shown, at: now) { return .admitted(caller) }
        guard let (name, until) = verdicts.withLock({ $0.name(for: shown, at: now) }) else { return nil }
        let caller = Caller(name: name, address: connection.address)
        connection.memory.keep(.init(shown: shown, caller: caller, until: until))
        return .admitted(caller)
    }

    private func check(_ shown: Credential, _ connection: ConnectionFacts) -> Admission {
        guard pending.add(1, ordering: .relaxed).newValue <= settings.maxPending else {
            pending.subtract(1, ordering: .relaxed)
            return .refused(
                GatewayFault(.unavailable(retryAfter: 1), "too many logins at once: try again"))
        }
        let future = threads.runIfActive(eventLoop: connection.loop) { [self] in try verify(shown) }
            .flatMap { [self] verdict in judged(verdict, shown, connection) }
            .flatMapErrorThrowing { [logger] error in
                logger.error("a login cannot be checked", metadata: ["error": "\(error)"])
                return .refused(
                    GatewayFault(.unavailable(retryAfter: 1), "the login could not be checked: try again"))
            }
        future.whenComplete { [self] _ in pending.subtract(1, ordering: .relaxed) }
        return .later(future)
    }

    /// On a thread.
    private func verify(_ shown: Credential) throws -> Verdict {
        switch shown {
        case .basic(let user, let password):
            let isRight = try sources.passwords?.isPassword(password, of: user) ?? false
            return isRight ? .right(name: user, end: nil) : .wrong("user name or password is wrong")
        case .apiKey(let key):
            let owner = try sources.keys?.owner(of: key, at: clock.milliseconds)
            return owner.map { .right(name: $0.user, end: $0.end) } ?? .wrong("the API key is not known")
        case .bearer(let token):
            return sources.tokens?.verdict(of: token, at: clock.milliseconds) ?? .wrong("no tokens are known")
        case .certificate, .signature, .unreadable: return .wrong("nothing to check")
        }
    }

    /// Remembers what was right, and holds back the answer where wrong logins came before.
    private func judged(
        _ verdict: Verdict, _ shown: Credential, _ connection: ConnectionFacts
    ) -> EventLoopFuture<Admission> {
        let admission: Admission
        var isWrong = false
        switch verdict {
        case .right(let name, let end):
            admission = .admitted(Caller(name: name, address: connection.address))
            remember(shown, name, end)
        case .wrong(let reason):
            isWrong = true
            admission = .refused(fault(reason, .wrong(shown)))
            logger.info(
                "login failed",
                metadata: [
                    "client": "\(connection.address)", "user": "\(shown.claimedName.prefix(128))",
                    "reason": "\(reason)",
                ])
        }
        let now = Int64(clamping: NIODeadline.now().uptimeNanoseconds / 1_000_000)
        let answer = delays.withLock {
            $0.answer(host: connection.address, user: shown.claimedName, failed: isWrong, at: now)
        }
        switch answer {
        case .after(0): return connection.loop.makeSucceededFuture(admission)
        case .after(let delay):
            return connection.loop.scheduleTask(in: .milliseconds(delay)) { admission }.futureResult
        case .refused(let wait):
            let seconds = Int((wait + 999) / 1000)
            let fault = GatewayFault(
                .tooManyRequests(retryAfter: seconds), "too many logins have failed: try again later")
            return connection.loop.makeSucceededFuture(.refused(fault))
        }
    }

    private func remember(_ shown: Credential, _ name: String, _ end: Int64?) {
        let rest = end.map { max(0, $0 &* 1000 &- clock.milliseconds) } ?? .max
        let time = min(settings.cacheMilliseconds, rest)
        guard time > 0 else { return }
        let now = NIODeadline.now()
        verdicts.withLock { $0.keep(name, for: shown, until: now + .milliseconds(time), at: now) }
    }
}

/// Who showed what, for a bounded time; what was shown is kept as a hash alone.
struct VerdictCache {
    private let maxEntries: Int
    private let secret = SymmetricKey(size: .bits256)
    private var entries: [[UInt8]: (name: String, until: NIODeadline)] = [:]

    init(maxEntries: Int) {
        self.maxEntries = maxEntries
    }

    var count: Int { entries.count }

    func name(for shown: Credential, at now: NIODeadline) -> (name: String, until: NIODeadline)? {
        guard let entry = entries[key(shown)], entry.until > now else { return nil }
        return entry
    }

    mutating func keep(_ name: String, for shown: Credential, until: NIODeadline, at now: NIODeadline) {
        guard maxEntries > 0 else { return }
        if entries.count >= maxEntries {
            entries = entries.filter { $0.value.until > now }
            if entries.count >= maxEntries {
                let oldest = entries.sorted { $0.value.until < $1.value.until }
                for (key, _) in oldest.prefix(max(1, maxEntries / 2)) { entries[key] = nil }
            }
        }
        entries[key(shown)] = (name, until)
    }

    private func key(_ shown: Credential) -> [UInt8] {
        let text =
            switch shown {
            case .apiKey(let key): "k\u{0}" + key
            case .basic(let user, let password): "p\u{0}" + user + "\u{0}" + password
            case .bearer(let token): "t\u{0}" + token
            case .signature, .certificate, .unreadable: ""
            }
        return Array(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: secret))
    }
}
