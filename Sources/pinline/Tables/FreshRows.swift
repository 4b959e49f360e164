import AsyncHTTPClient
import Foundation
import JSONText
import NIOCore
import NIOHTTP1
import ServerAssembly

/// Asks a running server to put what it has acknowledged where commands read it.
enum FreshRows {
    enum Place: String {
        case tables, bucket
    }

    private static let seconds: Int64 = 60
    private static let maxAnswerBytes = 1 << 20

    /// Does nothing if no server runs with the data folder.
    ///
    /// - Throws: if the server cannot do it.
    static func ask(for place: Place, of data: String) async throws {
        guard let server = RunningServer.endpoints(of: data) else { return }
        var request = HTTPClientRequest(url: "http://\(server.web)/\(place.rawValue)/flush")
        request.method = .POST
        let answer: HTTPClientResponse
        let body: [UInt8]
        do {
            answer = try await HTTPClient.forCommands.execute(request, timeout: .seconds(seconds))
            body = Array(try await answer.body.collect(upTo: maxAnswerBytes).readableBytesView)
        } catch {
            throw CommandFailure(
                "the server at \(server.web) does not answer (\(error)): stop it, or read without its newest rows by "
                    + "--no-flush")
        }
        // A server without tables, or of a former version, has nothing to add.
        guard answer.status != .ok, answer.status != .notFound else { return }
        let reason = (try? JSONTree(body))?["error"]?.text ?? "status \(answer.status.code)"
        throw CommandFailure(
            "the server at \(server.web) has not put its newest rows into the \(place.rawValue): \(reason); read without "
                + "them by --no-flush")
    }
}
