import Dispatch
package import GRDB
import Synchronization

/// Writes to the state database in groups: all changes that wait become one durable transaction.
///
/// A flush takes longer than a change; so whatever comes in during one shares the next.
package final class StateWriter: Sendable {
    /// A change, run inside a transaction; what it throws undoes it alone, and goes to its completion.
    package typealias Change = @Sendable (Database) throws -> Void
    /// Called once the change is durable, or has failed; on the writer's thread, so it must not block.
    package typealias Completion = @Sendable ((any Error)?) -> Void

    private struct Waiting: Sendable {
        var change: Change
        var completion: Completion
    }

    private let database: any DatabaseWriter
    private let queue = DispatchQueue(label: "state-writer")
    private let waiting = Mutex<[Waiting]>([])

    package init(_ database: any DatabaseWriter) {
        self.database = database
    }

    /// Changes are applied in the order of the calls.
    package func write(_ change: @escaping Change, then completion: @escaping Completion) {
        let isFirst = waiting.withLock { waiting in
            waiting.append(Waiting(change: change, completion: completion))
            return waiting.count == 1
        }
        if isFirst { queue.async { self.commitWaiting() } }
    }

    /// Waits for all changes so far.
    package func finish() {
        queue.sync {}
    }

    private func commitWaiting() {
        let group = waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
        var failures: [(any Error)?] = Array(repeating: nil, count: group.count)
        do {
            failures = try database.write { database in
                group.map { entry in
                    do {
                        try database.inSavepoint {
                            try entry.change(database)
                            return .commit
                        }
                        return nil
                    } catch {
                        return error
                    }
                }
            }
        } catch {
            failures = Array(repeating: error, count: group.count)
        }
        for (entry, failure) in zip(group, failures) { entry.completion(failure) }
    }
}
