import KafkaWire
import NIOCore
import StreamModel
import Synchronization

/// One partition: an intake in which senders build batches, and the segments that the committer writes them to.
///
/// Three kinds of state, three owners: `intake` (any thread, under its lock), `writer` (the committer's thread
/// alone), `extent` (what is durable and can be read; any thread, under its lock).
final class PartitionLog: Sendable {
    typealias Completion = @Sendable (Result<AppendReceipt, AppendError>) -> Void

    let id: TopicPartition
    let directory: String
    let topicSettings: TopicSettings
    let disk: any LogDisk
    let intake: Mutex<Intake>
    let extent: Mutex<Extent>
    let writer: PartitionWriter
    let compaction = Mutex(CompactionProgress())
    /// Base offsets of closed segments whose time index cannot be made anew.
    let unrepairable = Mutex<Set<Int64>>([])

    /// A request that waits for its commit.
    struct Waiting {
        enum Answer {
            case records(Completion)
            case batches(CommitLog.BatchCompletion)
        }

        var baseOffset: Int64
        var answer: Answer
    }

    struct Intake {
        var buffer = BatchBuffer()
        /// Takes turns with `buffer` from commit to commit.
        var spare: BatchBuffer?
        var waiting: [Waiting] = []
        var nextOffset: Int64
        /// The producers as they will be when all that has come in is durable.
        var producers: ProducerTable
        /// What of that the next commit makes durable.
        var changes: [ProducerChange] = []
        var isQueued = false
        var refusal: AppendError?
        /// Nothing has come in since the last look.
        var isIdle = false
    }

    /// What is durable.
    struct Extent {
        var segments: [ClosedSegment]
        var activeBase: Int64
        var activeLog: any LogFile
        var activeBytes: Int
        var activeIndex: SparseIndex
        var activeMaxTimestamp: Int64
        /// Aborted transactions whose markers lie in the segment being written.
        var activeAborted: [AbortedRange]
        var endOffset: Int64
        /// The producers as of the end.
        var producers: ProducerTable
        var positions = PositionCache()
        /// Indexes of closed segments that were needed lately, by base offset.
        var abortedCache: [Int64: [AbortedRange]] = [:]
        static let cachedIndexes = 8
        /// Why the partition cannot be read, if it cannot.
        var damage: LogStorageError?
        /// Records before it were deleted, though their segment may still be there.
        var logStart: Int64 = 0

        var startOffset: Int64 { max(segments.first?.baseOffset ?? activeBase, logStart) }
        /// Before it every transaction is decided.
        var lastStableOffset: Int64 { max(producers.firstOpenOffset ?? endOffset, startOffset) }
        var offsets: PartitionOffsets {
            PartitionOffsets(
                start: Offset(startOffset), lastStable: Offset(lastStableOffset), end: Offset(endOffset))
        }
    }

    struct ClosedSegment: Sendable {
        var baseOffset: Int64
        /// Stays good for those who are reading when the segment goes.
        var log: any LogFile
        var byteCount: Int
        var maxTimestamp: Int64
        /// Whether it has a `.txnindex`.
        var hasAborted = false
    }

    init(_ recovered: RecoveredPartition, settings: TopicSettings, disk: any LogDisk) {
        id = recovered.id
        directory = recovered.directory
        topicSettings = settings
        self.disk = disk
        intake = Mutex(
            Intake(nextOffset: recovered.nextOffset, producers: recovered.producers.table))
        extent = Mutex(
            Extent(
                segments: recovered.closed, activeBase: recovered.active.files.baseOffset,
                activeLog: recovered.active.log, activeBytes: recovered.active.byteCount,
                activeIndex: recovered.activeIndex, activeMaxTimestamp: recovered.active.maxTimestamp,
                activeAborted: recovered.producers.aborted, endOffset: recovered.nextOffset,
                producers: recovered.producers.table,
                logStart: min(recovered.logStart, recovered.nextOffset)))
        writer = PartitionWriter(recovered.active)
        writer.snapshots = SnapshotPlan(
            offsets: recovered.producers.snapshots, bytesSince: recovered.producers.scannedBytes)
        let saved = (recovered.producers.savedIndexBytes ?? 0) / AbortedRange.size
        for range in recovered.producers.aborted.dropFirst(saved) {
            recovered.active.transactions.append(range)
        }
    }

    /// A partition whose files are damaged: it is listed, and refuses whatever is asked of it.
    convenience init(
        damaged error: LogStorageError, id: TopicPartition, directory: String, _ settings: TopicSettings,
        _ disk: any LogDisk
    ) {
        let files = SegmentFiles(directory: directory, baseOffset: 0)
        self.init(
            RecoveredPartition(
                id: id, directory: directory, closed: [], active: ActiveSegment(files, refusing: error),
                activeIndex: SparseIndex(), nextOffset: 0,
                producers: RecoveredProducers(table: ProducerTable(limit: settings.current.maxProducers))),
            settings: settings, disk: disk)
        extent.withLock { $0.damage = error }
        refuse(AppendError(.failed, error.message))
    }

    /// The log's settings with the topic's own in their place, as they are now.
    var settings: LogSettings { topicSettings.current }

    /// Lets go of the files of a partition that was deleted; committer's thread only.
    func vanish(_ error: LogStorageError) {
        writer.active = ActiveSegment(writer.active.files, refusing: error)
        writer.isUnsynchronized = false
        extent.withLock { extent in
            extent.damage = error
            extent.segments = []
            extent.activeLog = writer.active.log
            extent.activeBytes = 0
            extent.activeIndex = SparseIndex()
        }
    }

