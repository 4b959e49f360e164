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
    private let intake: Mutex<Intake>
    let extent: Mutex<Extent>
    let writer: PartitionWriter

    fileprivate struct Waiting {
        var baseOffset: Int64
        var completion: Completion
    }

    private struct Intake {
        var buffer = BatchBuffer()
        /// Takes turns with `buffer` from commit to commit.
        var spare: BatchBuffer?
        var waiting: [Waiting] = []
        var nextOffset: Int64
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
        var endOffset: Int64
        var positions = PositionCache()
        /// Why the partition cannot be read, if it cannot.
        var damage: LogStorageError?
        /// Records before it were deleted, though their segment may still be there.
        var logStart: Int64 = 0

        var startOffset: Int64 { max(segments.first?.baseOffset ?? activeBase, logStart) }
    }

    struct ClosedSegment: Sendable {
        var baseOffset: Int64
        var byteCount: Int
        var maxTimestamp: Int64
    }

    init(_ recovered: RecoveredPartition, settings: TopicSettings, disk: any LogDisk) {
        id = recovered.id
        directory = recovered.directory
        topicSettings = settings
        self.disk = disk
        intake = Mutex(Intake(nextOffset: recovered.nextOffset))
        extent = Mutex(
            Extent(
                segments: recovered.closed, activeBase: recovered.active.files.baseOffset,
                activeLog: recovered.active.log, activeBytes: recovered.active.byteCount,
                activeIndex: recovered.activeIndex, endOffset: recovered.nextOffset,
                logStart: min(recovered.logStart, recovered.nextOffset)))
        writer = PartitionWriter(recovered.active)
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
                activeIndex: SparseIndex(), nextOffset: 0),
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

    /// Why the partition cannot be read, if it cannot: damage, or because it was deleted.
    var damage: LogStorageError? { extent.withLock { $0.damage } }

    var isDamaged: Bool { extent.withLock { $0.damage != nil } }

    // MARK: Intake

    enum Admission {
        /// Taken; `needsCommit` if the committer must be told, since it does not know of this partition yet.
        case taken(byteCount: Int, needsCommit: Bool)
        case refused(AppendError)
    }

    /// Builds a batch of the entries; `completion` runs after the commit.
    func admit(
        _ entries: some Collection<RecordList.Entry>, from source: UnsafeRawBufferPointer, timestamp: Int64,
        completion: @escaping Completion
    ) -> Admission {
        let byteCount = RecordBatchEncoder.byteCount(entries)
        return intake.withLock { intake in
            if let refusal = intake.refusal { return .refused(refusal) }
            let base = intake.nextOffset
            if let target = intake.buffer.extend(by: byteCount).baseAddress {
                RecordBatchEncoder.encode(
                    entries, from: source, baseOffset: Offset(base), timestamp: timestamp, to: target)
            }
            intake.nextOffset += Int64(entries.count)
            intake.waiting.append(Waiting(baseOffset: base, completion: completion))
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
        fileprivate var waiting: [Waiting]
        var endOffset: Int64

        var requestCount: Int { waiting.count }
    }

    /// Takes what has come in since the last commit.
    func takePending() -> Pending {
        intake.withLock { intake in
            let pending = Pending(
                buffer: intake.buffer, waiting: intake.waiting, endOffset: intake.nextOffset)
            intake.buffer = intake.spare ?? BatchBuffer()
            intake.spare = nil
            intake.waiting = []
            intake.isQueued = false
            return pending
        }
    }

    /// Makes committed batches readable and answers their senders.
    func publish(_ pending: Pending) {
        let added = writer.active.accept(pending.buffer.bytes)
        extent.withLock { extent in
            extent.activeBytes = writer.active.byteCount
            extent.endOffset = pending.endOffset
            extent.activeIndex.append(added)
        }
        for waiting in pending.waiting {
            waiting.completion(.success(.run(id.partition, from: Offset(waiting.baseOffset))))
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
        let end = extent.withLock { $0.endOffset }
        var lost = pending.waiting
        let dropped = intake.withLock { intake in
            let dropped = (intake.buffer.count, intake.waiting.count)
            lost += intake.waiting
            intake.waiting = []
            intake.buffer.removeAll()
            intake.nextOffset = end
            if stops { intake.refusal = error }
            return dropped
        }
        for waiting in lost { waiting.completion(.failure(error)) }
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

    init(_ active: ActiveSegment) {
        self.active = active
    }
}
