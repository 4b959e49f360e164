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
    let traffic: FileTraffic
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
    /// Retention and compaction work here.
    let upkeep = DispatchQueue(label: "log-upkeep", qos: .utility)
    let compactions = Mutex(CompactionCounters())
    private let isUpkeepQueued = Atomic<Bool>(false)
    /// The folders of deleted topics are removed here.
    let removal = DispatchQueue(label: "log-removal", qos: .utility)

    enum State { case opening, open, closed }

    package init(
        directory: String, settings: LogSettings = LogSettings(), disk: any LogDisk = PosixDisk(),
        clock: WallClock = .system, topicIDs: TopicIDGenerator = .random, logger: Logger
    ) {
        self.directory = directory
        self.settings = settings
        let files = OpenFiles(disk, limit: settings.maxOpenFiles, keepsUnflushed: settings.flush != .none)
        self.disk = files
        traffic = files.traffic
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
        traffic.noteStart()
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
        upkeep.sync {}
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

    /// Closes old segments, deletes those past retention, and gives memory back that is not used; in the background.
    ///
    /// To be called now and then; a call while the one before is still at work does nothing.
    package func performUpkeep() {
        guard !isUpkeepQueued.exchange(true, ordering: .sequentiallyConsistent) else { return }
        upkeep.async { [self] in
            isUpkeepQueued.store(false, ordering: .sequentiallyConsistent)
            guard currentState == .open else { return }
            closeOldSegments()
            repairTimes()
            applyRetention()
            compactPartitions()
        }
    }

    func intactPartitions() -> [PartitionLog] {
        topics.withLock { $0.values.flatMap(\.partitions) }.filter { !$0.isDamaged }
    }

    /// Lets the committer look at all partitions, some at a time, so that commits do not wait for long.
    private func closeOldSegments() {
        let partitions = intactPartitions()
        for start in stride(from: 0, to: partitions.count, by: Self.partitionsInOneLook) {
            let some = partitions[start..<min(start + Self.partitionsInOneLook, partitions.count)]
            let isDone: Void? = try? onCommitter { [self] () throws(LogStorageError) in
                for partition in some {
                    report(partition) { () throws(LogStorageError) in
                        try partition.rollIfOld(now: clock.milliseconds)
                        try partition.tendProducers(now: clock.milliseconds)
                    }
                    partition.releaseIdleMemory()
                }
            }
            guard isDone != nil else { return }
        }
    }

    private static let partitionsInOneLook = 256

    private func repairTimes() {
        for partition in intactPartitions() where currentState == .open {
            report(partition) { () throws(LogStorageError) in
                let count = try partition.repairTimes { currentState != .open || partition.isDamaged }
                guard count > 0 else { return }
                logger.warning(
                    "time indexes that were lost were made anew",
                    metadata: ["partition": "\(partition.id)", "count": "\(count)"])
            }
        }
    }

    private func applyRetention() {
        let now = clock.milliseconds
        for partition in intactPartitions() where currentState == .open {
            report(partition) { () throws(LogStorageError) in
                let count = try partition.applyRetention(now: now, holdOffset: heldOffset(of: partition.id))
                guard count > 0 else { return }
                logger.info(
                    "segments deleted by retention",
                    metadata: ["partition": "\(partition.id)", "count": "\(count)"])
            }
        }
    }

    /// Nothing from this offset on may go, since a reader has yet to see it.
    func heldOffset(of partition: TopicPartition) -> Int64 {
        holds.withLock { $0 }.compactMap { $0(partition)?.rawValue }.min() ?? .max
    }

    /// Logs what went wrong with one partition, so that the others are looked after too.
    func report(_ partition: PartitionLog, _ body: () throws(LogStorageError) -> Void) {
        do throws(LogStorageError) {
            try body()
        } catch {
            guard !partition.isDamaged else { return }
            logger.error("upkeep failed", metadata: ["partition": "\(partition.id)", "error": "\(error)"])
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

    /// Whether so much waits for the disk that whoever can should hold back, rather than be refused soon.
    package var isCongested: Bool { pendingBytes.load() >= settings.maxPendingBytes / 2 }

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
