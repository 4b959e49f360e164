import ArgumentParser
import AsyncHTTPClient
import Foundation
import JSONText
import NIOCore
import NIOHTTP1

/// The options of commands that ask the running server's web port.
struct LiveOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The server's web port (default: that of the server that runs with the data folder).",
            valueName: "url"))
    var url: String?
    @Option(help: ArgumentHelp("The running server's data folder (default: data).", valueName: "dir"))
    var data: String?
    @Option(help: "Seconds that an answer may take.")
    var timeout = 60.0
    @Option(help: "table, json or csv.")
    var format = ResultFormat.table

    func validate() throws {
        guard timeout > 0, timeout <= 3_600 else {
            throw ValidationError("--timeout is a number of seconds up to 3600")
        }
        if let url, !url.hasPrefix("http://"), !url.hasPrefix("https://") {
            throw ValidationError("--url is an address like http://127.0.0.1:8080, not \(url)")
        }
    }

    func client() throws -> LiveClient {
        LiveClient(url: try url ?? ConnectOptions.runningServer(data), timeout: timeout)
    }
}

/// Asks the web port of a server.
struct LiveClient: Sendable {
    private let url: String
    private let timeout: TimeAmount

    /// The largest answer that is read.
    private static let maxAnswerBytes = 64 << 20

    init(url: String, timeout: Double) {
        self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
        self.timeout = .milliseconds(Int64(timeout * 1_000))
    }

    /// - Throws: what the server says, if it refuses.
    func get(_ path: [String], _ query: [(String, String)] = []) async throws -> JSONTree {
        let (status, body) = try await send(path, query, accept: "application/json", deadline: timeout)
        let bytes = Array(try await body.collect(upTo: Self.maxAnswerBytes).readableBytesView)
        return try answer(status, bytes)
    }

    /// The bytes of a stream of events.
    func events(
        _ path: [String], _ query: [(String, String)]
    ) async throws -> HTTPClientResponse.Body {
        let (status, body) = try await send(
            path, query, accept: "text/event-stream", deadline: .hours(24 * 365))
        guard status == 200 else {
            _ = try answer(status, Array(try await body.collect(upTo: Self.maxAnswerBytes).readableBytesView))
            throw CommandFailure("\(url) answered \(status)")
        }
        return body
    }

    private func send(
        _ path: [String], _ query: [(String, String)], accept: String, deadline: TimeAmount
    ) async throws -> (Int, HTTPClientResponse.Body) {
        let name = path.map { Self.escaped($0) }.joined(separator: "/")
        let asked = query.map { "\(Self.escaped($0))=\(Self.escaped($1))" }.joined(separator: "&")
        var request = HTTPClientRequest(url: "\(url)/\(name)" + (asked.isEmpty ? "" : "?\(asked)"))
        request.headers.add(name: "accept", value: accept)
        do {
            let answer = try await HTTPClient.shared.execute(request, timeout: deadline)
            return (Int(answer.status.code), answer.body)
        } catch {
            throw CommandFailure(
                "\(url) does not answer (\(error)): is the server running, is the address right? Name it by --url"
            )
        }
    }

    private func answer(_ status: Int, _ bytes: [UInt8]) throws -> JSONTree {
        let tree = (try? JSONTree(bytes)) ?? .null
        guard status == 200 else {
            let message = tree["message"]?.text ?? String(decoding: bytes.prefix(500), as: UTF8.self)
            let known = (tree["known"]?.elements ?? []).compactMap(\.text)
            let hint = known.isEmpty ? "" : " There are: \(known.joined(separator: ", "))."
            throw CommandFailure("\(message)\(hint) (status \(status) of \(url))")
        }
        return tree
    }

    private static func escaped(_ text: String) -> String {
        let free = CharacterSet(
            charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
        return text.addingPercentEncoding(withAllowedCharacters: free) ?? text
    }
}
