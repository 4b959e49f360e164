import AsyncHTTPClient
import NIOCore
import NIOHTTP1

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Posts records over HTTP/1.1 with connections that stay open.
package struct HTTPRecordPoster: RecordPoster {
    private let client: HTTPClient
    private let target: PostingTarget
    private let timeout: Duration

    /// The largest answer that is read; one to a full batch takes about a tenth of it.
    private static let maxAnswerBytes = 8 << 20

    /// Calls a closure with a poster and closes its connections afterwards.
    ///
    /// - Parameters:
    ///   - connections: How many requests may be under way at the same time.
    ///   - timeout: How long an answer may take.
    package static func withPoster<Result: Sendable>(
        to target: PostingTarget, connections: Int, timeout: Duration,
        _ body: (HTTPRecordPoster) async throws -> Result
    ) async throws -> Result {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.httpVersion = .http1Only
        configuration.timeout.connect = TimeAmount(min(timeout, .seconds(10)))
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connections
        // Retries are the emulator's: it counts them and knows whether the server was ever there.
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        do {
            let result = try await body(HTTPRecordPoster(client: client, target: target, timeout: timeout))
            try? await client.shutdown()
            return result
        } catch {
            try? await client.shutdown()
            throw error
        }
    }

    package func post(_ posting: PostingRequest) async throws(PostingFailure) -> PostedAnswer {
        var request = HTTPClientRequest(url: target.url(of: posting.path))
        request.method = posting.method == .post ? .POST : .PUT
        request.headers.add(name: "content-type", value: posting.contentType)
        request.headers.add(name: "user-agent", value: "pinline-emulate")
        request.body = .bytes(ByteBuffer(bytes: posting.body))
        do {
            let response = try await client.execute(request, timeout: TimeAmount(timeout))
            let answer = try await response.body.collect(upTo: Self.maxAnswerBytes)
            return PostedAnswer(
                status: Int(response.status.code), retryAfter: response.headers.first(name: "retry-after"),
                body: [UInt8](answer.readableBytesView))
        } catch {
            throw failure(for: error)
        }
    }

    private func failure(for error: any Error) -> PostingFailure {
        switch error {
        case let error as HTTPClientError
        where error == .deadlineExceeded || error == .readTimeout || error == .writeTimeout:
            PostingFailure(.timedOut, "no answer from \(target.address) within \(timeout)")
        case let error as HTTPClientError where error == .remoteConnectionClosed || error == .cancelled:
            PostingFailure(.connectionLost, "the connection to \(target.address) was closed")
        case is CancellationError:
            PostingFailure(.connectionLost, "the request was called off")
        case is NIOTooManyBytesError:
            PostingFailure(.connectionLost, "the answer is larger than \(Self.maxAnswerBytes) bytes")
        case let error as IOError where error.errnoCode != ECONNREFUSED:
            PostingFailure(.connectionLost, "the connection to \(target.address) was reset")
        default:
            PostingFailure(
                .cannotConnect,
                "cannot connect to \(target.address) (\(Self.reason(of: error))): start the server with"
                    + " `pinline serve`, or give its ingest address with --to")
        }
    }

    private static func reason(of error: any Error) -> String {
        let text = String(describing: error)
        return text.contains("Connection refused") ? "connection refused" : text
    }
}
