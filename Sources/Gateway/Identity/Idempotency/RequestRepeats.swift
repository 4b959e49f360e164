import Logging
import NIOCore
import NIOPosix
import StreamModel
import Synchronization

/// Tells requests that carry an `Idempotency-Key` from their repetitions.
///
/// Of those that are under way at once the first one is served, and the others wait for its answer.
final class RequestRepeats: Sendable {
    enum Beginning: Sendable {
        /// To be served; it must be told of its answer, or that none will come.
        case first(RequestOnce)
        case answered(GatewayResponse)
        case refused(GatewayFault)
    }

    private struct Running {
        var fingerprint: [UInt8]
        /// Given, but not durable yet.
        var answer: GatewayResponse?
        /// Called with the answer, or nil if there is none.
        var waiting: [@Sendable (GatewayResponse?) -> Void] = []
    }

    /// How many may wait for one request.
    private static let maxWaiting = 100
    /// After so many answers the old ones are looked for.
    private static let trimEvery = 256

    let memory: RequestMemory
    /// Nil: what a crash cut off is not found again.
    let stored: StoredRecords?
    let clock: WallClock
    private let settings: IdempotencySettings
    private let threads = NIOThreadPool(numberOfThreads: 2)
    private let running = Mutex<[String: Running]>([:])
    private let finished = Atomic<Int>(0)
    private let logger: Logger

    init(
        settings: IdempotencySettings, state: GatewayState, reader: (any RecordReader)?,
        clock: WallClock = .system, logger: Logger
    ) {
        self.settings = settings
        self.clock = clock
        self.logger = logger
        memory = RequestMemory(state)
        stored = reader.map { StoredRecords(reader: $0) }
        threads.start()
    }

    func shutDown() async { try? await threads.shutdownGracefully() }

    func onThread(_ work: @escaping @Sendable () -> Void, orElse: @escaping @Sendable () -> Void) {
        threads.submit { state in
            if case .active = state { work() } else { orElse() }
        }
    }

    // MARK: Beginning

    private enum Place {
        case first, waiting
        case known(Beginning)
    }

    /// Called on the loop, and answers on it.
    func begin(_ key: RequestKey, on loop: any EventLoop) -> EventLoopFuture<Beginning> {
        let promise = loop.makePromise(of: Beginning.self)
        begin(key, promise)
        return promise.futureResult
    }

    private func begin(_ key: RequestKey, _ promise: EventLoopPromise<Beginning>) {
        let place = running.withLock { running -> Place in
            guard var known = running[key.id] else {
                running[key.id] = Running(fingerprint: key.fingerprint)
                return .first
            }
            guard known.fingerprint == key.fingerprint else { return .known(.refused(Self.otherBody)) }
            if let answer = known.answer { return .known(.answered(answer)) }
            guard known.waiting.count < Self.maxWaiting else {
                return .known(
                    .refused(
                        GatewayFault(
                            .tooManyRequests(retryAfter: 1),
                            "too many requests with one Idempotency-Key are waiting for its first answer")))
            }
            known.waiting.append { [self] answer in
                if let answer { promise.succeed(.answered(answer)) } else { begin(key, promise) }
            }
            running[key.id] = known
            return .waiting
        }
        switch place {
        case .waiting: break
        case .known(let beginning): promise.succeed(beginning)
        case .first:
            onThread { [self] in
                promise.succeed(lookUp(key))
            } orElse: { [self] in
                leave(key, forgets: false)
                promise.succeed(
                    .refused(GatewayFault(.unavailable(retryAfter: 1), "the server is being shut down")))
            }
        }
    }

    /// What is known from before; on a thread.
    private func lookUp(_ key: RequestKey) -> Beginning {
        do {
            let known = try memory.known(key.id)
            guard let known, known.started > clock.milliseconds - settings.windowMilliseconds else {
                return .first(RequestOnce(key, earlier: [], repeats: self))
            }
            guard known.fingerprint == key.fingerprint else {
                leave(key, forgets: false)
                return .refused(Self.otherBody)
            }
            if let answer = known.answer {
                end(key, answer)
                return .answered(answer)
            }
            return .first(RequestOnce(key, earlier: known.attempts, repeats: self))
        } catch {
            logger.error("an Idempotency-Key cannot be looked up", metadata: ["error": "\(error)"])
            leave(key, forgets: false)
            return .refused(
                GatewayFault(
                    .unavailable(retryAfter: 1), "the Idempotency-Key cannot be looked up: try again"))
        }
    }

    static let otherBody = GatewayFault(
        .malformed(status: 422),
        "the Idempotency-Key was used for another request: use a new key for each request")

    // MARK: Ending

    /// The answer is known: those that wait get it, and it is made durable.
    func finish(_ key: RequestKey, _ answer: GatewayResponse) {
        let waiting = running.withLock { running -> [@Sendable (GatewayResponse?) -> Void] in
            guard var known = running[key.id] else { return [] }
            defer { running[key.id] = known }
            known.answer = answer
            defer { known.waiting = [] }
            return known.waiting
        }
        for tell in waiting { tell(answer) }
        memory.finish(key.id, answer) { [self] error in
            if let error {
                logger.warning("an answer cannot be remembered", metadata: ["error": "\(error)"])
            }
            end(key, answer)
        }
        guard finished.add(1, ordering: .relaxed).newValue.isMultiple(of: Self.trimEvery) else { return }
        memory.trim(
            oldest: clock.milliseconds - settings.windowMilliseconds, maxKeys: settings.maxKeys)
    }

    /// There is no answer to keep: the next request with the key is served.
    ///
    /// - Parameter forgets: nothing of it is in the log, so that it may even say something else.
    func leave(_ key: RequestKey, forgets: Bool) {
        guard forgets else { return end(key, nil) }
        memory.forget(key.id) { [self] _ in end(key, nil) }
    }

    private func end(_ key: RequestKey, _ answer: GatewayResponse?) {
        let waiting = running.withLock { $0.removeValue(forKey: key.id)?.waiting ?? [] }
        for tell in waiting { tell(answer) }
    }
}
