import Dispatch
package import Logging
package import StreamModel
import Synchronization

/// The embedded log: topics with partitions in one folder, one committer for all.
///
/// `data/log/<topic>/<partition>/` holds the segments. Nothing else is kept: the folders are the list of topics.
package final class CommitLog: Sendable {
    let directory: String
    let settings: LogSettings
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
    /// Topics are made here, off the threads that serve requests.
    private let control = DispatchQueue(label: "log-control")

    enum State { case opening, open, closed }

    /// A topic's partitions, in order.
    final class Topic: Sendable {
        let name: TopicName
        let partitions: [PartitionLog]
        /// Where the next record without a key goes, in a topic with several partitions.
        let turn = Atomic<Int>(0)

        init(name: TopicName, partitions: [PartitionLog]) {
            self.name = name
            self.partitions = partitions
        }
    }

    package init(
        directory: String, settings: LogSettings = LogSettings(), disk: any LogDisk = PosixDisk(),
        clock: WallClock = .system, logger: Logger
    ) {
        self.directory = directory
        self.settings = settings
        self.disk = disk
        self.clock = clock
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
        for name in try disk.list(directory).sorted() {
            if name.hasPrefix(Self.unfinishedPrefix) {
                try disk.remove("\(directory)/\(name)")
            } else if let topic = TopicName(name) {
                let opened = try openTopic(topic)
                topics.withLock { $0[topic] = opened }
            } else {
                logger.warning("a folder that is no topic is left alone", metadata: ["name": "\(name)"])
            }
        }
        committer.start()
        state.withLock { $0 = .open }
    }

    private var folderAbove: String {
        guard let slash = directory.lastIndex(of: "/") else { return "." }
        return slash == directory.startIndex ? "/" : String(directory[..<slash])
    }

    /// Refuses new records, commits what is waiting, and makes everything durable.
    package func close() {
        let wasOpen = state.withLock { state in
            defer { state = .closed }
            return state == .open
        }
        guard wasOpen else { return }
        // A topic that is being made is waited for; no further one is begun.
        control.sync {}
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

    // MARK: Topics

    private static let unfinishedPrefix = ".new-"

    private func openTopic(_ name: TopicName) throws(LogStorageError) -> Topic {
        let folder = "\(directory)/\(name)"
        let found = Set(try disk.list(folder).compactMap(Int32.init))
        var partitions: [PartitionLog] = []
        for index in 0...(found.max() ?? 0) {
            if !found.contains(index) { try replacePartition("\(folder)/\(index)", in: folder) }
            let id = TopicPartition(name, PartitionIndex(index))
            let recovery = PartitionRecovery(disk: disk, settings: settings, logger: logger)
            do throws(LogStorageError) {
                let recovered = try recovery.open(id, directory: "\(folder)/\(index)")
                partitions.append(PartitionLog(recovered, settings: settings, disk: disk))
            } catch {
                guard error.code == .corrupted else { throw error }
                logger.error("partition stopped", metadata: ["partition": "\(id)", "error": "\(error)"])
                partitions.append(
                    PartitionLog(damaged: error, id: id, directory: "\(folder)/\(index)", settings, disk))
            }
        }
        return Topic(name: name, partitions: partitions)
    }

    /// Begins a partition anew whose folder an operator has moved away.
    private func replacePartition(_ path: String, in folder: String) throws(LogStorageError) {
        logger.warning("a partition's folder is missing and begins anew", metadata: ["path": "\(path)"])
        try disk.makeDirectory(path)
        try disk.synchronizeDirectory(folder)
    }

    /// Makes a topic's folders under another name first, so that they are there all or not at all.
    private func makeFolders(of name: TopicName, count: Int) throws(LogStorageError) {
        let unfinished = "\(directory)/\(Self.unfinishedPrefix)\(name)"
        // What an attempt that failed early has left behind.
        try disk.remove(unfinished)
        for index in 0..<count { try disk.makeDirectory("\(unfinished)/\(index)") }
        try disk.synchronizeDirectory(unfinished)
        try disk.rename(unfinished, to: "\(directory)/\(name)")
    }

    /// Makes a topic, durable on return; blocks on the disk.
    ///
    /// - Returns: false if it was there already.
    @discardableResult
    package func createTopic(_ name: TopicName, partitions: Int? = nil) throws(LogStorageError) -> Bool {
        guard topics.withLock({ $0[name] }) == nil else { return false }
        guard topics.withLock({ $0.count }) < settings.maxTopics else {
            throw LogStorageError(
                .inputOutput, "there are \(settings.maxTopics) topics, the most that log.max.topics allows")
        }
        // An attempt that failed late has left the folders behind.
        if try !disk.list(directory).contains(name.rawValue) {
            try makeFolders(of: name, count: partitions ?? settings.partitionsPerTopic)
        }
        try disk.synchronizeDirectory(directory)
        let topic = try openTopic(name)
        topics.withLock { $0[name] = topic }
        return true
    }

    /// How many partitions a topic has; nil if there is no such topic.
    package func partitionCount(of topic: TopicName) -> Int? {
        topics.withLock { $0[topic]?.partitions.count }
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
    func createInBackground(_ name: TopicName, then: @escaping @Sendable (LogStorageError?) -> Void) {
        control.async { [self] in
            // A log that was closed meanwhile refuses the append that comes next, and makes no topic.
            guard currentState == .open else { return then(nil) }
            do throws(LogStorageError) {
                try createTopic(name)
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
