import Logging
import Sinks
import StreamModel
import Synchronization

// What changes connectors. Each change is durable before it is answered.
extension ConnectWorker {
    func create(
        _ name: String, _ configuration: [String: String], initially target: TargetState
    ) throws -> ConnectorView {
        try checked(configuration, name)
        guard definition(name) == nil else {
            throw ConnectError(.conflict, "Connector \(name) already exists")
        }
        return try define(name, configuration, target)
    }

    /// - Returns: the connector, and whether it was not there before.
    func configure(_ name: String, _ configuration: [String: String]) throws -> (ConnectorView, isNew: Bool) {
        try checked(configuration, name)
        let known = definition(name)
        return (try define(name, configuration, known?.target ?? .running), known == nil)
    }

    /// Changes keys of a configuration; nil takes one out.
    func patch(_ name: String, _ changes: [String: String?]) throws -> ConnectorView {
        guard let known = definition(name) else { throw ConnectError.noConnector(name) }
        var configuration = known.configuration
        for (key, value) in changes { configuration[key] = value }
        try checked(configuration, name)
        return try define(name, configuration, known.target)
    }

    private func define(
        _ name: String, _ configuration: [String: String], _ target: TargetState
    ) throws -> ConnectorView {
        var configuration = configuration
        configuration["name"] = name
        if definition(name) == nil, names().count >= settings.maxConnectors {
            throw ConnectError(
                .conflict,
                "There are \(settings.maxConnectors) connectors, as many as connect.max.connectors allows")
        }
        let definition = ConnectorDefinition(name: name, configuration: configuration, target: target)
        try store.save(definition)
        start(definition, isRestart: false)
        logger.info("a connector was configured", metadata: ["connector": "\(name)"])
        return view(definition)
    }

    func delete(_ name: String) throws {
        guard definition(name) != nil else { throw ConnectError.noConnector(name) }
        try store.delete(name)
        stopRuns(of: name)
        board.withLock { $0[name] = nil }
        forgetPositions(of: name)
        logger.info("a connector was deleted", metadata: ["connector": "\(name)"])
    }

    /// Pauses, resumes or stops a connector; nothing if it does that already.
    func set(_ target: TargetState, of name: String) throws {
        guard var definition = definition(name) else {
            throw ConnectError(.notFound, "Unknown connector \(name)")
        }
        guard definition.target != target else { return }
        definition.target = target
        try store.save(definition)
        start(definition, isRestart: false)
    }

    // MARK: Restarting

    /// Starts the connector again, and tasks of it.
    ///
    /// A connector has nothing of its own that runs beside its tasks: without them it is only looked at again.
    func restart(_ name: String, includeTasks: Bool, onlyFailed: Bool) throws {
        guard let connector = board.withLock({ $0[name] }) else {
            throw ConnectError(.notFound, "Unknown connector: \(name)")
        }
        if connector.trace != nil { return start(connector.definition, isRestart: true) }
        guard includeTasks, connector.definition.target == .running else { return }
        guard onlyFailed else { return start(connector.definition, isRestart: true) }
        for run in connector.runs where run.current.state == .failed {
            try restartTask(run.number, of: name)
        }
    }

    // MARK: Flushing

    /// Closes the open files of every task, and returns once they are in the store.
    func flush(_ name: String) async throws {
        guard let connector = board.withLock({ $0[name] }) else { throw ConnectError.noConnector(name) }
        let tasks = connector.runs.compactMap { $0.current.state == .running ? $0.current.task : nil }
        guard connector.definition.target == .running, tasks.count == connector.runs.count, !tasks.isEmpty
        else {
            throw ConnectError(
                .conflict, "Connector \(name) does not run with all its tasks: see /connectors/\(name)/status"
            )
        }
        let limit = settings.flushTimeoutMilliseconds
        try await withThrowingTaskGroup { group in
            group.addTask { for task in tasks { try await task.flush() } }
            group.addTask {
                try await ContinuousClock().sleep(for: .milliseconds(limit))
                throw ConnectError(
                    .unavailable,
                    "Connector \(name) did not flush within connect.flush.timeout.ms (\(limit)): see its progress"
                )
            }
            try await group.next()
            group.cancelAll()
        }
    }

    // MARK: Offsets

    func alter(_ offsets: [TopicPartition: Offset?], of name: String) async throws {
        try await requireStopped(name)
        try offsetStore.alter(offsets, of: name)
    }

    func resetOffsets(of name: String) async throws {
        try await requireStopped(name)
        try offsetStore.reset(name)
    }

    /// How long tasks may take to end once they were told to stop.
    private static let endingTime = Duration.seconds(10)

    private func requireStopped(_ name: String) async throws {
        guard let definition = definition(name) else { throw ConnectError.noConnector(name) }
        guard definition.target == .stopped else {
            throw ConnectError(
                .invalid,
                "Connectors must be in the STOPPED state before their offsets can be modified. This can be done for "
                    + "the specified connector by issuing a 'PUT' request to the '/connectors/\(name)/stop' endpoint"
            )
        }
        let runs = endingRuns(name)
        guard !runs.isEmpty else { return }
        await withTaskGroup { group in
            group.addTask { for run in runs { await run.waitUntilEnded() } }
            group.addTask { try? await ContinuousClock().sleep(for: Self.endingTime) }
            await group.next()
            group.cancelAll()
        }
        guard !hasEndingRuns(name), self.definition(name)?.target == .stopped else {
            throw ConnectError(.conflict, "The tasks of connector \(name) have not ended yet: try again")
        }
    }
}
