import Logging
import Sinks
import StreamModel
import Synchronization

/// How a task is, as Kafka Connect tells it.
package enum TaskState: String, Sendable, CaseIterable {
    case unassigned = "UNASSIGNED"
    case running = "RUNNING"
    case paused = "PAUSED"
    case failed = "FAILED"
    case restarting = "RESTARTING"
    case stopped = "STOPPED"
}

/// One life of one task, from its start until it is told to stop.
///
/// A failure that may pass is followed by a pause and another attempt; after any other it waits for its user.
final class TaskRun: Sendable {
    struct Status: Sendable {
        var state: TaskState
        /// Why it failed; nil unless it did.
        var trace: String?
        var failures = 0
        /// When it begins again by itself, in milliseconds since 1970.
        var nextAttempt: Int64?
        var task: (any SinkTask)?
    }

    let number: Int
    /// What opens as runs of the same connector end that must have ended before this one begins.
    private let before: [Gate]
    private let plugin: any SinkConnector
    private let context: SinkTaskContext
    private let environment: TaskEnvironment
    private let status: Mutex<Status>
    private let stopped = Gate()
    private let ended = Gate()

    init(
        _ number: Int, isRestart: Bool, before: [TaskRun], plugin: any SinkConnector,
        context: SinkTaskContext,
        environment: TaskEnvironment
    ) {
        self.number = number
        self.before = before.map(\.ended)
        self.plugin = plugin
        self.context = context
        self.environment = environment
        status = Mutex(Status(state: isRestart ? .restarting : .unassigned))
    }

    var current: Status { status.withLock { $0 } }

    func stop() { stopped.open() }

    var hasEnded: Bool { ended.isOpen }

    func waitUntilEnded() async { await ended.wait() }

    /// Works until it is told to stop or the surrounding task is cancelled.
    func run() async {
        defer {
            status.withLock { $0.task = nil }
            ended.open()
        }
        for gate in before { await gate.wait() }
        guard !stopped.isOpen else { return }
        await withTaskGroup { group in
            group.addTask { await self.work() }
            group.addTask { await self.stopped.wait() }
            await group.next()
            group.cancelAll()
        }
    }

    private func work() async {
        var pauses = environment.pauses
        while !Task.isCancelled {
            let start = ContinuousClock.now
            do {
                try await attempt()
                return
            } catch {
                if Task.isCancelled || error is CancellationError { return }
                await failed(error, &pauses, after: ContinuousClock.now - start)
            }
        }
    }

    private func attempt() async throws {
        let task = try plugin.makeTask(context)
        status.withLock { status in
            status.state = .running
            status.trace = nil
            status.nextAttempt = nil
            status.task = task
        }
        try await task.run()
    }

    private func failed(_ error: any Error, _ pauses: inout RestartPauses, after time: Duration) async {
        let pause = environment.mayPass(error) ? pauses.failed(afterWorkingFor: time) : nil
        let next = pause.map { environment.clock.milliseconds + Int64($0 / .milliseconds(1)) }
        status.withLock { status in
            status.state = .failed
            status.trace = "\(error)"
            status.failures += 1
            status.nextAttempt = next
        }
        var metadata: Logger.Metadata = [
            "connector": "\(context.connector)", "task": "\(number)", "error": "\(error)",
        ]
        if let pause {
            metadata["retry"] = "in \(pause)"
            environment.logger.error("a task failed and will be started again", metadata: metadata)
            try? await ContinuousClock().sleep(for: pause)
            status.withLock { $0.state = .restarting }
        } else {
            environment.logger.error("a task failed and waits for a restart", metadata: metadata)
            await stopped.wait()
        }
    }
}

/// What all tasks share.
struct TaskEnvironment: Sendable {
    var pauses: RestartPauses
    /// Whether a failure may pass without anyone doing anything.
    var mayPass: @Sendable (any Error) -> Bool
    var clock: WallClock
    var logger: Logger
}
