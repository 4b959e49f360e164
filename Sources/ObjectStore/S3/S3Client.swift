import AWSSigning
import AsyncHTTPClient
import Logging
import NIOCore
import NIOHTTP1
import StreamModel

/// Sends requests to a bucket: signs them, and sends them again when they fail in passing.
final class S3Client: Sendable {
    let settings: S3Settings
    let endpoint: S3Endpoint
    let logger: Logger
    private let http: HTTPClient
    private let credentials: S3Credentials
    private let policy: S3RetryPolicy
    private let chance: S3Chance
    private let wallClock: WallClock
    private let clock: any Clock<Duration>

    /// Most bytes of an answer that is read as a whole, objects apart.
    static let maxAnswerBytes = 8 << 20

    init(
        _ settings: S3Settings, wallClock: WallClock, clock: any Clock<Duration>, logger: Logger
    ) throws(ObjectStoreError) {
        self.settings = settings
        self.wallClock = wallClock
        self.clock = clock
        self.logger = logger
        endpoint = try S3Endpoint(settings)
        credentials = S3Credentials(settings.credentials)
        policy = S3RetryPolicy(
            retries: max(0, settings.retries), backoffMilliseconds: settings.backoffMilliseconds)
        chance = S3Chance(seed: UInt64(truncatingIfNeeded: wallClock.milliseconds))
        http = S3Transport.client(for: settings)
    }

    /// In milliseconds since 1970.
    var now: Int64 { wallClock.milliseconds }

    // MARK: Whole answers

    /// The answer to a request: a success, or a refusal that will stay.
    ///
    /// - Parameters:
    ///   - action: what is done, for messages: `put s3://bucket/key`.
    ///   - mayFailLate: an answer of success can hold an error in its body.
    func answer(
        to request: S3Request, _ action: String, maxBytes: Int = S3Client.maxAnswerBytes,
        mayFailLate: Bool = false
    ) async throws(ObjectStoreError) -> S3Answer {
        var failures = 0
        while true {
            let setback: S3Setback
            do {
                let response = try await send(request)
                var answer = S3Answer(
                    status: Int(response.status.code), headers: response.headers,
                    body: request.method == "HEAD"
                        ? ByteBuffer() : try await response.body.collect(upTo: maxBytes))
                answer.attempts = failures + 1
                guard let failure = Self.passingFailure(answer, mayFailLate: mayFailLate) else {
                    return answer
                }
                setback = .refused(failure, retryAfter: answer.retryAfter)
            } catch let error as ObjectStoreError {
                throw error
            } catch is NIOTooManyBytesError {
                throw ObjectStoreError(
                    .refused, "cannot \(action): the answer has more than \(maxBytes) bytes")
            } catch {
                setback = .cut(error)
            }
            failures += 1
            try await wait(after: failures, setback, action)
        }
    }

    /// The same, where nothing but success is of use.
    func success(
        of request: S3Request, _ action: String, mayFailLate: Bool = false
    ) async throws(ObjectStoreError) -> S3Answer {
        let answer = try await answer(to: request, action, mayFailLate: mayFailLate)
        guard answer.isSuccess else { throw error(answer, action) }
        return answer
    }

    private static func passingFailure(_ answer: S3Answer, mayFailLate: Bool) -> S3Failure? {
        let failsLate = mayFailLate && answer.isSuccess && S3XML(answer.text)?.name == "Error"
        guard !answer.isSuccess || failsLate else { return nil }
        let failure = S3Failure(answer)
        return failure.isPassing || failure.endsCredentials ? failure : nil
    }

    // MARK: One attempt

    /// Sends a request once.
    ///
    /// - Throws: `ObjectStoreError` where another attempt is of no use; anything else where it may be.
    func send(_ request: S3Request) async throws -> HTTPClientResponse {
        let key = try credentials.current()
        var outgoing = HTTPClientRequest(url: endpoint.url(of: request.key, request.query))
        outgoing.method = HTTPMethod(rawValue: request.method)
        let time = SigningTime(milliseconds: wallClock.milliseconds)
        let signed = request.signedHeaders(to: endpoint, region: settings.region, key: key, at: time)
        for header in signed { outgoing.headers.add(name: header.name, value: header.value) }
        outgoing.headers.add(name: "User-Agent", value: "pinline")
        if request.method == "PUT" || request.method == "POST" {
            outgoing.body = .bytes(request.body)
            let announces = settings.sendsExpectContinue && request.body.readableBytes > 0
            if announces { outgoing.headers.add(name: "Expect", value: "100-continue") }
        }
        return try await http.execute(outgoing, timeout: timeout(for: request.body.readableBytes))
    }

