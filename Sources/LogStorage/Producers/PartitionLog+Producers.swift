package import StreamModel
import Synchronization

/// What DescribeProducers tells of a producer.
package struct ActiveProducer: Sendable, Equatable {
    package var producerID: Int64
    package var epoch: Int16
    /// -1 if it has sent nothing in this epoch.
    package var lastSequence: Int32
    /// Milliseconds since 1970; -1 if not known.
    package var lastTimestamp: Int64
    /// -1 if no transaction of it has ended.
    package var coordinatorEpoch: Int32
    /// Where its open transaction begins.
    package var transactionStart: Offset?
}

extension CommitLog {
    /// The producers that a partition remembers, by id.
    package func producers(of partition: TopicPartition) throws(LogStorageError) -> [ActiveProducer] {
        let producers = try log(of: partition).extent.withLock { $0.producers.producers }
        return producers.map { id, state in
            ActiveProducer(
                producerID: id, epoch: state.epoch, lastSequence: state.batches.last?.lastSequence ?? -1,
                lastTimestamp: state.lastTimestamp, coordinatorEpoch: state.coordinatorEpoch,
                transactionStart: state.transactionStart.map { Offset($0) })
        }.sorted { $0.producerID < $1.producerID }
    }
}

/// When the producers of a partition are written down; touched by the committer's thread alone.
struct SnapshotPlan {
    /// So many bytes of batches a start has to step through at most, about.
    static let intervalBytes = 16 << 20
    /// A clean stop leaves a shorter tail to the next start.
    static let shortTailBytes = 64 << 10
    static let keptCount = 2

    /// Those that are there, oldest first.
    var offsets: [Int64] = []
    var bytesSince = 0
}

extension PartitionLog {
    /// Writes the producers down if enough was appended since the last time; committer's thread only.
    func saveSnapshotIfDue() throws(LogStorageError) {
        guard writer.snapshots.bytesSince >= SnapshotPlan.intervalBytes else { return }
        try saveSnapshot(isDurable: !extent.withLock { $0.producers.isEmpty })
    }

    /// Writes the producers down as of the end; a start ignores a snapshot past what the log turns out to hold.
    ///
    /// - Parameter isDurable: not needed where a torn one only costs the next start some reading.
    func saveSnapshot(isDurable: Bool) throws(LogStorageError) {
        let (offset, table) = extent.withLock { ($0.endOffset, $0.producers) }
        guard writer.snapshots.offsets.last != offset else { return }
        // A failure is told once, and what is due comes again with as many bytes.
        writer.snapshots.bytesSince = 0
        // The scan behind the snapshot does not see these markers again.
        try writer.active.transactions.synchronize()
        let path = ProducerSnapshot.path(in: directory, at: offset)
        do throws(LogStorageError) {
            let file = try disk.open(path, creating: true)
            try file.truncate(to: 0)
            try file.append(ProducerSnapshot(offset: offset, producers: table.producers).encoded())
            if isDurable {
                try file.synchronize()
                try disk.synchronizeDirectory(directory)
            }
        } catch {
            // One that is cut short would be passed over, but not written again.
            try disk.remove(path)
            throw error
        }
        writer.snapshots.offsets.append(offset)
        while writer.snapshots.offsets.count > SnapshotPlan.keptCount {
            try disk.remove(ProducerSnapshot.path(in: directory, at: writer.snapshots.offsets[0]))
            writer.snapshots.offsets.removeFirst()
        }
    }

    /// Leaves the next start little to step through.
    func saveLastSnapshot() throws(LogStorageError) {
        let isTailShort = writer.snapshots.bytesSince <= SnapshotPlan.shortTailBytes
        let isEmpty = extent.withLock { $0.producers.isEmpty }
        if !isTailShort || !isEmpty { try saveSnapshot(isDurable: false) }
    }

    /// Forgets producers that were idle for long; committer's thread only.
    func tendProducers(now: Int64) throws(LogStorageError) {
        let deadline = now - min(now, settings.producerExpirationMilliseconds)
        let expired = intake.withLock { $0.producers.takeExpired(before: deadline, now: now) }
        extent.withLock { extent in
            // Those seen before the start begin to count here too.
            _ = extent.producers.takeExpired(before: .min, now: now)
            extent.producers.remove(expired)
        }
        try saveSnapshotIfDue()
    }

    /// Before it every transaction is decided.
    var lastStableOffset: Int64 {
        extent.withLock { $0.lastStableOffset }
    }

    /// The aborted transactions that have records in a range, by their markers.
    func aborted(from start: Int64, to end: Int64) throws(LogStorageError) -> [AbortedRange] {
        guard start < end else { return [] }
        let (closed, active) = extent.withLock { extent -> ([Int64], [AbortedRange]) in
            let first = extent.segments.lastIndex { $0.baseOffset <= start } ?? 0
            return (
                extent.segments.dropFirst(first).filter(\.hasAborted).map(\.baseOffset), extent.activeAborted
            )
        }
        var found: [AbortedRange] = []
        for base in closed {
            let files = SegmentFiles(directory: directory, baseOffset: base)
            let ranges = try closedRanges(files)
            found += ranges.filter { $0.lastOffset >= start && $0.firstOffset < end }
            if ranges.contains(where: { $0.lastStableOffset >= end }) { return found }
        }
        return found + active.filter { $0.lastOffset >= start && $0.firstOffset < end }
    }

    /// The index of a closed segment, which was durable when it was closed.
    private func closedRanges(_ files: SegmentFiles) throws(LogStorageError) -> [AbortedRange] {
        if let known = extent.withLock({ $0.abortedCache[files.baseOffset] }) { return known }
        let bytes = try disk.contents(of: files.transactionIndex)
        let ranges = bytes.withUnsafeBytes { AbortedRange.decode($0) }
        guard ranges.count * AbortedRange.size == bytes.count else {
            throw LogStorageError(
                .corrupted,
                "\(files.transactionIndex) is damaged: without it records of aborted transactions would be seen"
            )
        }
        extent.withLock { extent in
            if extent.abortedCache.count >= Extent.cachedIndexes { extent.abortedCache = [:] }
            extent.abortedCache[files.baseOffset] = ranges
        }
        return ranges
    }
}
