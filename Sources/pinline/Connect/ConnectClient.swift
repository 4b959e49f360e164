import AsyncHTTPClient
import Foundation
import JSONText
import NIOCore
import NIOHTTP1

/// Asks a worker of connectors over Kafka Connect's REST interface; any that has it.
struct ConnectClient {
    private let url: String
    private let timeout: Double

    /// The largest answer that is read.
    private static let maxAnswerBytes = 64 << 20

    init(url: String, timeout: Double) {
        self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
        self.timeout = timeout
    }

    /// - Returns: the status and the body, null if there is none.
    /// - Throws: what the worker says, if it refuses.
    @discardableResult
    func send(
        _ method: HTTPMethod, _ path: [String], query: String = "", body: [UInt8]? = nil
    ) async throws -> (status: Int, body: JSONTree) {
        let name = path.map { Self.escaped($0) }.joined(separator: "/")
        var request = HTTPClientRequest(url: "\(url)/\(name)\(query)")
        request.method = method
        request.headers.add(name: "accept", value: "application/json")
        if let body {
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        let status: Int
        let bytes: [UInt8]
        do {
            let limit = TimeAmount.milliseconds(Int64(timeout * 1_000))
            let answer = try await HTTPClient.forCommands.execute(request, timeout: limit)
            status = Int(answer.status.code)
            bytes = Array(try await answer.body.collect(upTo: Self.maxAnswerBytes).readableBytesView)
        } catch {
            throw CommandFailure(
                "\(url) does not answer (\(error)): is the server running, is the address right? Name it by --url"
            )
        }
        let tree = bytes.isEmpty ? JSONTree.null : (try? JSONTree(bytes)) ?? .null
        guard (200..<300).contains(status) else {
            let message = tree["message"]?.text ?? String(decoding: bytes.prefix(500), as: UTF8.self)
            throw CommandFailure("\(message) (status \(status) of \(url))")
        }
        return (status, tree)
    }

    private static func escaped(_ text: String) -> String {
        let free = CharacterSet(
            charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
        return text.addingPercentEncoding(withAllowedCharacters: free) ?? text
    }
}
