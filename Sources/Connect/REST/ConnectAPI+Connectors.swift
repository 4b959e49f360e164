import JSONText

// /connectors: making, configuring and deleting connectors.
extension ConnectAPI {
    static let connectors: [Operation] = [
        Operation("GET", ["connectors"], { _, worker, request in try list(worker, request) }),
        Operation("POST", ["connectors"], { _, worker, request in try await create(worker, request) }),
        Operation(
            "GET", ["connectors", "*"],
            { _, worker, request in
                let view = try worker.view(request.path[1])
                return .json { $0.connector(view) }
            }
        ),
        Operation(
            "DELETE", ["connectors", "*"],
            { _, worker, request in
                try await worker.delete(request.path[1])
                return ConnectResponse(204)
            }
        ),
        Operation(
            "GET", ["connectors", "*", "config"],
            { _, worker, request in
                let view = try worker.view(request.path[1])
                return .json { $0.configuration(view.configuration) }
            }
        ),
        Operation(
            "PUT", ["connectors", "*", "config"],
            { _, worker, request in
                try await configure(worker, request)
            }
        ),
        Operation(
            "PATCH", ["connectors", "*", "config"],
            { _, worker, request in
                let changes = try ConfigurationBody.changes(request.json())
                let view = try await worker.patch(request.path[1], changes)
                return .json { $0.connector(view) }
            }
        ),
        Operation(
            "GET", ["connectors", "*", "tasks"],
            { _, worker, request in
                let view = try worker.view(request.path[1])
                return .json { $0.tasks(view) }
            }
        ),
        Operation(
            "GET", ["connectors", "*", "tasks-config"],
            { _, worker, request in
                let view = try worker.view(request.path[1])
                return .json { $0.taskConfigurations(view) }
            }
        ),
    ]

    private static func list(_ worker: ConnectWorker, _ request: ConnectRequest) throws -> ConnectResponse {
        let expansions = request.query.filter { $0.name == "expand" }.map(\.value)
        guard !expansions.isEmpty else {
            return .json { $0.array { for name in worker.names() { $0.string(name) } } }
        }
        return .json {
            $0.object { writer in
                for name in worker.names() {
                    // One that is deleted meanwhile is left out.
                    guard let status = try? worker.status(of: name), let view = try? worker.view(name) else {
                        continue
                    }
                    writer.member(
                        name,
                        object: {
                            if expansions.contains("status") {
                                $0.key("status")
                                $0.status(status)
                            }
                            if expansions.contains("info") {
                                $0.key("info")
                                $0.connector(view)
                            }
                        })
                }
            }
        }
    }

    private static func create(
        _ worker: ConnectWorker, _ request: ConnectRequest
    ) async throws -> ConnectResponse {
        let body = try request.json()
        guard let members = body.members else {
            throw ConnectError(.invalid, "The body must be an object with name and config")
        }
        for member in members where !["name", "config", "initial_state"].contains(member.name) {
            throw ConnectError(
                .invalid, "Unrecognized field \"\(member.name)\": there are name, config and initial_state")
        }
        let given = body["config"].flatMap { $0.isNull ? nil : $0 }
        let configuration = try given.map { try ConfigurationBody.configuration($0) } ?? [:]
        let name = ConfigText.trimmed(body["name"]?.text ?? "")
        var target = TargetState.running
        if let state = body["initial_state"], !state.isNull {
            guard let known = state.text.flatMap({ TargetState(rawValue: $0.uppercased()) }) else {
                throw ConnectError(.invalid, "initial_state must be one of RUNNING, PAUSED and STOPPED")
            }
            target = known
        }
        let view = try await worker.create(name, configuration, initially: target)
        return ConnectResponse(
            201, JSONWriter.bytes { $0.connector(view) }, location: "/connectors/" + PercentText.encode(name))
    }

    private static func configure(
        _ worker: ConnectWorker, _ request: ConnectRequest
    ) async throws -> ConnectResponse {
        let name = request.path[1]
        let configuration = try ConfigurationBody.configuration(request.json())
        let (view, isNew) = try await worker.configure(name, configuration)
        let body = JSONWriter.bytes { $0.connector(view) }
        return isNew
            ? ConnectResponse(201, body, location: "/connectors/" + PercentText.encode(name))
            : ConnectResponse(200, body)
    }
}
