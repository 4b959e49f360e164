import KafkaWire
import StreamModel
import Synchronization

extension PartitionLog {
    /// Writes batches, closing the segment first where it is full or old; they are not durable yet.
    ///
    /// - Parameter endOffset: one past the last record of the batches.
    func write(
        _ batches: UnsafeRawBufferPointer, endOffset: Int64, now: Int64
    ) throws(LogStorageError) {
        guard !batches.isEmpty else { return }
        let active = writer.active
        let isFull = active.byteCount > 0 && active.byteCount + batches.count > settings.segmentBytes
        // The indexes count offsets from the segment's first in 32 bits.
        let isWide = endOffset - active.files.baseOffset > Int64(Int32.max)
        if isFull || isWide || isOld(active, now: now) { try roll(now: now) }
        try writer.active.write(batches, now: now)
        writer.isUnsynchronized = true
    }

    /// Makes what was written durable.
    func synchronize() throws(LogStorageError) {
        guard writer.isUnsynchronized else { return }
        try writer.active.log.synchronize()
        writer.isUnsynchronized = false
    }

    /// Writes index entries that were held back until their batches were durable.
    func saveIndex() throws(LogStorageError) {
        if !writer.isUnsynchronized { try writer.active.saveIndex() }
    }

    func isOld(_ active: ActiveSegment, now: Int64) -> Bool {
        guard let first = active.firstTimestamp else { return false }
        let settings = settings
        // What is being written is not compacted.
        let longest = settings.cleanupPolicy.compacts ? settings.maxCompactionLag : .max
        return first < now - min(now, settings.segmentMilliseconds, longest)
    }

    /// Closes the segment being written and begins the next; the closed one is durable afterwards.
    func roll(now: Int64) throws(LogStorageError) {
        let old = writer.active
        guard old.byteCount > 0 else { return }
        try old.seal()
        try old.synchronizeIndexes()
        let next = extent.withLock { $0.endOffset }
        let segment = try beginSegment(at: next)
        writer.active = segment
        writer.isUnsynchronized = false
        let closed = ClosedSegment(
            baseOffset: old.files.baseOffset, log: old.log, byteCount: old.byteCount,
            maxTimestamp: old.maxTimestamp)
        extent.withLock { extent in
            extent.segments.append(closed)
            extent.segments[extent.segments.count - 1].hasAborted = !extent.activeAborted.isEmpty
            extent.activeAborted = []
            extent.activeMaxTimestamp = 0
            extent.activeBase = next
            extent.activeLog = segment.log
            extent.activeBytes = 0
            extent.activeIndex = SparseIndex()
        }
    }

    private func beginSegment(at offset: Int64) throws(LogStorageError) -> ActiveSegment {
        let files = SegmentFiles(directory: directory, baseOffset: offset)
        let empty = RecoveredSegment(
            byteCount: 0, index: SparseIndex(), maxTimestamp: 0, nextOffset: offset, cutBytes: 0)
        do throws(LogStorageError) {
            let segment = try ActiveSegment(
                files, on: disk, recovered: empty, indexInterval: settings.indexIntervalBytes)
            // Made now: without its name the next start would not know where offsets go on, once older segments are gone.
            try segment.log.append([])
            return segment
        } catch {
            // Left behind, it would end the partition here at the next start, whatever the old segment holds by then.
            do throws(LogStorageError) {
                try files.remove(from: disk)
                try disk.synchronizeDirectory(directory)
            } catch {
                throw LogStorageError(.inputOutput, error.message)
            }
            throw error
        }
    }

    /// Deletes closed segments that have served their time; returns how many.
    ///
    /// A topic that is only compacted keeps all but those before its start.
    @discardableResult
    func applyRetention(now: Int64, holdOffset: Int64) throws(LogStorageError) -> Int {
        let settings = settings
        let deletes = settings.cleanupPolicy.deletes
        let retention = Retention(
            milliseconds: deletes ? settings.retentionMilliseconds : -1,
            bytes: deletes ? settings.retentionBytes : -1)
        let expired = extent.withLock { extent -> [ClosedSegment] in
            guard !extent.segments.isEmpty else { return [] }
            let ends = extent.segments.dropFirst().map(\.baseOffset) + [extent.activeBase]
            let closed = zip(extent.segments, ends).map {
                Retention.Segment(byteCount: $0.byteCount, maxTimestamp: $0.maxTimestamp, endOffset: $1)
            }
            let count = retention.expired(
                closed, activeBytes: extent.activeBytes, now: now, holdOffset: holdOffset)
            defer { extent.segments.removeFirst(count) }
            return Array(extent.segments.prefix(count))
        }
        try remove(expired)
        if !expired.isEmpty { try disk.synchronizeDirectory(directory) }
        return expired.count
    }

    /// Deletes the files of segments that are no longer the partition's; readers that are at them go on.
    func remove(_ segments: [ClosedSegment]) throws(LogStorageError) {
        for segment in segments {
            try (segment.log as? LazyFile)?.pin()
            try SegmentFiles(directory: directory, baseOffset: segment.baseOffset).remove(from: disk)
        }
    }

    /// Closes the segment if its first record is old and nothing comes that would do so; committer's thread only.
    func rollIfOld(now: Int64) throws(LogStorageError) {
        if isOld(writer.active, now: now) { try roll(now: now) }
    }

    /// Takes back what `write` wrote and could not be made durable, so that not even a power cut brings it back.
    func discard() throws(LogStorageError) {
        try writer.active.discard()
    }

    /// Makes everything durable for a clean stop; committer's thread only.
    func seal() throws(LogStorageError) {
        try writer.active.seal()
        try saveLastSnapshot()
    }
}
