import StreamModel
import Synchronization

/// Where a partition begins, if that is not where its first segment does.
///
/// `log-start-offset` in the partition's folder holds it as decimal digits; without the file the partition begins
/// with its first segment.
struct LogStart {
    static let fileName = "log-start-offset"

    var directory: String

    private var path: String { "\(directory)/\(Self.fileName)" }

    /// - Throws: `corrupted` if the file holds no offset.
    func load(from disk: any LogDisk) throws(LogStorageError) -> Int64 {
        let text = String(decoding: try disk.contents(of: path, upTo: 64), as: UTF8.self)
        guard let offset = Int64(text.filter { $0 != "\n" }), offset >= 0 else {
            throw LogStorageError(
                .corrupted, "\(path) holds no offset: remove it to have the records back that lie before")
        }
        return offset
    }

    /// Durable on return.
    func save(_ offset: Int64, on disk: any LogDisk) throws(LogStorageError) {
        try disk.replaceFile(path, in: directory, by: Array("\(offset)\n".utf8), through: path + ".new")
    }
}

extension PartitionLog {
    /// Makes ready for records to be deleted; committer's thread only.
    ///
    /// What lies before the new start must not be lost afterwards, or its offsets would be used again. If all records
    /// go, their segment is closed, so that its bytes go too.
    func prepareDeletion(before offset: Int64?, now: Int64) throws(LogStorageError) {
        let (end, damage) = extent.withLock { ($0.endOffset, $0.damage) }
        if let damage { throw damage }
        try synchronize()
        if (offset ?? end) == end { try roll(now: now) }
    }

    /// Moves the start, durable on return.
    ///
    /// One call at a time.
    ///
    /// - Returns: where the partition begins now.
    func deleteRecords(before offset: Int64?) throws(LogStorageError) -> Int64 {
        let (start, end, damage) = extent.withLock { ($0.startOffset, $0.endOffset, $0.damage) }
        if let damage { throw damage }
        let target = offset ?? end
        guard target <= end else {
            throw LogStorageError(.offsetOutOfRange, "\(id) ends at offset \(end), before \(target)")
        }
        guard target > start else { return start }
        try LogStart(directory: directory).save(target, on: disk)
        let gone = extent.withLock { extent -> [ClosedSegment] in
            extent.logStart = target
            let ends = extent.segments.dropFirst().map(\.baseOffset) + [extent.activeBase]
            let count = ends.prefix { $0 <= target }.count
            defer { extent.segments.removeFirst(min(count, extent.segments.count)) }
            return Array(extent.segments.prefix(count))
        }
        try remove(gone)
        return target
    }
}
