import Logging
import ObjectStore
import StreamModel

/// The thread that reads: records go from the log to open files, and from there to the queue of commits.
extension S3SinkTask {
    /// What the reading thread works on; touched by that thread alone.
    final class Reading: @unchecked Sendable {
        var writers: [TopicPartition: PartitionWriter] = [:]
        var tools: WritingTools
        var lives: [TopicName: TopicLife] = [:]
        /// Where partitions begin that have no writer yet.
        var committed: [TopicPartition: Offset] = [:]
        /// Why partitions cannot be read, and when they are tried again.
        var retryAt: [TopicPartition: Int64] = [:]

        init(tools: WritingTools) {
            self.tools = tools
        }
    }

    /// How much a round found.
    enum Backlog: Int, Comparable {
        case none, few, more

        static func < (left: Backlog, right: Backlog) -> Bool { left.rawValue < right.rawValue }
    }

    func readRecords(firstNumber: Int) async throws {
        let spool = SpoolFolder(path: folder, firstNumber: firstNumber)
        let tools = try WritingTools(
            configuration, names: names, spool: spool, parquet: parts.parquet, logger: logger)
        let reading = Reading(tools: tools)
        try await readingThread.run { [self] in try begin(reading) }
        var generation: UInt64 = 0
        while !queue.isStopped {
            let before = generation
            generation = try await readingThread.run { [self] in try round(reading, after: before) }
        }
        throw CancellationError()
    }

    private func begin(_ reading: Reading) throws {
        reading.lives = try parts.positions.lives(of: context.connector)
        reading.committed = try parts.positions.offsets(of: context.connector)
        reading.writers = [:]
        reading.retryAt = [:]
    }

    /// Reads some of each partition; waits if there is nothing to do.
    private func round(_ reading: Reading, after generation: UInt64) throws -> UInt64 {
        let current = parts.reader.waitForAppend(after: generation, timeout: .zero)
        let asked = flushes.withLock { $0.asked > $0.begun ? $0.asked : nil }
        do {
            let backlog = try readAll(reading)
            if let asked { try flushAll(reading, asked) }
            guard backlog != .more else { return current }
        } catch let error as SpoolError {
            try restart(reading, error)
            return 0
        }
        guard !queue.isStopped else { return current }
        let due = reading.writers.values.compactMap(\.rotation.nextDue).min()
        let wait =
            due.map { max(1, min($0 - parts.clock.milliseconds, Self.longestWait)) } ?? Self.longestWait
        return parts.reader.waitForAppend(after: current, timeout: .milliseconds(wait)) == current
            ? current : 0
    }

    private func readAll(_ reading: Reading) throws -> Backlog {
        var backlog = Backlog.none
        let partitions = parts.reader.partitions().filter(owns)
        forget(reading, exceptOf: partitions)
        for partition in partitions {
            guard !queue.isStopped else { return .none }
            if let retryAt = reading.retryAt[partition], parts.clock.milliseconds < retryAt { continue }
            do {
                backlog = max(backlog, try readOne(reading, partition))
                reading.retryAt[partition] = nil
            } catch {
                let endsTask = error is TaskFailure || error is SpoolError || error is CancellationError
                if endsTask { throw error }
                postpone(reading, partition, error)
            }
        }
        return backlog
    }

    /// A partition that the log cannot read is tried again; the others go on.
    private func postpone(_ reading: Reading, _ partition: TopicPartition, _ error: any Error) {
        if reading.retryAt[partition] == nil {
            logger.error("a partition waits", metadata: ["partition": "\(partition)", "error": "\(error)"])
        }
        reading.retryAt[partition] = parts.clock.milliseconds + configuration.retryBackoff
    }

    /// What is open of topics that were deleted cannot be committed any more.
    private func forget(_ reading: Reading, exceptOf partitions: [TopicPartition]) {
        let listed = Set(partitions)
        for (partition, writer) in reading.writers where !listed.contains(partition) {
            writer.drop()
            reading.writers[partition] = nil
            tell(nil, of: partition, writer.topic)
        }
    }

