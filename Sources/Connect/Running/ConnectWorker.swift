package import Logging
import ServiceLifecycle
package import Sinks
package import StreamModel
import Synchronization

/// Runs sink connectors: keeps what they are, starts and stops their tasks, and tells how they do.
///
/// Changes go through the actor, one after the other; whoever only looks does not wait for them.
package actor ConnectWorker: Service {
    struct Connector: Sendable {
        var definition: ConnectorDefinition
        var runs: [TaskRun] = []
        /// Why it has no tasks although it should run.
        var trace: String?
    }

    nonisolated let board = Mutex<[String: Connector]>([:])
    nonisolated let plugins: [any SinkConnector]
    nonisolated let settings: ConnectSettings
    nonisolated let references: ConfigReferences
    nonisolated let workerID: String
    nonisolated let logger: Logger
    nonisolated let environment: TaskEnvironment
    nonisolated let offsetStore: any ConnectorOffsets
    let store: ConnectStore
    /// Runs that were told to stop, by connector.
    private var ending: [String: [TaskRun]] = [:]
    private nonisolated let launches = AsyncStream<TaskRun>.makeStream()
    /// Positions that topics had when they were last looked at, by connector.
    private var seen: [String: [TopicPartition: Offset]] = [:]

    private static let topicLookInterval = Duration.seconds(1)

    /// - Parameters:
    ///   - plugins: the kinds of connectors there are.
    ///   - workerID: where the worker is reached, as `host:port`.
    ///   - mayPass: whether a task's failure may pass without anyone doing anything.
    package init(
        plugins: [any SinkConnector], settings: ConnectSettings, references: ConfigReferences,
        workerID: String,
        store: ConnectStore, offsets: any ConnectorOffsets, clock: WallClock = .system, logger: Logger,
        mayPass: @escaping @Sendable (any Error) -> Bool
    ) {
        self.plugins = plugins
        self.settings = settings
        self.references = references
        self.workerID = workerID
        self.store = store
        offsetStore = offsets
        self.logger = logger
        environment = TaskEnvironment(
            pauses: RestartPauses(settings), mayPass: mayPass, clock: clock, logger: logger)
    }

    /// Takes up the connectors that were there before, and those that are given.
    ///
    /// - Throws: `invalid` with every finding if one that is given cannot be run.
    package func open(applying definitions: [ConnectorDefinition] = []) throws {
        for definition in definitions {
            do throws(ConnectError) {
                try checked(definition.configuration, definition.name)
            } catch {
                throw ConnectError(error.code, "connector \(definition.name): \(error.message)")
            }
        }
        for definition in try store.load() { start(definition, isRestart: false) }
        for definition in definitions { try apply(definition) }
    }

    /// Defines a connector anew unless it is as given already; it keeps its state if it is there.
    private func apply(_ definition: ConnectorDefinition) throws {
        var definition = definition
        definition.configuration["name"] = definition.name
        if let known = self.definition(definition.name) {
            guard known.configuration != definition.configuration else { return }
            definition.target = known.target
        }
        try store.save(definition)
        start(definition, isRestart: false)
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.lookAtTopics() }
                for await run in self.launches.stream { group.addTask { await run.run() } }
                group.cancelAll()
            }
        }
    }

    // MARK: Starting and stopping

    /// Puts a connector on the board and lets its tasks begin, in place of those that run.
    func start(_ definition: ConnectorDefinition, isRestart: Bool) {
        let before = stopRuns(of: definition.name)
        var connector = Connector(definition: definition)
        if definition.target == .running {
            do throws(ConnectError) {
                connector.runs = try makeRuns(of: definition, isRestart: isRestart, before: before)
            } catch {
                connector.trace = error.message
                logger.error(
                    "a connector cannot be run",
                    metadata: ["connector": "\(definition.name)", "error": "\(error.message)"])
            }
        }
        board.withLock { $0[definition.name] = connector }
        for run in connector.runs { launches.continuation.yield(run) }
    }

    /// Puts another run in the place of one task.
    func restartTask(_ number: Int, of name: String) throws(ConnectError) {
        guard let connector = board.withLock({ $0[name] }) else {
            throw ConnectError(.notFound, "Unknown connector: \(name)")
        }
        guard let index = connector.runs.firstIndex(where: { $0.number == number }) else {
            throw ConnectError(.notFound, "Unknown task: \(name)-\(number)")
        }
        let old = connector.runs[index]
        let run = try makeRuns(of: connector.definition, isRestart: true, before: [old])[index]
        old.stop()
        ending[name, default: []].append(old)
        board.withLock { $0[name]?.runs[index] = run }
        launches.continuation.yield(run)
    }

    /// Tells the tasks of a connector to stop.
    ///
    /// - Returns: all of its runs that have not ended yet.
    @discardableResult
    func stopRuns(of name: String) -> [TaskRun] {
        let runs = board.withLock { board in
            defer { board[name]?.runs = [] }
            return board[name]?.runs ?? []
        }
        for run in runs { run.stop() }
        let unfinished = (ending[name] ?? []).filter { !$0.hasEnded } + runs
        ending[name] = unfinished.isEmpty ? nil : unfinished
        return unfinished
    }

    func hasEndingRuns(_ name: String) -> Bool { ending[name]?.contains { !$0.hasEnded } ?? false }

    /// Runs that were told to stop and have not ended yet.
    func endingRuns(_ name: String) -> [TaskRun] { (ending[name] ?? []).filter { !$0.hasEnded } }

    private func makeRuns(
        of definition: ConnectorDefinition, isRestart: Bool, before: [TaskRun]
    ) throws(ConnectError) -> [TaskRun] {
        let plugin = try plugin(of: definition.configuration)
        let check = check(plugin)
        try check.report(definition.configuration).requireNoErrors()
        let (configuration, _) = check.resolve(definition.configuration)
        guard let topics = TopicSelection(configuration) else {
            throw ConnectError(.invalid, "Must configure one of topics or topics.regex")
        }
        let count = definition.taskCount
        return (0..<count).map { number in
            TaskRun(
                number, isRestart: isRestart, before: before, plugin: plugin,
                context: SinkTaskContext(
                    connector: definition.name, task: number, taskCount: count, configuration: configuration,
                    accepts: { topics.accepts($0) }),
                environment: environment)
        }
    }

    // MARK: Topics

    /// Notes now and then which topics the tasks read from.
    private func lookAtTopics() async {
        while (try? await ContinuousClock().sleep(for: Self.topicLookInterval)) != nil { noteTopics() }
    }

    func noteTopics() {
        for (name, connector) in board.withLock({ $0 }) {
            var topics: Set<String> = []
            for run in connector.runs {
                for progress in run.current.task?.progress() ?? [] {
                    let last = seen[name]?[progress.partition]
                    // A position past the start tells that records were read, by this run or one before.
                    if progress.position > last ?? Offset(0) {
                        topics.insert(progress.partition.topic.rawValue)
                    }
                    seen[name, default: [:]][progress.partition] = progress.position
                }
            }
            guard !topics.isEmpty else { continue }
            do {
                try store.add(topics, to: name)
            } catch {
                logger.warning("topics of a connector were not noted", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Forgets that topics were read until more is read from them.
    func forgetTopics(of name: String) throws {
        noteTopics()
        try store.forgetTopics(of: name)
    }

    func forgetPositions(of name: String) { seen[name] = nil }
}
