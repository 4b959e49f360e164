import Logging
import Sinks
import StreamModel
import Synchronization

// What can be asked without waiting for changes.
extension ConnectWorker {
    nonisolated func definition(_ name: String) -> ConnectorDefinition? {
        board.withLock { $0[name]?.definition }
    }

    package nonisolated func names() -> [String] { board.withLock { $0.keys.sorted() } }

    nonisolated func view(_ name: String) throws(ConnectError) -> ConnectorView {
        guard let definition = definition(name) else { throw .noConnector(name) }
        return view(definition)
    }

    nonisolated func view(_ definition: ConnectorDefinition) -> ConnectorView {
        ConnectorView(
            name: definition.name, configuration: definition.configuration,
            taskCount: definition.target == .stopped ? 0 : definition.taskCount)
    }

    package nonisolated func status(of name: String) throws(ConnectError) -> ConnectorStatus {
        guard let connector = board.withLock({ $0[name] }) else {
            throw ConnectError(.notFound, "No status found for connector \(name)")
        }
        return status(connector)
    }

    nonisolated func status(_ connector: Connector) -> ConnectorStatus {
        let definition = connector.definition
        let state: TaskState =
            switch definition.target {
            case .running: connector.trace == nil ? .running : .failed
            case .paused: .paused
            case .stopped: .stopped
            }
        let tasks: [ConnectorStatus.TaskStatus] =
            switch definition.target {
            case .running: connector.runs.map(Self.status)
            case .paused:
                (0..<definition.taskCount).map {
                    ConnectorStatus.TaskStatus(number: $0, state: .paused, failures: 0, progress: [])
                }
            case .stopped: []
            }
        return ConnectorStatus(
            name: definition.name, state: state, trace: connector.trace, workerID: workerID, tasks: tasks)
    }

    private static func status(_ run: TaskRun) -> ConnectorStatus.TaskStatus {
        let current = run.current
        return ConnectorStatus.TaskStatus(
            number: run.number, state: current.state, trace: current.trace, failures: current.failures,
            nextAttempt: current.nextAttempt, progress: current.task?.progress() ?? [],
            location: current.task?.location)
    }

    // MARK: Kinds of connectors

    nonisolated func plugin(named name: String) -> (any SinkConnector)? {
        plugins.first { PluginName.matches(name, $0.className) }
    }

    nonisolated func plugin(of configuration: [String: String]) throws(ConnectError) -> any SinkConnector {
        guard let name = configuration["connector.class"] else {
            throw ConnectError(
                .invalid, "Connector config contains no connector type: connector.class is missing")
        }
        guard let plugin = plugin(named: name) else {
            throw ConnectError(
                .invalid,
                "Failed to find any class that implements Connector and which name matches \(name), available "
                    + "connectors are: \(plugins.map(\.className).joined(separator: ", "))")
        }
        return plugin
    }

    nonisolated func check(_ plugin: any SinkConnector) -> ConfigurationCheck {
        ConfigurationCheck(plugin: plugin, maxTasks: settings.maxTasks, references: references)
    }

    /// What is wrong with a configuration, key by key.
    package nonisolated func report(
        on configuration: [String: String]
    ) throws(ConnectError) -> ConfigurationReport {
        try check(plugin(of: configuration)).report(configuration)
    }

    /// - Throws: `invalid` if a connector cannot have this configuration.
    nonisolated func checked(_ configuration: [String: String], _ name: String) throws(ConnectError) {
        if let complaint = ConnectorName.complaint(name) {
            throw ConnectError(.invalid, "Invalid value \(name) for configuration name: \(complaint)")
        }
        var configuration = configuration
        configuration["name"] = configuration["name"] ?? name
        guard configuration["name"] == name else {
            throw ConnectError(
                .invalid,
                "Connector name configuration (\(configuration["name"] ?? "")) doesn't match connector name in the "
                    + "URL (\(name))")
        }
        let report = try report(on: configuration)
        try report.requireNoErrors()
        if !report.unknownKeys.isEmpty {
            logger.warning(
                "a connector's configuration has keys that nothing knows",
                metadata: ["connector": "\(name)", "keys": "\(report.unknownKeys.joined(separator: ", "))"])
        }
    }

    // MARK: Topics and offsets

    func topics(of name: String) throws -> [String] {
        guard definition(name) != nil else { throw ConnectError.noConnector(name) }
        noteTopics()
        return try store.topics(of: name)
    }

    nonisolated func offsets(of name: String) throws -> [TopicPartition: Offset] {
        guard definition(name) != nil else { throw ConnectError.noConnector(name) }
        return try offsetStore.offsets(of: name)
    }
}
