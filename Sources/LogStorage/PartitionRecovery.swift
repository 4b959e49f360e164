import KafkaWire
import Logging
import StreamModel

/// A partition as the start has found it.
struct RecoveredPartition {
    var id: TopicPartition
    var directory: String
    var closed: [PartitionLog.ClosedSegment]
    var active: ActiveSegment
    var activeIndex: SparseIndex
    var nextOffset: Int64
    var producers: RecoveredProducers
    /// Records before it were deleted.
    var logStart: Int64 = 0
}

/// Opens a partition's folder; the time it takes does not depend on how much the partition holds.
struct PartitionRecovery {
    let disk: any LogDisk
    let settings: LogSettings
    let logger: Logger

    func open(_ id: TopicPartition, directory: String) throws(LogStorageError) -> RecoveredPartition {
        var names = try disk.list(directory)
        if try SegmentSwap.recover(directory, names: names, on: disk) { names = try disk.list(directory) }
        let bases = names.compactMap(SegmentFiles.baseOffset(ofLogNamed:)).sorted()
        let logStart =
            names.contains(LogStart.fileName) ? try LogStart(directory: directory).load(from: disk) : 0
        let activeFiles = SegmentFiles(directory: directory, baseOffset: bases.last ?? logStart)
        let recovered = try SegmentRecovery(files: activeFiles, disk: disk).recover()
        if recovered.cutBytes > 0 {
            logger.warning(
                "cut off a torn tail that was never acknowledged",
                metadata: [
                    "partition": "\(id)", "file": "\(activeFiles.log)", "bytes": "\(recovered.cutBytes)",
                ])
        }
        let producers = try ProducerRecovery(
            disk: disk, directory: directory, limit: settings.maxProducers,
            bases: bases.isEmpty ? [activeFiles.baseOffset] : bases, byteCount: recovered.byteCount,
            nextOffset: recovered.nextOffset
        ).recover(names: names)
        let active = try ActiveSegment(
            activeFiles, on: disk, recovered: recovered, indexInterval: settings.indexIntervalBytes,
            savedTransactionBytes: producers.savedIndexBytes)
        var closed: [PartitionLog.ClosedSegment] = []
        for base in bases.dropLast() {
            closed.append(try closedSegment(SegmentFiles(directory: directory, baseOffset: base)))
        }
        let aborted = Set(names.compactMap { SegmentFiles.offset(in: $0, suffix: ".txnindex") })
        for place in closed.indices { closed[place].hasAborted = aborted.contains(closed[place].baseOffset) }
        return RecoveredPartition(
            id: id, directory: directory, closed: closed, active: active, activeIndex: recovered.index,
            nextOffset: recovered.nextOffset, producers: producers, logStart: logStart)
    }

    private func closedSegment(_ files: SegmentFiles) throws(LogStorageError) -> PartitionLog.ClosedSegment {
        let log = try disk.open(files.log, creating: false)
        return PartitionLog.ClosedSegment(
            baseOffset: files.baseOffset, log: log, byteCount: try log.size(),
            maxTimestamp: try lastTimestamp(files))
    }

    /// The greatest timestamp: the time index of a closed segment ends with it.
    private func lastTimestamp(_ files: SegmentFiles) throws(LogStorageError) -> Int64 {
        let file = try disk.open(files.timeIndex, creating: true)
        let size = try file.size()
        guard size >= SparseIndex.timeEntrySize else { return .max }
        var buffer = ReadBuffer(capacity: SparseIndex.timeEntrySize)
        try buffer.fill(
            from: file,
            at: size / SparseIndex.timeEntrySize * SparseIndex.timeEntrySize - SparseIndex.timeEntrySize)
        return SparseIndex.decodeTimes(buffer.bytes).last?.timestamp ?? .max
    }
}
