import JSONText
import Logging
import StreamModel

// /admin/loggers: how much is logged.
extension ConnectAPI {
    static let loggers: [Operation] = [
        Operation(
            "GET", ["admin", "loggers"],
            { api, _, _ in
                let entries = api.levels.all().sorted { $0.key < $1.key }
                return .json {
                    $0.object { writer in
                        for (name, entry) in entries {
                            writer.key(name)
                            writer.logger(entry)
                        }
                    }
                }
            }
        ),
        Operation(
            "GET", ["admin", "loggers", "*"],
            { api, _, request in
                guard let entry = api.levels.all()[request.path[2]] else {
                    throw ConnectError(.notFound, "Logger \(request.path[2]) not found.")
                }
                return .json { $0.logger(entry) }
            }
        ),
        Operation(
            "PUT", ["admin", "loggers", "*"], { api, worker, request in try api.setLevel(worker, request) }),
    ]

    private func setLevel(
        _ worker: ConnectWorker, _ request: ConnectRequest
    ) throws(ConnectError) -> ConnectResponse {
        guard let text = try request.json()["level"]?.text else {
            throw ConnectError(.invalid, "Desired 'level' parameter was not specified in request.")
        }
        guard let level = LevelName.level(text) else {
            throw ConnectError(.notFound, "invalid log level '\(text)'.")
        }
        let names = levels.set(request.path[2], to: level, at: worker.environment.clock.milliseconds)
        let isCluster = request.query.contains { $0.name == "scope" && $0.value.lowercased() == "cluster" }
        guard !isCluster else { return ConnectResponse(204) }
        return .json { $0.array { for name in names { $0.string(name) } } }
    }
}

/// Names of levels, as Kafka Connect has them.
enum LevelName {
    private static let levels: [(name: String, level: Logger.Level)] = [
        ("TRACE", .trace), ("DEBUG", .debug), ("INFO", .info), ("WARN", .warning), ("ERROR", .error),
        ("FATAL", .critical), ("NOTICE", .notice), ("WARNING", .warning), ("CRITICAL", .critical),
    ]

    static func level(_ name: String) -> Logger.Level? {
        levels.first { $0.name == name.uppercased() }?.level
    }

    static func name(_ level: Logger.Level) -> String { levels.first { $0.level == level }?.name ?? "INFO" }
}
