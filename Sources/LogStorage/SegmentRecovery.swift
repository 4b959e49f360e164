import KafkaWire

/// What the start has found out about a partition's last segment.
struct RecoveredSegment: Equatable {
    var byteCount: Int
    var index: SparseIndex
    var maxTimestamp: Int64
    var firstTimestamp: Int64?
    /// The last batch that was found; nil if there is none.
    var lastBatch: SparseIndex.Entry?
    /// The offset of the next record.
    var nextOffset: Int64
    /// Bytes of a torn tail that were cut off.
    var cutBytes: Int
}

/// Brings the last segment of a partition back to its last whole batch, reading only behind its last index entry.
///
/// An index entry is written only when its batch is durable. So whatever is wrong in the log at or before the last
/// entry is damage, and stops the partition; what is wrong behind it is the torn tail of a write that was never
/// acknowledged, and is cut off. An index that does not fit a log whose batches reach past it was itself torn by a
/// power cut, and is left out.
struct SegmentRecovery {
    let files: SegmentFiles
    let disk: any LogDisk
    private static let readBytes = 1 << 20

    func recover() throws(LogStorageError) -> RecoveredSegment {
        let log = try disk.open(files.log, creating: true)
        let size = try log.size()
        var result = try scan(log, size: size, by: files.loadIndex(from: disk))
        result.firstTimestamp = try firstTimestamp(log, size: result.byteCount)
        if result.byteCount < size {
            result.cutBytes = size - result.byteCount
            try log.truncate(to: result.byteCount)
            try log.synchronize()
        }
        return result
    }

    /// Finds the end of the valid batches, beginning at the last one the index knows.
    private func scan(
        _ log: any LogFile, size: Int, by index: SparseIndex
    ) throws(LogStorageError) -> RecoveredSegment {
        let last = index.entries.last ?? SparseIndex.Entry(relativeOffset: 0, position: 0)
        let start = Int(last.position)
        var result = RecoveredSegment(
            byteCount: start, index: index, maxTimestamp: index.times.last?.timestamp ?? 0,
            nextOffset: files.baseOffset + Int64(last.relativeOffset), cutBytes: 0)
        try scan(log, from: start, size: size, into: &result)
        guard index.entries.isEmpty || result.byteCount > start else {
            result = try scan(log, size: size, by: SparseIndex())
            guard result.byteCount > start else { throw damaged(at: result.byteCount, durable: start) }
            return result
        }
        result.index.removeTimes(beyond: UInt32(clamping: result.nextOffset - files.baseOffset))
        return result
    }

    private func damaged(at position: Int, durable: Int) -> LogStorageError {
        LogStorageError(
            .corrupted,
            "\(files.log) holds no valid batch at byte \(position), though one at \(durable) was durable: it was "
                + "damaged or shortened. Put it back from a copy, or move the partition's folder away to go on "
                + "without its records.")
    }

    /// Steps over valid batches; stops at the first that is not.
    private func scan(
        _ log: any LogFile, from start: Int, size: Int, into result: inout RecoveredSegment
    ) throws(LogStorageError) {
        var buffer = ReadBuffer(capacity: min(Self.readBytes, max(size - start, 1)))
        while result.byteCount < size {
            try buffer.fill(from: log, at: result.byteCount)
            var position = 0
            var needed = 0
            while position < buffer.bytes.count {
                do throws(KafkaWireError) {
                    let header = try RecordBatchHeader(buffer.bytes, at: position)
                    guard header.baseOffset == result.nextOffset, header.byteCount <= size - result.byteCount
                    else { return }
                    needed = header.byteCount
                    try header.verify(buffer.bytes, at: position)
                    position += header.byteCount
                    result.lastBatch = SparseIndex.Entry(
                        relativeOffset: UInt32(clamping: header.baseOffset - files.baseOffset),
                        position: UInt32(clamping: result.byteCount))
                    result.byteCount += header.byteCount
                    result.nextOffset = header.nextOffset
                    result.maxTimestamp = max(result.maxTimestamp, header.maxTimestamp)
                } catch {
                    guard error.code == .incomplete else { return }
                    break
                }
            }
            if position == 0 {
                guard needed > buffer.capacity else { return }
                buffer.grow(to: needed)
            }
        }
    }

    private func firstTimestamp(_ log: any LogFile, size: Int) throws(LogStorageError) -> Int64? {
        guard size >= RecordBatchHeader.size else { return nil }
        var buffer = ReadBuffer(capacity: RecordBatchHeader.size)
        try buffer.fill(from: log, at: 0)
        return (try? RecordBatchHeader(buffer.bytes))?.maxTimestamp
    }
}

extension SparseIndex {
    /// Drops time entries that point past the end; they belong to bytes that are gone.
    fileprivate mutating func removeTimes(beyond relativeOffset: UInt32) {
        self = SparseIndex(entries: entries, times: times.filter { $0.relativeOffset < relativeOffset })
    }
}
