import Logging
import ObjectStore
import StreamModel
import Synchronization

/// A task of the S3 sink: one thread reads and writes open files, another stores what is ready.
final class S3SinkTask: SinkTask {
    let context: SinkTaskContext
    let configuration: S3SinkConfiguration
    let parts: S3SinkParts
    let logger: Logger
    let store: any ObjectStore
    let location: String?
    let names: ObjectNames
    let folder: String
    let queue = CommitQueue(maxBytes: S3SinkTask.maxWaitingBytes, maxCommits: S3SinkTask.maxWaitingCommits)
    let readingThread: BackgroundThread
    let storingThread: BackgroundThread
    private let flushingThread = BackgroundThread(name: "sink-flush", niceness: 19)
    let flushes = ThreadSignal(Flushes())
    private let counters = TaskCounters()
    private let standing = Mutex<[TopicPartition: Standing]>([:])

    /// Most bytes of finished files that wait for the store; reading waits then.
    static let maxWaitingBytes = 256 << 20
    /// Most commits that wait for the store; reading waits then.
    static let maxWaitingCommits = 2048
    /// Bytes read from one partition in one go.
    static let readBytes = 1 << 20
    /// The longest wait for records, so that topics that are new and schedules that are due are seen.
    static let longestWait: Int64 = 250

    /// Where a partition stands: the thread that reads tells of reading, the one that stores of what is stored,
    /// whichever comes first.
    private struct Standing: Sendable {
        var topic: TopicID
        var read: SinkProgress?
        var committed: Offset?
    }

    /// Flushes that were asked for, begun and done.
    struct Flushes: Sendable {
        var asked = 0
        var begun = 0
        var done = 0
        var isEnded = false
    }

    init(_ context: SinkTaskContext, _ configuration: S3SinkConfiguration, _ parts: S3SinkParts) throws {
        self.context = context
        self.configuration = configuration
        self.parts = parts
        var logger = parts.logger
        logger[metadataKey: "connector"] = "\(context.connector)"
        logger[metadataKey: "task"] = "\(context.task)"
        self.logger = logger
        let opened = try parts.stores(configuration)
        store = opened.store
        location = opened.location
        // A file system, unlike S3, has names of this length at most.
        names = ObjectNames(configuration, maxPartBytes: store is DirectoryStore ? 255 : nil)
        folder = SpoolPaths.folder(parts.spool, context.connector, context.task)
        readingThread = BackgroundThread(name: "sink-read", niceness: 19)
        storingThread = BackgroundThread(name: "sink-store", niceness: 19)
    }

    func run() async throws {
        try await withTaskCancellationHandler {
            defer {
                queue.stop()
                flushes.withLock(wakes: true) { $0.isEnded = true }
            }
            do {
                try await work()
            } catch is CancellationError {
                return
            } catch {
                if Task.isCancelled { return }
                throw error
            }
        } onCancel: {
            queue.stop()
        }
    }

