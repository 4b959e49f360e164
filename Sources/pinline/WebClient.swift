import AsyncHTTPClient
import Foundation
import JSONText
import NIOCore
import NIOHTTP1

/// Asks a web port for JSON: the running server's, or any Kafka Connect's.
struct WebClient: Sendable {
    private let url: String
    private let timeout: TimeAmount

    /// The largest answer that is read.
    private static let maxAnswerBytes = 64 << 20
    /// How long a stream of events may last.
    private static let longest = TimeAmount.hours(24 * 365)

    /// - Parameter timeout: seconds that an answer may take.
    init(url: String, timeout: Double) {
        self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
        self.timeout = .milliseconds(Int64(timeout * 1_000))
    }

    /// - Returns: the status and the body, null if there is none.
    /// - Throws: what the server says, if it refuses.
    @discardableResult
    func send(
        _ method: HTTPMethod, _ path: [String], query: [(String, String)] = [], body: [UInt8]? = nil
    ) async throws -> (status: Int, body: JSONTree) {
        var request = request(method, path, query, accept: "application/json")
        if let body {
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        let (answer, bytes) = try await reached {
            let answer = try await HTTPClient.forCommands.execute(request, timeout: timeout)
            return (answer, try await answer.body.collect(upTo: Self.maxAnswerBytes))
        }
        return (Int(answer.status.code), try checked(answer, bytes))
    }

    /// The bytes of a stream of server-sent events.
    ///
    /// - Throws: what the server says, if it refuses.
    func events(_ path: [String], query: [(String, String)]) async throws -> HTTPClientResponse.Body {
        let request = request(.GET, path, query, accept: "text/event-stream")
        let answer = try await reached {
            try await HTTPClient.forCommands.execute(request, timeout: Self.longest)
        }
        guard answer.status == .ok else {
            let bytes = try await reached { try await answer.body.collect(upTo: Self.maxAnswerBytes) }
            _ = try checked(answer, bytes)
            throw CommandFailure("\(url) answered \(answer.status.code) where events were asked for")
        }
        return answer.body
    }

    private func request(
        _ method: HTTPMethod, _ path: [String], _ query: [(String, String)], accept: String
    ) -> HTTPClientRequest {
        let name = path.map { Self.escaped($0) }.joined(separator: "/")
        let asked = query.map { "\(Self.escaped($0))=\(Self.escaped($1))" }.joined(separator: "&")
        var request = HTTPClientRequest(url: "\(url)/\(name)" + (asked.isEmpty ? "" : "?\(asked)"))
        request.method = method
        request.headers.add(name: "accept", value: accept)
        return request
    }

    private func reached<Answer: Sendable>(_ ask: () async throws -> Answer) async throws -> Answer {
        do {
            return try await ask()
        } catch {
            throw CommandFailure(
                "\(url) does not answer (\(error)): is the server running, is the address right? Name it by --url"
            )
        }
    }

    private func checked(_ answer: HTTPClientResponse, _ body: ByteBuffer) throws -> JSONTree {
        let bytes = Array(body.readableBytesView)
        let isDone = (200..<300).contains(answer.status.code)
        if isDone, bytes.isEmpty { return .null }
        guard let tree = try? JSONTree(bytes) else {
            let text = String(decoding: bytes.prefix(500), as: UTF8.self)
            throw CommandFailure("\(url) answered no JSON: \(text) (status \(answer.status.code))")
        }
        guard isDone else {
            let message = tree["message"]?.text ?? String(decoding: bytes.prefix(500), as: UTF8.self)
            let known = (tree["known"]?.elements ?? []).compactMap(\.text)
            let hint = known.isEmpty ? "" : " There are: \(known.joined(separator: ", "))."
            throw CommandFailure("\(message)\(hint) (status \(answer.status.code) of \(url))")
        }
        return tree
    }

    private static func escaped(_ text: String) -> String {
        let free = CharacterSet(
            charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
        return text.addingPercentEncoding(withAllowedCharacters: free) ?? text
    }
}

extension HTTPClient {
    /// The client of commands: an address where nobody listens is told at once, not after the time-out.
    static let forCommands: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()
}
