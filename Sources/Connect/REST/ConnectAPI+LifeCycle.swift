import JSONText

// /connectors/{c}: pausing, resuming, stopping, restarting, flushing.
extension ConnectAPI {
    static let lifeCycle: [Operation] = [
        Operation(
            "PUT", ["connectors", "*", "pause"],
            { _, worker, request in
                try await worker.set(.paused, of: request.path[1])
                return ConnectResponse(202)
            }
        ),
        Operation(
            "PUT", ["connectors", "*", "resume"],
            { _, worker, request in
                try await worker.set(.running, of: request.path[1])
                return ConnectResponse(202)
            }
        ),
        Operation(
            "PUT", ["connectors", "*", "stop"],
            { _, worker, request in
                try await worker.set(.stopped, of: request.path[1])
                return ConnectResponse(204)
            }
        ),
        Operation(
            "POST", ["connectors", "*", "restart"],
            { _, worker, request in
                try await restart(worker, request)
            }
        ),
        Operation(
            "POST", ["connectors", "*", "tasks", "*", "restart"],
            { _, worker, request in
                let name = request.path[1]
                guard let number = Int(request.path[3]) else {
                    throw ConnectError(.notFound, "Unknown task: \(name)-\(request.path[3])")
                }
                try await worker.restartTask(number, of: name)
                return ConnectResponse(204)
            }
        ),
        // Not Kafka Connect's: the open files become objects now.
        Operation(
            "POST", ["connectors", "*", "flush"],
            { _, worker, request in
                let name = request.path[1]
                try await worker.flush(name)
                let status = try worker.status(of: name)
                return .json { $0.progress(status) }
            }
        ),
    ]

    private static func restart(
        _ worker: ConnectWorker, _ request: ConnectRequest
    ) async throws -> ConnectResponse {
        let name = request.path[1]
        let includeTasks = try request.flag("includeTasks")
        let onlyFailed = try request.flag("onlyFailed")
        try await worker.restart(name, includeTasks: includeTasks, onlyFailed: onlyFailed)
        guard includeTasks || onlyFailed else { return ConnectResponse(204) }
        var status = try worker.status(of: name)
        // What was just started again may run already; its user asked what is restarted.
        if !onlyFailed, status.state == .running { status.state = .restarting }
        return .json(202) { $0.status(status) }
    }
}