    private func readOne(_ reading: Reading, _ partition: TopicPartition) throws -> Backlog {
        guard let topic = parts.reader.topicID(of: partition.topic) else { return .none }
        let range = try parts.reader.range(of: partition, in: topic)
        guard let writer = try self.writer(reading, partition, topic, range) else { return .none }
        let now = parts.clock.milliseconds
        var next = writer.position
        if next < range.end {
            next = try parts.reader.read(partition, in: topic, from: next, maxBytes: Self.readBytes) {
                record in
                // A read that failed half-way handed out some records before.
                if record.offset >= writer.handled { try writer.write(record, now: now) }
                if writer.hasMuchReady { try hand(writer.takeReady()) }
            }
        }
        try writer.finishPass(position: next, now: now)
        try hand(writer.takeReady())
        tell(writer.progress(committed: writer.firstPosition, end: range.end), of: partition, topic)
        guard next > writer.passStart else { return .none }
        return next < range.end ? .more : .few
    }

    /// The writer of a partition, made when the partition has its first records; nil before.
    private func writer(
        _ reading: Reading, _ partition: TopicPartition, _ topic: TopicID, _ range: OffsetRange
    ) throws -> PartitionWriter? {
        if let writer = reading.writers[partition], writer.topic == topic {
            writer.passStart = writer.position
            return writer
        }
        guard range.start < range.end else { return nil }
        if let former = reading.writers.removeValue(forKey: partition) {
            former.drop()
            tell(nil, of: partition, former.topic)
        }
        if reading.lives[partition.topic]?.id != topic {
            if reading.lives[partition.topic] != nil {
                reading.committed = reading.committed.filter { $0.key.topic != partition.topic }
            }
            reading.lives[partition.topic] = try parts.positions.begin(
                partition.topic, topic, of: context.connector)
        }
        let position = try start(reading.committed[partition], partition, range)
        let writer = PartitionWriter(
            partition, topic, life: reading.lives[partition.topic]?.number ?? 0, from: position,
            tools: reading.tools, now: parts.clock.milliseconds)
        reading.writers[partition] = writer
        return writer
    }

    private func start(
        _ committed: Offset?, _ partition: TopicPartition, _ range: OffsetRange
    ) throws -> Offset {
        guard let committed else { return range.start }
        guard committed <= range.end else {
            throw TaskFailure(
                "the log of \(partition) ends at offset \(range.end), but records up to \(committed) are stored: it "
                    + "has lost its tail, as a power cut can do unless log.flush is commit. Set the connector's "
                    + "offset to \(range.end)")
        }
        if committed < range.start {
            logger.error(
                "retention has taken records that were not stored yet",
                metadata: [
                    "partition": "\(partition)", "from": "\(committed)", "to": "\(range.start)",
                ])
        }
        return max(committed, range.start)
    }

    private func hand(_ commits: [PreparedCommit]) throws {
        for commit in commits where !queue.add(commit) { throw CancellationError() }
    }

    // MARK: Flushing and beginning again

    private func flushAll(_ reading: Reading, _ asked: Int) throws {
        flushes.withLock { $0.begun = asked }
        for writer in reading.writers.values where !writer.open.isEmpty {
            try writer.commit(byTime: false, now: parts.clock.milliseconds)
            try hand(writer.takeReady())
        }
        guard queue.whenEmpty() else { return }
        flushes.withLock(wakes: true) { $0.done = max($0.done, asked) }
    }

    /// After an error of the spool nothing that is open counts; it is read again.
    private func restart(_ reading: Reading, _ error: SpoolError) throws {
        logger.error("the spool is tried again", metadata: ["error": "\(error)"])
        for writer in reading.writers.values { writer.drop() }
        guard queue.whenEmpty() else { return }
        queue.pause(.milliseconds(configuration.retryBackoff))
        try begin(reading)
    }
}
