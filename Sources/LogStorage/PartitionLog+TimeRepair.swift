import KafkaWire
import StreamModel
import Synchronization

/// Time indexes that were lost.
///
/// Retention and searches by time go by the greatest timestamp of a closed segment, with which its `.timeindex` ends.
/// Without the file a segment would never be too old; the heads of its batches say as well when it was.
extension PartitionLog {
    /// Closed segments whose time is not known; what is damaged is not looked at again before the next start.
    private var segmentsWithoutTime: [ClosedSegment] {
        let given = unrepairable.withLock { $0 }
        return extent.withLock { extent in
            extent.segments.filter {
                $0.maxTimestamp == .max && $0.byteCount > 0 && !given.contains($0.baseOffset)
            }
        }
    }

    /// Makes the time indexes anew of closed segments that have lost them; reads the heads of all their batches.
    ///
    /// Not to be called while the partition is compacted.
    ///
    /// - Parameter isStopped: asked often; true ends the work early.
    /// - Returns: how many were made.
    func repairTimes(isStopped: () -> Bool) throws(LogStorageError) -> Int {
        var count = 0
        for segment in segmentsWithoutTime {
            let files = SegmentFiles(directory: directory, baseOffset: segment.baseOffset)
            do throws(LogStorageError) {
                guard let (index, time) = try times(of: segment, files, isStopped) else { return count }
                // What a crash leaves under this name the next start removes.
                try disk.replaceFile(
                    files.timeIndex, in: directory, by: index.encodedTimes(),
                    through: files.timeIndex + CleanedFiles.suffix)
                extent.withLock { $0.setTime(time, of: segment) }
            } catch {
                _ = unrepairable.withLock { $0.insert(segment.baseOffset) }
                throw error
            }
            count += 1
        }
        return count
    }

    /// Nil if it was stopped.
    private func times(
        of segment: ClosedSegment, _ files: SegmentFiles, _ isStopped: () -> Bool
    ) throws(LogStorageError) -> (index: SparseIndex, maxTimestamp: Int64)? {
        var index = SparseIndex()
        var (greatest, indexed, bytesSinceEntry) = (Int64.min, Int64.min, 0)
        var last = SparseIndex.Entry(relativeOffset: 0, position: 0)
        var cursor = HeaderCursor(
            file: segment.log, position: 0, limit: segment.byteCount, path: files.log)
        while let header = try cursor.next() {
            if isStopped() { return nil }
            greatest = max(greatest, header.maxTimestamp)
            last = SparseIndex.Entry(
                relativeOffset: UInt32(clamping: header.baseOffset - files.baseOffset),
                position: UInt32(clamping: cursor.batchPosition))
            if bytesSinceEntry >= settings.indexIntervalBytes {
                index.append(last, maxTimestamp: greatest, ifPast: &indexed)
                bytesSinceEntry = 0
            }
            bytesSinceEntry += header.byteCount
        }
        index.appendTime(last, maxTimestamp: greatest, ifPast: &indexed)
        return (index, greatest)
    }
}

extension PartitionLog.Extent {
    /// Takes note of a segment's greatest timestamp, if the segment is still there.
    fileprivate mutating func setTime(_ maxTimestamp: Int64, of segment: PartitionLog.ClosedSegment) {
        guard let place = segments.firstIndex(where: { $0.log === segment.log }) else { return }
        segments[place].maxTimestamp = maxTimestamp
    }
}
