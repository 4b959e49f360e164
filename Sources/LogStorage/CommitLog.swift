import Dispatch
package import Logging
package import StreamModel
import Synchronization

/// The embedded log: topics with partitions in one folder, one committer for all.
///
/// `data/log/<topic>/<partition>/` holds the segments, `data/log/<topic>/topic.properties` what else the topic is. The
/// folders are the list of topics.
package final class CommitLog: Sendable {
    package let directory: String
    package let settings: LogSettings
    let disk: any LogDisk
    let clock: WallClock
    let logger: Logger
    let topics = Mutex<[TopicName: Topic]>([:])
    let appended: ThreadSignal<UInt64>
    let observers = AppendObservers()
    private let holds = Mutex<[@Sendable (TopicPartition) -> Offset?]>([])
    private let state = Mutex(State.opening)
    private let pendingBytes = PendingBytes()
    let committer: Committer
    let topicIDs: TopicIDGenerator
    /// Held while topics change: one change after the other, and none once the log is closed.
    let administration = Mutex(())
    /// Topics that come into being on first use are made here, off the threads that serve requests.
    private let control = DispatchQueue(label: "log-control")
    /// The folders of deleted topics are removed here.
    let removal = DispatchQueue(label: "log-removal", qos: .utility)

    enum State { case opening, open, closed }

    package init(
        directory: String, settings: LogSettings = LogSettings(), disk: any LogDisk = PosixDisk(),
        clock: WallClock = .system, topicIDs: TopicIDGenerator = .random, logger: Logger
    ) {
        self.directory = directory
        self.settings = settings
        self.disk = disk
        self.clock = clock
        self.topicIDs = topicIDs
        self.logger = logger
        let appended = ThreadSignal<UInt64>(0)
        self.appended = appended
        committer = Committer(
            policy: settings.flush, clock: clock, logger: logger, appended: appended, observers: observers,
            released: { [pendingBytes] in pendingBytes.add(-$0) })
    }

    /// Reads what the folder holds and begins to take records.
    ///
    /// A partition whose files are damaged is listed and refuses reads and appends; the others work.
    package func open() throws(LogStorageError) {
        try disk.makeDirectory(directory)
        // A start that was cut off may have left names behind that are not durable yet.
        try disk.synchronizeDirectory(folderAbove)
        try disk.synchronizeDirectory(directory)
        try openTopics()
        committer.start()
        state.withLock { $0 = .open }
    }

    private var folderAbove: String {
        guard let slash = directory.lastIndex(of: "/") else { return "." }
        return slash == directory.startIndex ? "/" : String(directory[..<slash])
    }

    /// Refuses new records, commits what is waiting, and makes everything durable.
    package func close() {
        // A topic that is being made is waited for; no further one is begun.
        let wasOpen = administration.withLock { _ in
            state.withLock { state in
                defer { state = .closed }
                return state == .open
            }
        }
        guard wasOpen else { return }
        control.sync {}
        removal.sync {}
        let partitions = topics.withLock { $0.values.flatMap(\.partitions) }
        for partition in partitions { partition.refuse(AppendError(.closed, "the log is being shut down")) }
        committer.perform { [logger] in
            for partition in partitions where !partition.isDamaged {
                do throws(LogStorageError) {
                    try partition.seal()
                } catch {
                    logger.error(
                        "could not seal", metadata: ["partition": "\(partition.id)", "error": "\(error)"])
                }
            }
        }
        committer.close()
        // What was taken in the moment of the refusal, and came too late for the committer.
        for partition in partitions { partition.abandon() }
        appended.withLock(wakes: true) { $0 += 1 }
    }

    // MARK: Upkeep

    /// Keeps retention away from records that a reader has yet to see.
    ///
    /// - Parameter position: the next offset the reader wants of a partition; nil if it does not read it.
    package func addHold(_ position: @escaping @Sendable (TopicPartition) -> Offset?) {
        holds.withLock { $0.append(position) }
    }

    /// Closes old segments and deletes those past retention; to be called now and then.
    package func performUpkeep() {
        let now = clock.milliseconds
        let holds = holds.withLock { $0 }
        for partition in topics.withLock({ $0.values.flatMap(\.partitions) }) where !partition.isDamaged {
            let hold = holds.compactMap { $0(partition.id)?.rawValue }.min() ?? .max
            committer.perform { [logger] in
                do throws(LogStorageError) {
                    try partition.rollIfOld(now: now)
                    try partition.tendProducers(now: now)
                    let count = try partition.applyRetention(now: now, holdOffset: hold)
                    guard count > 0 else { return }
                    logger.info(
                        "segments deleted by retention",
                        metadata: ["partition": "\(partition.id)", "count": "\(count)"])
                } catch {
                    logger.error(
                        "upkeep failed", metadata: ["partition": "\(partition.id)", "error": "\(error)"])
                }
            }
        }
    }

    // MARK: Admission

    func admitted(_ byteCount: Int, _ partition: PartitionLog, needsCommit: Bool) {
        pendingBytes.add(byteCount)
        committer.admitted(by: partition, needsCommit: needsCommit)
    }

    /// Why nothing more is taken just now, if so.
    var congestion: AppendError? {
        guard pendingBytes.load() >= settings.maxPendingBytes else { return nil }
        return AppendError(
            .overloaded,
            "\(settings.maxPendingBytes) bytes wait for the disk (log.max.pending.bytes): try again shortly")
    }

    var waitingByteCount: Int { pendingBytes.load() }

    var waitingRequestCount: Int { committer.waitingCount }

    var currentState: State { state.withLock { $0 } }

    /// Makes a topic in the background, then calls back.
    package func createInBackground(_ name: TopicName, then: @escaping @Sendable (LogStorageError?) -> Void) {
        control.async { [self] in
            // A log that was closed meanwhile refuses the append that comes next, and makes no topic.
            guard currentState == .open else { return then(nil) }
            do throws(LogStorageError) {
                try ensureTopic(name)
                then(nil)
            } catch {
                then(error)
            }
        }
    }
}

/// How many bytes wait for the disk.
final class PendingBytes: Sendable {
    private let count = Atomic<Int>(0)

    func add(_ byteCount: Int) { count.add(byteCount, ordering: .relaxed) }

    func load() -> Int { count.load(ordering: .relaxed) }
}
