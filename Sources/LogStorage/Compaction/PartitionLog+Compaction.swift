import KafkaWire
import NIOCore
import StreamModel
import Synchronization

/// How far a partition was compacted.
struct CompactionProgress: Sendable {
    static let fileName = "compacted-to"

    /// Of each key before it only one record is left; nil until it was read from the disk.
    var cleanedTo: Int64?
    /// What keeps the partition from being compacted, until the next start.
    var failure: LogStorageError?
}

/// What one compaction did.
struct CompactionResult: Sendable, Equatable {
    var removedRecords = 0
    var bytesBefore = 0
    var bytesAfter = 0
}

extension PartitionLog {
    /// What compaction would do now; nil if there is too little to do.
    ///
    /// - Parameter holdOffset: nothing from here on takes part, since a reader has yet to see it.
    func compactionPlan(now: Int64, holdOffset: Int64) throws(LogStorageError) -> CompactionPlan? {
        let settings = settings
        guard settings.cleanupPolicy.compacts else { return nil }
        guard compaction.withLock({ $0.failure }) == nil else { return nil }
        let (closed, limit) = extent.withLock { extent in
            (extent.closedForCompaction, min(extent.activeBase, extent.lastStableOffset, holdOffset))
        }
        guard !closed.isEmpty else { return nil }
        let cleanedTo = try loadCleanedTo()
        return CompactionPlan(
            closed.map(\.plan), limit: limit, cleanedTo: cleanedTo, now: now, settings: settings
        ) { oldest in
            guard let segment = closed.first(where: { $0.plan.baseOffset == oldest.baseOffset }) else {
                return nil
            }
            var head = ReadBuffer(capacity: RecordBatchHeader.size)
            guard (try? head.fill(from: segment.log, at: 0)) != nil else { return nil }
            return (try? RecordBatchHeader(head.bytes))?.maxTimestamp
        }
    }

    private var cleanedToPath: String { "\(directory)/\(CompactionProgress.fileName)" }

    private func loadCleanedTo() throws(LogStorageError) -> Int64 {
        if let known = compaction.withLock({ $0.cleanedTo }) { return known }
        var offset: Int64 = 0
        if try disk.fileSize(cleanedToPath) != nil {
            let text = String(decoding: try disk.contents(of: cleanedToPath, upTo: 64), as: UTF8.self)
            // A number that cannot be read only costs work that was done before.
            offset = Int64(text.filter { $0 != "\n" }) ?? 0
        }
        let end = extent.withLock { $0.endOffset }
        let found = offset <= end ? max(offset, 0) : 0
        compaction.withLock { $0.cleanedTo = found }
        return found
    }

    private func saveCleanedTo(_ offset: Int64) throws(LogStorageError) {
        try disk.replaceFile(
            cleanedToPath, in: directory, by: Array("\(offset)\n".utf8), through: cleanedToPath + ".new")
        compaction.withLock { $0.cleanedTo = offset }
    }

    /// Compacts as far as there is memory for keys, one group of segments after the other; blocks for long.
    ///
    /// - Parameters:
    ///   - swapping: runs a change of the partition's segments while nothing else changes them.
    ///   - isStopped: asked often; true ends the work early.
    func compact(
        _ plan: CompactionPlan, now: Int64, swapping: (() throws -> Void) throws -> Void,
        isStopped: () -> Bool
    ) throws -> CompactionResult {
        let (closed, logStart) = extent.withLock {
            (Array($0.closedForCompaction.prefix(plan.segmentCount)), $0.startOffset)
        }
        guard let first = closed.first, closed.last?.plan.endOffset == plan.end else {
            return CompactionResult()
        }
        let aborted = try aborted(from: first.plan.baseOffset, to: plan.end)
        guard
            let dirty = try dirtyKeys(
                closed, plan, Dictionary(grouping: aborted, by: \.producerID), isStopped)
        else { return CompactionResult() }
        let end = dirty.end
        var filter = CompactionFilter(
            dirty, aborted: aborted, logStart: logStart, now: now, settings: settings)
        var result = CompactionResult()
        let taking = closed.prefix { $0.plan.baseOffset < end }
        var rest = taking
        for count in CompactionPlan.groups(taking.map(\.plan)[...], segmentBytes: settings.segmentBytes) {
            guard try compact(Array(rest.prefix(count)), &filter, &result, swapping, isStopped) else {
                return result
            }
            rest = rest.dropFirst(count)
        }
        try saveCleanedTo(end)
        return result
    }

    /// Gathers the keys that were not compacted yet; nil if it was stopped.
    private func dirtyKeys(
        _ closed: [CompactingSegment], _ plan: CompactionPlan, _ aborted: [Int64: [AbortedRange]],
        _ isStopped: () -> Bool
    ) throws -> DirtyKeys? {
        var dirty = DirtyKeys(from: plan.dirtyStart, to: plan.end, maxBytes: settings.compactionBufferBytes)
        for segment in closed where segment.plan.endOffset > plan.dirtyStart {
            let files = SegmentFiles(directory: directory, baseOffset: segment.plan.baseOffset)
            var cursor = SegmentCursor(
                file: segment.log, position: 0, limit: segment.plan.byteCount, path: files.log)
            while let batch = try cursor.nextBatch() {
                if isStopped() { return nil }
                guard batch.header.nextOffset > plan.dirtyStart else { continue }
                try batch.header.verifyAsLog(batch.bytes, files)
                guard try dirty.note(batch, isAborted: aborted.hides(batch.header)) else { return dirty }
            }
        }
        return dirty
    }