    /// Sends a request once, to its end even if the surrounding task is cancelled.
    ///
    /// - Returns: the status of the answer, if there was one.
    func sendUncancelled(_ request: S3Request) async -> Int? {
        guard let key = try? credentials.current() else { return nil }
        let time = SigningTime(milliseconds: wallClock.milliseconds)
        let signed = request.signedHeaders(to: endpoint, region: settings.region, key: key, at: time)
        let headers = HTTPHeaders(signed.map { ($0.name, $0.value) })
        guard
            let outgoing = try? HTTPClient.Request(
                url: endpoint.url(of: request.key, request.query),
                method: HTTPMethod(rawValue: request.method),
                headers: headers)
        else { return nil }
        let deadline = NIODeadline.now() + min(.seconds(10), timeout(for: 0))
        let answer = try? await http.execute(request: outgoing, deadline: deadline).get()
        return answer.map { Int($0.status.code) }
    }

    /// Time to send the body at 64 KiB a second comes on top.
    private func timeout(for bytes: Int) -> TimeAmount {
        .milliseconds(Int64(max(1, settings.timeoutMilliseconds)) + Int64(bytes >> 6))
    }

    // MARK: Failing

    /// Waits until another attempt is due.
    ///
    /// - Throws: when there are no attempts left, or the task is cancelled.
    func wait(
        after failures: Int, _ setback: S3Setback, _ action: String
    ) async throws(ObjectStoreError) {
        if Task.isCancelled { throw ObjectStoreError(.unavailable, "cannot \(action): it was called off") }
        if setback.endsCredentials { credentials.forget() }
        guard let delay = policy.delay(after: failures, asked: setback.retryAfter, chance: chance.next())
        else {
            throw error(setback, failures, action)
        }
        logger.debug(
            "a request to a store is sent again", metadata: ["action": "\(action)", "reason": "\(setback)"])
        do {
            try await clock.sleep(for: delay, tolerance: nil)
        } catch {
            throw ObjectStoreError(.unavailable, "cannot \(action): it was called off")
        }
    }

    private func error(_ setback: S3Setback, _ failures: Int, _ action: String) -> ObjectStoreError {
        switch setback {
        case .refused(let failure, _):
            var error = failure.error(action, place)
            if failures > 1 { error.message += " (\(failures) attempts)" }
            return error
        case .cut:
            let address = settings.endpoint ?? endpoint.host
            return ObjectStoreError(
                .unavailable,
                "cannot \(action): \(setback) (\(failures) \(failures == 1 ? "attempt" : "attempts")): see that "
                    + "\(address) runs and can be reached from here")
        }
    }

    /// What a refusal means to the caller.
    func error(_ answer: S3Answer, _ action: String) -> ObjectStoreError {
        S3Failure(answer).error(action, place)
    }

    var place: S3Place {
        S3Place(
            bucket: settings.bucket, address: settings.endpoint ?? endpoint.host, region: settings.region,
            keyID: (try? credentials.current())?.id)
    }
}

/// Why an attempt was in vain.
enum S3Setback: CustomStringConvertible {
    case refused(S3Failure, retryAfter: Int?)
    /// The connection was not made, was cut or timed out.
    case cut(any Error)

    var endsCredentials: Bool {
        if case .refused(let failure, _) = self { failure.endsCredentials } else { false }
    }

    var retryAfter: Int? {
        if case .refused(_, let seconds) = self { seconds } else { nil }
    }

    var description: String {
        switch self {
        case .refused(let failure, _): return failure.summary
        case .cut(let error):
            let text = String(describing: error)
            if text.contains("refused") { return "the connection was refused" }
            switch error as? HTTPClientError {
            case .deadlineExceeded, .readTimeout, .writeTimeout: return "no answer in time"
            case .connectTimeout: return "no connection in time"
            case .remoteConnectionClosed: return "the connection was closed"
            default: return text
            }
        }
    }
}

extension S3Answer {
    var isSuccess: Bool { (200..<300).contains(status) }

    /// How many seconds the store asks to wait.
    var retryAfter: Int? { header("retry-after").flatMap { Int($0) } }
}
