import JSONText
import Logging

/// Kafka Connect's REST interface, without its HTTP.
package struct ConnectAPI: Sendable {
    typealias Handler = @Sendable (ConnectAPI, ConnectWorker, ConnectRequest) async throws -> ConnectResponse

    let board: ConnectBoard
    let levels: LogLevels
    let identity: ConnectIdentity
    let maxRequestBytes: Int

    /// - Parameter identity: what is told at `/`.
    package init(board: ConnectBoard, levels: LogLevels, identity: ConnectIdentity, maxRequestBytes: Int) {
        self.board = board
        self.levels = levels
        self.identity = identity
        self.maxRequestBytes = maxRequestBytes
    }

    /// What is done for a method on a path, in which `*` stands for a name.
    struct Operation: Sendable {
        let method: String
        let path: [String]
        let handler: Handler

        init(_ method: String, _ path: [String], _ handler: @escaping Handler) {
            self.method = method
            self.path = path
            self.handler = handler
        }
    }

    private static let table: [Operation] =
        [Operation("GET", []) { api, _, _ in api.root() }] + connectors + lifeCycle + state + plugins
        + loggers

    func answer(_ request: ConnectRequest) async -> ConnectResponse {
        if request.path == ["health"], request.method == "GET" { return health() }
        let rows = Self.table.filter { Self.matches($0.path, request.path) }
        guard !rows.isEmpty else { return .error(.notFound, "HTTP 404 Not Found") }
        guard let row = rows.first(where: { $0.method == request.method }) else {
            var answer = ConnectResponse.error(.methodNotAllowed, "HTTP 405 Method Not Allowed")
            answer.allow = rows.map(\.method).joined(separator: ", ")
            return answer
        }
        if !request.body.isEmpty, let type = request.contentType, !Self.isJSON(type) {
            return .error(.unsupportedMediaType, "HTTP 415 Unsupported Media Type: send application/json")
        }
        guard let worker = board.worker else {
            return .error(.unavailable, "The worker is starting: try again shortly")
        }
        do {
            return try await row.handler(self, worker, request)
        } catch let error as ConnectError {
            return .error(ConnectStatus(error.code), error.message)
        } catch {
            worker.logger.error("a request failed", metadata: ["error": "\(error)"])
            return .error(.internalError, "\(error)")
        }
    }

    private static func matches(_ pattern: [String], _ path: [String]) -> Bool {
        pattern.count == path.count && zip(pattern, path).allSatisfy { $0 == "*" || $0 == $1 }
    }

    private static func isJSON(_ type: String) -> Bool {
        let name = type.prefix { $0 != ";" }.filter { $0 != " " }.lowercased()
        return name == "application/json" || (name.hasPrefix("application/") && name.hasSuffix("+json"))
    }

    // MARK: The worker

    private func root() -> ConnectResponse {
        .json {
            $0.object {
                $0.member("version", identity.version)
                $0.member("commit", identity.commit)
                $0.member("kafka_cluster_id", board.clusterID)
            }
        }
    }

    private func health() -> ConnectResponse {
        let isHealthy = board.worker != nil
        return .json(isHealthy ? 200 : ConnectStatus.unavailable.rawValue) {
            $0.object {
                $0.member("status", isHealthy ? "healthy" : "starting")
                $0.member(
                    "message",
                    isHealthy
                        ? "Worker has completed startup and is ready to serve requests."
                        : "Worker is still starting up.")
            }
        }
    }
}

/// What the interface says of itself.
package struct ConnectIdentity: Sendable {
    /// The version of Kafka Connect whose interface it is.
    package var version: String
    package var commit: String

    package init(version: String, commit: String) {
        self.version = version
        self.commit = commit
    }
}