    /// Writes a group of segments anew as one, and puts it in their place; false if it was stopped.
    private func compact(
        _ group: [CompactingSegment], _ filter: inout CompactionFilter, _ result: inout CompactionResult,
        _ swapping: (() throws -> Void) throws -> Void, _ isStopped: () -> Bool
    ) throws -> Bool {
        guard let first = group.first, let end = group.last?.plan.endOffset else { return true }
        let files = SegmentFiles(directory: directory, baseOffset: first.plan.baseOffset)
        let cleaned = CleanedFiles(segment: files)
        var target = try CompactedSegment(cleaned, on: disk, indexInterval: settings.indexIntervalBytes)
        var (removed, hasChanged) = (0, group.count > 1)
        for segment in group {
            guard
                let change = try copy(segment, to: &target, &filter, isStopped)
            else {
                try cleaned.remove(from: disk)
                return false
            }
            removed += change.removedRecords
            hasChanged = hasChanged || change.isChanged
        }
        guard hasChanged else {
            try cleaned.remove(from: disk)
            return true
        }
        try target.finish(at: end)
        let (byteCount, maxTimestamp) = (target.byteCount, target.maxTimestamp)
        try swapping { [self] in
            try swap(group, for: files, end: end, byteCount: byteCount, maxTimestamp: maxTimestamp)
        }
        result.removedRecords += removed
        result.bytesBefore += group.reduce(0) { $0 + $1.plan.byteCount }
        result.bytesAfter += byteCount
        return true
    }

    private func copy(
        _ segment: CompactingSegment, to target: inout CompactedSegment, _ filter: inout CompactionFilter,
        _ isStopped: () -> Bool
    ) throws -> (removedRecords: Int, isChanged: Bool)? {
        let files = SegmentFiles(directory: directory, baseOffset: segment.plan.baseOffset)
        var cursor = SegmentCursor(
            file: segment.log, position: 0, limit: segment.plan.byteCount, path: files.log)
        var (removedRecords, isChanged) = (0, false)
        var rewritten = ByteBuffer()
        while let batch = try cursor.nextBatch() {
            if isStopped() { return nil }
            try batch.header.verifyAsLog(batch.bytes, files)
            rewritten.clear()
            switch try filter.apply(to: batch, writingTo: &rewritten) {
            case .whole: try target.append(batch.bytes)
            case .rewritten(let removed):
                removedRecords += removed
                isChanged = true
                try rewritten.withUnsafeReadableBytes { try target.append($0) }
            case .nothing(let removed):
                removedRecords += removed
                // A batch that stands for offsets alone already is no change.
                if batch.header.recordCount > 0 || batch.header.producerID >= 0 { isChanged = true }
                target.skip(batch.header)
            }
        }
        return (removedRecords, isChanged)
    }

    /// Puts the compacted segment in the place of a group, on the disk and for readers; those who read go on.
    private func swap(
        _ group: [CompactingSegment], for files: SegmentFiles, end: Int64, byteCount: Int, maxTimestamp: Int64
    ) throws(LogStorageError) {
        guard extent.withLock({ $0.place(of: group) }) != nil else {
            // Retention, a user or the topic's deletion was faster.
            try CleanedFiles(segment: files).remove(from: disk)
            return
        }
        for segment in group { try (segment.log as? LazyFile)?.pin() }
        let swap = SegmentSwap(directory: directory, baseOffset: files.baseOffset, endOffset: end)
        try swap.begin(on: disk)
        try swap.finish(on: disk)
        let segment = ClosedSegment(
            baseOffset: files.baseOffset, log: try disk.open(files.log, creating: false),
            byteCount: byteCount,
            maxTimestamp: min(maxTimestamp, .max - 1))
        extent.withLock { extent in
            guard let place = extent.place(of: group) else { return }
            extent.segments.replaceSubrange(place..<place + group.count, with: [segment])
            for old in group {
                extent.positions.forget(old.plan.baseOffset)
                extent.abortedCache[old.plan.baseOffset] = nil
            }
        }
    }
}

/// A closed segment, with the file that it is now.
struct CompactingSegment: Sendable {
    var plan: CompactionPlan.Segment
    var log: any LogFile
}

extension PartitionLog.Extent {
    /// The closed segments as compaction sees them.
    var closedForCompaction: [CompactingSegment] {
        let ends = segments.dropFirst().map(\.baseOffset) + [activeBase]
        return zip(segments, ends).map { segment, end in
            CompactingSegment(
                plan: CompactionPlan.Segment(
                    baseOffset: segment.baseOffset, byteCount: segment.byteCount,
                    maxTimestamp: segment.maxTimestamp, endOffset: end),
                log: segment.log)
        }
    }

    /// Where segments stand; nil if they do not all any more.
    fileprivate func place(of group: [CompactingSegment]) -> Int? {
        guard let first = group.first,
            let place = segments.firstIndex(where: { $0.log === first.log }),
            place + group.count <= segments.count
        else { return nil }
        let isThere = zip(segments[place...], group).allSatisfy { $0.log === $1.log }
        return isThere ? place : nil
    }
}
