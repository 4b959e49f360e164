import KafkaWire
import StreamModel
import Synchronization

extension PartitionLog {
    /// A segment as a search by time sees it.
    private struct TimedSegment {
        var files: SegmentFiles
        var file: any LogFile
        var byteCount: Int
        /// `Int64.max` if it is not known.
        var maxTimestamp: Int64
        var index: SparseIndex?
    }

    private func timedSegments() throws(LogStorageError) -> (segments: [TimedSegment], start: Int64) {
        let (segments, start, damage) = extent.withLock { extent in
            var segments = extent.segments.map {
                TimedSegment(
                    files: SegmentFiles(directory: directory, baseOffset: $0.baseOffset),
                    file: $0.log, byteCount: $0.byteCount, maxTimestamp: $0.maxTimestamp)
            }
            segments.append(
                TimedSegment(
                    files: SegmentFiles(directory: directory, baseOffset: extent.activeBase),
                    file: extent.activeLog, byteCount: extent.activeBytes,
                    maxTimestamp: extent.activeMaxTimestamp, index: extent.activeIndex))
            return (segments, extent.startOffset, extent.damage)
        }
        if let damage { throw damage }
        return (segments, start)
    }

    /// The first record at or after a time.
    func firstRecord(atOrAfter timestamp: Int64) throws(LogStorageError) -> TimestampedOffset? {
        let (segments, start) = try timedSegments()
        for segment in segments where segment.maxTimestamp >= timestamp && segment.byteCount > 0 {
            let file = segment.file
            var cursor = try cursor(segment, file, before: timestamp)
            while let header = try cursor.next() {
                guard header.maxTimestamp >= timestamp, header.nextOffset > start else { continue }
                let found = try record(header, file, at: cursor.batchPosition, segment.files) {
                    $0.timestamp >= timestamp && $0.offset.rawValue >= start
                }
                if let found { return found }
            }
        }
        return nil
    }

    /// The first of the records with the greatest timestamp.
    func newestRecord() throws(LogStorageError) -> TimestampedOffset? {
        let (segments, start) = try timedSegments()
        let filled = segments.filter { $0.byteCount > 0 }
        let greatest = filled.filter { $0.maxTimestamp < .max }.max { $0.maxTimestamp < $1.maxTimestamp }
        var best: (header: RecordBatchHeader, position: Int, segment: TimedSegment)?
        // Those whose index was lost have to be looked at too.
        for segment in filled
        where segment.maxTimestamp == .max || segment.maxTimestamp == greatest?.maxTimestamp {
            let file = segment.file
            let isKnown = segment.maxTimestamp < .max
            var cursor = try cursor(segment, file, before: isKnown ? segment.maxTimestamp : .min)
            while let header = try cursor.next() {
                guard header.nextOffset > start else { continue }
                if let best, best.header.maxTimestamp >= header.maxTimestamp { continue }
                best = (header, cursor.batchPosition, segment)
            }
        }
        guard let best else { return nil }
        let file = best.segment.file
        return try record(best.header, file, at: best.position, best.segment.files) {
            $0.timestamp >= best.header.maxTimestamp && $0.offset.rawValue >= start
        }
            ?? TimestampedOffset(
                offset: Offset(max(start, best.header.baseOffset)), timestamp: best.header.maxTimestamp)
    }

    /// Begins at the last place that the time index knows to lie before a time.
    private func cursor(
        _ segment: TimedSegment, _ file: any LogFile, before timestamp: Int64
    ) throws(LogStorageError) -> HeaderCursor {
        var index = SparseIndex()
        if let known = segment.index { index = known } else { index = try loadIndex(segment.files, of: file) }
        var position = 0
        if let entry = index.lastTime(before: timestamp) {
            position = try segment.files.checkedPosition(
                index.position(of: entry.relativeOffset),
                of: segment.files.baseOffset + Int64(entry.relativeOffset), in: file,
                limit: segment.byteCount)
        }
        return HeaderCursor(
            file: file, position: position, limit: segment.byteCount, path: segment.files.log)
    }

    /// The first record of a batch that `matches`.
    private func record(
        _ header: RecordBatchHeader, _ file: any LogFile, at position: Int, _ files: SegmentFiles,
        _ matches: (borrowing RecordView) -> Bool
    ) throws(LogStorageError) -> TimestampedOffset? {
        var buffer = ReadBuffer(capacity: header.byteCount)
        try buffer.fill(from: file, at: position)
        try header.verifyAsLog(buffer.bytes, files)
        var found: TimestampedOffset?
        do {
            try RecordBatchDecoder.forEachRecord(buffer.bytes, at: 0, header) { record in
                guard found == nil, matches(record) else { return }
                found = TimestampedOffset(offset: record.offset, timestamp: record.timestamp)
            }
        } catch {
            throw LogStorageError(.corrupted, "\(files.log) is damaged: \(error)")
        }
        return found
    }
}

extension SparseIndex {
    /// The last entry up to which all timestamps are before a time.
    fileprivate func lastTime(before timestamp: Int64) -> TimeEntry? {
        var low = 0
        var high = times.count
        while low < high {
            let middle = (low + high) / 2
            if times[middle].timestamp < timestamp { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? nil : times[low - 1]
    }
}
