import Foundation
import Logging
import StreamModel

/// The one thread that writes: it takes whatever has come in, writes it, flushes once for each file, and answers.
///
/// While a flush runs, the next commit gathers; so the number of senders that share a flush follows the load by
/// itself, without a timer.
final class Committer: Sendable {
    private struct Work: Sendable {
        var dirty: [PartitionLog] = []
        var tasks: [@Sendable () -> Void] = []
        var isClosing = false
        var isFinished = false
    }

    private let work = ThreadSignal(Work())
    private let appended: ThreadSignal<UInt64>
    private let policy: LogSettings.FlushPolicy
    private let clock: WallClock
    private let logger: Logger
    private let released: @Sendable (Int) -> Void

    /// - Parameters:
    ///   - appended: counted up after each commit.
    ///   - released: told how many bytes no longer wait.
    init(
        policy: LogSettings.FlushPolicy, clock: WallClock, logger: Logger, appended: ThreadSignal<UInt64>,
        released: @escaping @Sendable (Int) -> Void
    ) {
        self.policy = policy
        self.clock = clock
        self.logger = logger
        self.appended = appended
        self.released = released
    }

    func start() {
        let thread = Thread { self.run() }
        thread.name = "log-committer"
        thread.start()
    }

    func enqueue(_ partition: PartitionLog) {
        work.withLock(wakes: true) { $0.dirty.append(partition) }
    }

    /// Runs something on the committer's thread, between two commits.
    func perform(_ task: @escaping @Sendable () -> Void) {
        work.withLock(wakes: true) { $0.tasks.append(task) }
    }

    /// Commits what is left, and returns when the thread has ended.
    func close() {
        work.withLock(wakes: true) { $0.isClosing = true }
        _ = work.wait { $0.isFinished ? () : nil }
    }

    // MARK: The thread

    private func run() {
        var unsynchronized: [PartitionLog] = []
        /// When the oldest write that was not flushed yet must be.
        var flushDue: Int64?
        while true {
            let round = nextRound(flushDue.map { .milliseconds(max(0, $0 - clock.milliseconds)) })
            commit(round?.dirty ?? [], &unsynchronized)
            if let interval, flushDue == nil, !unsynchronized.isEmpty {
                flushDue = clock.milliseconds + interval.wholeMilliseconds
            }
            if let due = flushDue, round == nil || clock.milliseconds >= due {
                synchronize(unsynchronized)
                unsynchronized = []
                flushDue = nil
            }
            guard let round else { continue }
            for task in round.tasks { task() }
            if round.isClosing, round.dirty.isEmpty { break }
        }
        synchronize(unsynchronized)
        work.withLock(wakes: true) { $0.isFinished = true }
    }

    private var interval: Duration? {
        if case .interval(let duration) = policy { duration } else { nil }
    }

    /// Nil if nothing came in before the time was over.
    private func nextRound(_ timeout: Duration?) -> Work? {
        work.wait(timeout: timeout) { work -> Work? in
            guard !work.dirty.isEmpty || !work.tasks.isEmpty || work.isClosing else { return nil }
            defer {
                work.dirty = []
                work.tasks = []
            }
            return work
        }
    }

    private func commit(_ dirty: [PartitionLog], _ unsynchronized: inout [PartitionLog]) {
        let now = clock.milliseconds
        var written: [(PartitionLog, PartitionLog.Pending)] = []
        for partition in dirty {
            let pending = partition.takePending()
            let wasSynchronized = !partition.writer.isUnsynchronized
            do throws(LogStorageError) {
                try partition.write(pending.buffer.bytes, now: now)
                written.append((partition, pending))
                if policy != .commit, wasSynchronized { unsynchronized.append(partition) }
            } catch {
                fail(partition, pending, error, stops: error.code != .diskFull)
            }
        }
        for (partition, pending) in written { finish(partition, pending) }
        if !written.isEmpty { appended.withLock(wakes: true) { $0 += 1 } }
    }

    private func finish(_ partition: PartitionLog, _ pending: PartitionLog.Pending) {
        let byteCount = pending.buffer.count
        do throws(LogStorageError) {
            if policy == .commit { try partition.synchronize() }
        } catch {
            // After a failed flush the kernel may have dropped pages: what the file holds is unknown from here on.
            fail(partition, pending, error, stops: true)
            return
        }
        partition.publish(pending)
        released(byteCount)
        do throws(LogStorageError) {
            try partition.saveIndex()
        } catch {
            logger.warning(
                "index entries wait", metadata: ["partition": "\(partition.id)", "error": "\(error)"])
        }
    }

    private func fail(
        _ partition: PartitionLog, _ pending: PartitionLog.Pending, _ error: LogStorageError, stops: Bool
    ) {
        var stops = stops
        do throws(LogStorageError) {
            try partition.discard()
        } catch {
            stops = true
        }
        let answer = AppendError(stops ? .failed : .diskFull, error.message)
        logger.error(
            "records were refused",
            metadata: ["partition": "\(partition.id)", "error": "\(error)", "stopped": "\(stops)"])
        let byteCount = pending.buffer.count
        let more = partition.fail(pending, answer, stops: stops)
        released(byteCount + more)
    }

    private func synchronize(_ partitions: [PartitionLog]) {
        for partition in partitions {
            do throws(LogStorageError) {
                try partition.synchronize()
                try partition.saveIndex()
            } catch {
                logger.error("flush failed", metadata: ["partition": "\(partition.id)", "error": "\(error)"])
                partition.refuse(AppendError(.failed, error.message))
            }
        }
    }
}

extension Duration {
    fileprivate var wholeMilliseconds: Int64 {
        // No longer than a moment in milliseconds since 1970 can be moved by.
        min(components.seconds, 1 << 40) * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