    /// - Parameter error: why the partition cannot be read; nil if it can.
    func setDamage(_ error: LogStorageError?) { extent.withLock { $0.damage = error } }

    var isDamaged: Bool { extent.withLock { $0.damage != nil } }

    // MARK: Intake

    enum Admission {
        /// Taken; `needsCommit` if the committer must be told, since it does not know of this partition yet.
        case taken(byteCount: Int, needsCommit: Bool)
        case refused(AppendError)
    }

    /// Builds a batch of the entries; `completion` runs after the commit.
    func admit(
        _ entries: [RecordList.Entry], from source: UnsafeRawBufferPointer, timestamp: Int64,
        completion: @escaping Completion
    ) -> Admission {
        let byteCount = RecordBatchEncoder.byteCount(entries, timestamp: timestamp)
        return intake.withLock { intake in
            if let refusal = intake.refusal { return .refused(refusal) }
            let base = intake.nextOffset
            if let target = intake.buffer.extend(by: byteCount).baseAddress {
                RecordBatchEncoder.encode(
                    entries, from: source, baseOffset: Offset(base), timestamp: timestamp, to: target)
            }
            intake.nextOffset += Int64(entries.count)
            intake.waiting.append(Waiting(baseOffset: base, answer: .records(completion)))
            intake.isIdle = false
            defer { intake.isQueued = true }
            return .taken(byteCount: byteCount, needsCommit: !intake.isQueued)
        }
    }

    /// Gives back the memory of a partition that nothing was appended to since the last call.
    func releaseIdleMemory() {
        intake.withLock { intake in
            if intake.isIdle, !intake.isQueued {
                intake.spare = nil
                intake.buffer = BatchBuffer()
            }
            intake.isIdle = !intake.isQueued
        }
    }

    /// Refuses all further appends.
    func refuse(_ error: AppendError) {
        intake.withLock { $0.refusal = $0.refusal ?? error }
    }

    /// Why appends are refused although the log is open; nil if they are not.
    var refusal: AppendError? { intake.withLock { $0.refusal } }

    // MARK: Commit (on the committer's thread)

    /// What one commit writes.
    struct Pending {
        var buffer: BatchBuffer
        var waiting: [Waiting]
        var changes: [ProducerChange]
        var endOffset: Int64

        var requestCount: Int { waiting.count }
    }

    /// Takes what has come in since the last commit.
    func takePending() -> Pending {
        intake.withLock { intake in
            let pending = Pending(
                buffer: intake.buffer, waiting: intake.waiting, changes: intake.changes,
                endOffset: intake.nextOffset)
            intake.buffer = intake.spare ?? BatchBuffer()
            intake.spare = nil
            intake.waiting = []
            intake.changes = []
            intake.isQueued = false
            return pending
        }
    }

    /// Makes committed batches readable and answers their senders.
    func publish(_ pending: Pending) {
        let added = writer.active.accept(pending.buffer.bytes)
        let start = extent.withLock { extent in
            extent.activeBytes = writer.active.byteCount
            extent.activeMaxTimestamp = writer.active.maxTimestamp
            extent.endOffset = pending.endOffset
            extent.activeIndex.append(added)
            for change in pending.changes {
                guard let range = extent.producers.apply(change) else { continue }
                extent.activeAborted.append(range)
                writer.active.transactions.append(range)
            }
            return extent.startOffset
        }
        writer.snapshots.bytesSince += pending.buffer.count
        for waiting in pending.waiting {
            let base = Offset(waiting.baseOffset)
            switch waiting.answer {
            case .records(let completion): completion(.success(.run(id.partition, from: base)))
            case .batches(let completion):
                completion(.success(BatchReceipt(baseOffset: base, logStartOffset: Offset(start))))
            }
        }
        pending.buffer.removeAll()
        intake.withLock { $0.spare = pending.buffer }
    }

    /// Refuses a commit that could not be written, and all that came in since: their offsets follow the lost ones.
    ///
    /// - Returns: how many bytes, of how many requests, came in since and are dropped.
    @discardableResult
    func fail(
        _ pending: Pending, _ error: AppendError, stops: Bool
    ) -> (byteCount: Int, requestCount: Int) {
        let (end, producers) = extent.withLock { ($0.endOffset, $0.producers) }
        var lost = pending.waiting
        let dropped = intake.withLock { intake in
            let dropped = (intake.buffer.count, intake.waiting.count)
            lost += intake.waiting
            intake.waiting = []
            intake.buffer.removeAll()
            intake.nextOffset = end
            intake.producers = producers
            intake.changes = []
            if stops { intake.refusal = error }
            return dropped
        }
        for waiting in lost {
            switch waiting.answer {
            case .records(let completion): completion(.failure(error))
            case .batches(let completion): completion(.failure(BatchRefusal(error)))
            }
        }
        return dropped
    }

    /// Answers what waits, once the committer's thread has ended and nothing will be written any more.
    func abandon() {
        fail(takePending(), AppendError(.closed, "the log is being shut down"), stops: true)
    }
}

/// The writing side of a partition.
///
/// `@unchecked Sendable`: made before the committer's thread starts, and touched by that thread alone from then on.
final class PartitionWriter: @unchecked Sendable {
    var active: ActiveSegment
    /// Written bytes that no `fdatasync` has covered yet.
    var isUnsynchronized = false
    var snapshots = SnapshotPlan()

    init(_ active: ActiveSegment) {
        self.active = active
    }
}