    private func work() async throws {
        warnOfWhatIsIgnored()
        let committer = Committer(
            connector: context.connector, task: context.task, configuration: configuration,
            positions: parts.positions, store: store, appender: parts.appender, thread: storingThread,
            logger: logger, fault: parts.fault,
            pause: { [queue, storingThread] time in
                try await storingThread.run { queue.pause(time) }
                if queue.isStopped { throw CancellationError() }
            }, counters: counters)
        let firstNumber = try await recover(committer)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.readRecords(firstNumber: firstNumber) }
            group.addTask { try await self.storeCommits(committer) }
            defer {
                queue.stop()
                group.cancelAll()
            }
            try await group.next()
        }
    }

    private func warnOfWhatIsIgnored() {
        guard configuration.rotateInterval > 0, configuration.partitioner != .time else { return }
        logger.warning("rotate.interval.ms is ignored: it needs a time-based partitioner")
    }

    // MARK: Recovery

    /// Stores what was planned and deletes what was not; returns the first number that is free in the spool folder.
    private func recover(_ committer: Committer) async throws -> Int {
        let positions = parts.positions
        let planned = try await storingThread.run { [context] in
            try positions.planned(of: context.connector, lives: positions.lives(of: context.connector))
        }
        let own = planned.filter {
            owns($0.partition) && parts.reader.topicID(of: $0.partition.topic) == $0.topic
        }
        let (intact, damaged) = try await storingThread.run { Self.sorted(own) }
        if !damaged.isEmpty {
            logger.error("spool files of planned objects are damaged or gone: their records are read again")
            try await storingThread.run { [context] in try positions.drop(damaged, of: context.connector) }
        }
        if !intact.isEmpty {
            try await committer.finish(intact)
            logger.info(
                "objects that were under way were stored", metadata: ["count": "\(intact.count)"])
        }
        return try await storingThread.run { [self] in try sweep() }
    }

    /// Commits that can be stored, and those that cannot: of a partition also all that come after one of these, since
    /// the position must not step over it.
    static func sorted(_ commits: [PreparedCommit]) -> (intact: [PreparedCommit], damaged: [PreparedCommit]) {
        var intact: [PreparedCommit] = []
        var damaged: [PreparedCommit] = []
        for commit in commits {
            let follows = damaged.contains { $0.partition == commit.partition }
            let isWhole = commit.objects.allSatisfy { (try? $0.content.isIntact()) == true }
            if follows || !isWhole { damaged.append(commit) } else { intact.append(commit) }
        }
        return (intact, damaged)
    }

    /// Deletes spool files that no plan needs, those of tasks that there are no more included.
    private func sweep() throws -> Int {
        let needed = try parts.positions.plannedPaths(of: context.connector)
        try SpoolDisk.makeFolder(folder)
        var next = 0
        for name in SpoolDisk.names(in: folder) {
            next = max(next, (Int(name) ?? 0) + 1)
            if !needed.contains("\(folder)/\(name)") { SpoolDisk.delete("\(folder)/\(name)") }
        }
        guard context.task == 0 else { return next }
        let parent = SpoolPaths.folder(parts.spool, context.connector)
        for other in SpoolDisk.names(in: parent) where Int(other).map({ $0 >= context.taskCount }) ?? false {
            for name in SpoolDisk.names(in: "\(parent)/\(other)")
            where !needed.contains("\(parent)/\(other)/\(name)") {
                SpoolDisk.delete("\(parent)/\(other)/\(name)")
            }
            SpoolDisk.deleteFolder("\(parent)/\(other)")
        }
        return next
    }

    // MARK: Storing

    private func storeCommits(_ committer: Committer) async throws {
        while let commits = try await storingThread.run({ [queue] in queue.take() }) {
            try Task.checkCancellation()
            try await committer.store(commits)
            queue.finish(commits)
            standing.withLock { standing in
                for commit in commits {
                    guard let next = commit.next else { continue }
                    var entry = standing[commit.partition] ?? Standing(topic: commit.topic)
                    // Another topic may have the name by now.
                    if entry.topic == commit.topic { entry.committed = next }
                    standing[commit.partition] = entry
                }
            }
        }
        throw CancellationError()
    }

    // MARK: What a worker asks

    func progress() -> [SinkProgress] {
        standing.withLock { standing in
            standing.values.compactMap { entry in
                guard var progress = entry.read else { return nil }
                progress.committed = entry.committed ?? progress.committed
                return progress
            }.sorted { $0.partition < $1.partition }
        }
    }

    func samples() -> [MetricSample] { counters.samples(connector: context.connector, task: context.task) }

    /// Tells how far a partition is read; nil if it is gone.
    func tell(_ progress: SinkProgress?, of partition: TopicPartition, _ topic: TopicID) {
        standing.withLock { standing in
            guard let progress else {
                standing[partition] = nil
                return
            }
            var entry = standing[partition] ?? Standing(topic: topic)
            if entry.topic != topic { entry = Standing(topic: topic) }
            entry.read = progress
            standing[partition] = entry
        }
    }

    func flush() async throws {
        let isDone = try await flushingThread.run { [flushes] in
            let goal = flushes.withLock(wakes: true) { flushes in
                flushes.asked += 1
                return flushes.asked
            }
            return flushes.wait { flushes -> Bool? in
                if flushes.done >= goal { return true }
                return flushes.isEnded ? false : nil
            }
        }
        guard isDone == true else {
            throw TaskFailure("the task has ended before it had stored what was open")
        }
    }

    /// Each partition is one task's, whichever topics there are.
    func owns(_ partition: TopicPartition) -> Bool {
        guard context.accepts(partition.topic) else { return false }
        guard context.taskCount > 1 else { return true }
        // FNV-1a; partitions of a topic go to one task after the other.
        let hash = partition.topic.rawValue.utf8.reduce(0x811C_9DC5 as UInt32) {
            ($0 ^ UInt32($1)) &* 0x0100_0193
        }
        let number = UInt64(hash) + UInt64(UInt32(bitPattern: partition.partition.rawValue))
        return Int(number % UInt64(context.taskCount)) == context.task
    }
}

/// Where connectors have their spool files.
enum SpoolPaths {
    /// A connector's folder, or that of one of its tasks; any name becomes a safe one.
    static func folder(_ spool: String, _ connector: String, _ task: Int? = nil) -> String {
        var name = ""
        for byte in connector.utf8.prefix(60) {
            let isPlain =
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
            name += isPlain ? String(UnicodeScalar(byte)) : "%" + String(byte, radix: 16, uppercase: true)
        }
        // Long names that begin alike are told apart.
        if connector.utf8.count > 60 {
            let hash = connector.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) {
                ($0 ^ UInt64($1)) &* 0x100_0000_01B3
            }
            name += "~" + String(hash, radix: 16)
        }
        return "\(spool)/\(name)" + (task.map { "/\($0)" } ?? "")
    }
}
