/// Owns the tasks in which requests are worked on.
final class RequestTasks: Sendable {
    private typealias Work = @Sendable () async -> Void

    private let works: AsyncStream<Work>
    private let input: AsyncStream<Work>.Continuation

    init() {
        (works, input) = AsyncStream.makeStream()
    }

    /// Begins a task; one that comes after `finish` is not begun.
    func submit(_ work: @escaping @Sendable () async -> Void) {
        input.yield(work)
    }

    /// Runs what is submitted until `finish` is called and all is done, or until it is cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await work in works { group.addTask { await work() } }
        }
    }

    func finish() { input.finish() }
}
