import Foundation
import Logging
import StreamModel
import Synchronization

/// The one thread that writes: it takes whatever has come in, writes it, flushes once for each file, and answers.
///
/// While a flush runs, the next commit gathers; so the number of senders that share a flush follows the load by
/// itself. `CommitGathering` keeps senders that come back together in one flush.
final class Committer: Sendable {
    private struct Work: Sendable {
        var dirty: [PartitionLog] = []
        var tasks: [@Sendable () -> Void] = []
        var isClosing = false
        var isFinished = false
    }

    private let work = ThreadSignal(Work())
    /// Requests that were taken and are in no commit yet.
    private let waiting = Atomic<Int>(0)
    /// The number of waiting requests at which the thread wants to be woken; 0 if it does not wait for any.
    private let wanted = Atomic<Int>(0)
    private let appended: ThreadSignal<UInt64>
    private let policy: LogSettings.FlushPolicy
    private let clock: WallClock
    private let logger: Logger
    private let released: @Sendable (Int) -> Void
    private let observers: AppendObservers

    /// - Parameters:
    ///   - appended: counted up after each commit.
    ///   - observers: told of each partition that was appended to.
    ///   - released: told how many bytes no longer wait.
    init(
        policy: LogSettings.FlushPolicy, clock: WallClock, logger: Logger, appended: ThreadSignal<UInt64>,
        observers: AppendObservers, released: @escaping @Sendable (Int) -> Void
    ) {
        self.policy = policy
        self.clock = clock
        self.logger = logger
        self.appended = appended
        self.released = released
        self.observers = observers
    }

    func start() {
        let thread = Thread {
            Thread.current.name = "log-committer"
            self.run()
        }
        thread.start()
    }

    /// Takes note of a request that a partition has taken.
    ///
    /// - Parameter needsCommit: the partition is not in line for the next commit yet.
    func admitted(by partition: PartitionLog, needsCommit: Bool) {
        let count = waiting.add(1, ordering: .sequentiallyConsistent).newValue
        if needsCommit {
            work.withLock(wakes: true) { $0.dirty.append(partition) }
        } else if count == wanted.load(ordering: .sequentiallyConsistent) {
            work.withLock(wakes: true) { _ in }
        }
    }

    var waitingCount: Int { waiting.load(ordering: .sequentiallyConsistent) }

    /// Whether something waits for the committer's thread that is no commit.
    var hasTasks: Bool { work.withLock { !$0.tasks.isEmpty } }

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
        var gathering = CommitGathering()
        var lastCommit = ContinuousClock.now
        while true {
            var round = nextRound(flushDue.map { .milliseconds(max(0, $0 - clock.milliseconds)) })
            if policy == .commit, let dirty = round?.dirty, !dirty.isEmpty {
                round?.dirty += gather(gathering, after: ContinuousClock.now - lastCommit)
            }
            let start = ContinuousClock.now
            let count = commit(round?.dirty ?? [], &unsynchronized)
            lastCommit = .now
            gathering.committed(
                requestCount: count, waitingCount: waiting.load(ordering: .sequentiallyConsistent),
                took: lastCommit - start)
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

    /// Waits for senders that are about to come back; returns the partitions that they have added.
    private func gather(_ gathering: CommitGathering, after elapsed: Duration) -> [PartitionLog] {
        let count = waiting.load(ordering: .sequentiallyConsistent)
        guard let wait = gathering.wait(having: count, after: elapsed) else { return [] }
        wanted.store(wait.requestCount, ordering: .sequentiallyConsistent)
        _ = work.wait(timeout: wait.limit) { work -> Void? in
            let isEnough = waiting.load(ordering: .sequentiallyConsistent) >= wait.requestCount
            return isEnough || work.isClosing ? () : nil
        }
        wanted.store(0, ordering: .sequentiallyConsistent)
        return work.withLock { work in
            defer { work.dirty = [] }
            return work.dirty
        }
    }

    /// Returns how many requests were committed or refused.
    private func commit(_ dirty: [PartitionLog], _ unsynchronized: inout [PartitionLog]) -> Int {
        let now = clock.milliseconds
        var requestCount = 0
        var written: [(PartitionLog, PartitionLog.Pending)] = []
        for partition in dirty {
            let pending = partition.takePending()
            requestCount += pending.requestCount
            let wasSynchronized = !partition.writer.isUnsynchronized
            do throws(LogStorageError) {
                try partition.write(pending.buffer.bytes, endOffset: pending.endOffset, now: now)
                written.append((partition, pending))
                if policy != .commit, wasSynchronized { unsynchronized.append(partition) }
            } catch {
                fail(partition, pending, error, stops: error.code != .diskFull)
            }
        }
        waiting.subtract(requestCount, ordering: .sequentiallyConsistent)
        for (partition, pending) in written { finish(partition, pending) }
        if !written.isEmpty { appended.withLock(wakes: true) { $0 += 1 } }
        return requestCount
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
        observers.appended(byteCount, to: partition.id)
        do throws(LogStorageError) {
            try partition.saveIndex()
            try partition.saveSnapshotIfDue()
        } catch {
            logger.warning(
                "index entries or a snapshot wait",
                metadata: ["partition": "\(partition.id)", "error": "\(error)"])
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
        let dropped = partition.fail(pending, answer, stops: stops)
        waiting.subtract(dropped.requestCount, ordering: .sequentiallyConsistent)
        released(byteCount + dropped.byteCount)
    }

    /// Answers all that waits for a partition that was deleted, and refuses whatever else comes; on the committer's
    /// thread only.
    func expel(_ partition: PartitionLog) {
        let cause = LogStorageError.deleted(partition.id)
        let error = AppendError(.unknownPartition, cause.message)
        let pending = partition.takePending()
        let byteCount = pending.buffer.count
        waiting.subtract(pending.requestCount, ordering: .sequentiallyConsistent)
        partition.vanish(cause)
        let dropped = partition.fail(pending, error, stops: true)
        waiting.subtract(dropped.requestCount, ordering: .sequentiallyConsistent)
        released(byteCount + dropped.byteCount)
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
