import KafkaWire
import StreamModel
import Synchronization

/// Where recent reads ended, so that a reader that goes on need not search.
struct PositionCache: Sendable {
    private static let capacity = 8
    private var places: [(offset: Int64, segment: Int64, position: Int)] = []

    func position(of offset: Int64, in segment: Int64) -> Int? {
        places.first { $0.offset == offset && $0.segment == segment }?.position
    }

    mutating func remember(_ offset: Int64, in segment: Int64, at position: Int) {
        places.removeAll { $0.offset == offset }
        if places.count == Self.capacity { places.removeFirst() }
        places.append((offset, segment, position))
    }

    /// Forgets all places in a segment whose file has become another.
    mutating func forget(_ segment: Int64) { places.removeAll { $0.segment == segment } }
}

extension PartitionLog {
    /// What readers may see: up to the first open transaction.
    var offsetRange: OffsetRange {
        extent.withLock { OffsetRange(start: Offset($0.startOffset), end: Offset($0.lastStableOffset)) }
    }

    var byteCount: Int {
        extent.withLock { $0.activeBytes + $0.segments.reduce(0) { $0 + $1.byteCount } }
    }

    /// The bytes of one segment that may be read.
    struct Window {
        var files: SegmentFiles
        var file: any LogFile
        var byteCount: Int
        /// Where the last read ended, if it is that one that goes on.
        var position: Int?
        /// Where the index says to begin; nil if it is still to be loaded.
        var indexed: Int?
        /// The offset that must follow the segment's last record.
        var endOffset: Int64
        /// Batches from here on are not to be seen yet.
        var stop: Int64

        var base: Int64 { files.baseOffset }
    }

    /// Hands out whole batches' records from `offset` on; returns the offset to go on with.
    ///
    /// Only records of decided transactions are handed out, and none of those that were aborted.
    func read(
        from offset: Int64, maxBytes: Int, _ body: (borrowing RecordView) throws -> Void
    ) throws -> Int64 {
        do {
            return try readRecords(from: offset, maxBytes: maxBytes, body)
        } catch let error as LogStorageError where error.code == .inputOutput {
            throw cause(of: error, at: offset)
        }
    }

    /// Why a file cannot be read: perhaps the partition was deleted meanwhile, or this part of it.
    func cause(of error: LogStorageError, at offset: Int64) -> LogStorageError {
        let (start, damage) = extent.withLock { ($0.startOffset, $0.damage) }
        if let damage { return damage }
        guard offset < start else { return error }
        return LogStorageError(.offsetOutOfRange, "\(id) begins at offset \(start) now, after \(offset)")
    }

    private func readRecords(
        from offset: Int64, maxBytes: Int, _ body: (borrowing RecordView) throws -> Void
    ) throws -> Int64 {
        guard let window = try place(of: offset, isCommitted: true).window else { return offset }
        let file = window.file
        let start = try window.position ?? searchPosition(offset, window, file)
        var cursor = SegmentCursor(
            file: file, position: start, limit: window.byteCount, path: window.files.log)
        var filter = AbortedFilter()
        var (next, position, remaining) = (offset, start, maxBytes)
        while remaining > 0, let batch = try cursor.nextBatch() {
            let header = batch.header
            guard header.nextOffset > offset else { continue }
            guard window.holds(header, next: next, isFirst: next == offset) else {
                throw hole(at: next, in: window.files.log)
            }
            guard header.baseOffset < window.stop else { break }
            position = cursor.position
            remaining -= header.byteCount
            try header.verifyAsLog(batch.bytes, window.files)
            next = header.nextOffset
            if try filter.hides(
                header, { try aborted(from: header.baseOffset, to: min(window.stop, window.endOffset)) })
            {
                continue
            }
            try RecordBatchDecoder.forEachRecord(batch.bytes, at: 0, header) { record in
                if record.offset.rawValue >= offset { try body(record) }
            }
        }
        if position == window.byteCount, next != window.endOffset {
            throw hole(at: next, in: window.files.log)
        }
        let (found, place) = (next, position)
        extent.withLock { $0.remember(found, in: window, at: place) }
        return next
    }

    /// Where an offset lies; no window if there is nothing to see at it yet.
    func place(
        of offset: Int64, isCommitted: Bool
    ) throws(LogStorageError) -> (offsets: PartitionOffsets, window: Window?) {
        typealias Place = (offsets: PartitionOffsets, window: Window?)
        let found = extent.withLock { extent -> Result<Place, LogStorageError> in
            do throws(LogStorageError) {
                return .success(
                    (extent.offsets, try window(for: offset, isCommitted: isCommitted, extent)))
            } catch {
                return .failure(error)
            }
        }
        return try found.get()
    }

    private func window(
        for offset: Int64, isCommitted: Bool, _ extent: borrowing Extent
    ) throws(LogStorageError) -> Window? {
        if let damage = extent.damage { throw damage }
        guard offset >= extent.startOffset, offset <= extent.endOffset else {
            throw LogStorageError(
                .offsetOutOfRange,
                "\(id) holds offsets \(extent.startOffset) to \(extent.endOffset), not \(offset)")
        }
        let stop = isCommitted ? extent.lastStableOffset : extent.endOffset
        guard offset < stop else { return nil }
        if offset >= extent.activeBase {
            let relative = UInt32(clamping: offset - extent.activeBase)
            return Window(
                files: SegmentFiles(directory: directory, baseOffset: extent.activeBase),
                file: extent.activeLog, byteCount: extent.activeBytes,
                position: extent.positions.position(of: offset, in: extent.activeBase),
                indexed: extent.activeIndex.position(of: relative), endOffset: extent.endOffset, stop: stop)
        }
        let place = extent.segments.lastIndex { $0.baseOffset <= offset } ?? 0
        let segment = extent.segments[place]
        let isLast = place + 1 == extent.segments.count
        return Window(
            files: SegmentFiles(directory: directory, baseOffset: segment.baseOffset), file: segment.log,
            byteCount: segment.byteCount,
            position: extent.positions.position(of: offset, in: segment.baseOffset),
            endOffset: isLast ? extent.activeBase : extent.segments[place + 1].baseOffset, stop: stop)
    }

    /// Where to begin looking for an offset, by the segment's index.
    func searchPosition(
        _ offset: Int64, _ window: Window, _ file: any LogFile
    ) throws(LogStorageError) -> Int {
        guard offset > window.base else { return 0 }
        let relative = UInt32(clamping: offset - window.base)
        var position = window.indexed
        if position == nil { position = try loadIndex(window.files, of: file).position(of: relative) }
        return try window.files.checkedPosition(
            position ?? 0, of: offset, in: file, limit: window.byteCount)
    }

    /// The index of a closed segment; none if its file has become another meanwhile, as compaction does it.
    func loadIndex(_ files: SegmentFiles, of file: any LogFile) throws(LogStorageError) -> SparseIndex {
        let index = try files.loadIndex(from: disk)
        return extent.withLock { $0.isCurrent(file, from: files.baseOffset) } ? index : SparseIndex()
    }

    func hole(at offset: Int64, in path: String) -> LogStorageError {
        LogStorageError(
            .corrupted, "\(path) lacks the record at offset \(offset), which was durable: it was damaged")
    }
}

extension PartitionLog.Window {
    /// Whether a batch may come next: the first may begin before the offset that is asked for, the others follow
    /// one another.
    func holds(_ header: RecordBatchHeader, next: Int64, isFirst: Bool) -> Bool {
        guard header.nextOffset <= endOffset else { return false }
        return isFirst ? header.baseOffset <= next : header.baseOffset == next
    }
}

/// Tells the batches of aborted transactions; asks for the list only when a transactional batch comes.
private struct AbortedFilter {
    private var ranges: [AbortedRange]?

    mutating func hides(
        _ header: RecordBatchHeader, _ load: () throws -> [AbortedRange]
    ) throws -> Bool {
        guard header.isTransactional, !header.isControl else { return false }
        let ranges = try self.ranges ?? load()
        self.ranges = ranges
        return ranges.contains {
            $0.producerID == header.producerID && $0.firstOffset <= header.baseOffset
                && header.baseOffset <= $0.lastOffset
        }
    }
}

extension RecordBatchHeader {
    func verifyAsLog(
        _ bytes: UnsafeRawBufferPointer, at position: Int = 0, _ files: SegmentFiles
    ) throws(LogStorageError) {
        do throws(KafkaWireError) {
            try verify(bytes, at: position)
        } catch {
            throw LogStorageError(.corrupted, "\(files.log) is damaged: \(error.message)")
        }
    }
}

/// Steps through the batches of one segment file.
struct SegmentCursor: ~Copyable {
    private static let chunkBytes = 1 << 20

    let file: any LogFile
    private(set) var position: Int
    private let limit: Int
    private let path: String
    private var buffer: ReadBuffer
    private var bufferStart: Int

    var isAtEnd: Bool { position == limit }

    init(file: any LogFile, position: Int, limit: Int, path: String) {
        self.file = file
        self.position = position
        self.limit = limit
        self.path = path
        bufferStart = position
        buffer = ReadBuffer(capacity: min(Self.chunkBytes, max(limit - position, RecordBatchHeader.size)))
    }

    struct Batch {
        var header: RecordBatchHeader
        /// Valid until the next call.
        var bytes: UnsafeRawBufferPointer
    }

    mutating func nextBatch() throws -> Batch? {
        guard position < limit else { return nil }
        var header = try? RecordBatchHeader(buffer.bytes, at: min(position - bufferStart, buffer.bytes.count))
        if header == nil || position + (header?.byteCount ?? 0) > bufferStart + buffer.bytes.count {
            if let header, header.byteCount > buffer.capacity {
                guard header.byteCount <= limit - position else { throw damaged }
                buffer.grow(to: header.byteCount)
            }
            try buffer.fill(from: file, at: position, limit: limit - position)
            bufferStart = position
            header = try headerOrDamage()
            if let header, header.byteCount > buffer.bytes.count {
                guard position + header.byteCount <= limit else { throw damaged }
                buffer.grow(to: header.byteCount)
                try buffer.fill(from: file, at: position, limit: header.byteCount)
            }
        }
        guard let header else { return nil }
        let start = position - bufferStart
        guard start + header.byteCount <= buffer.bytes.count else { throw damaged }
        position += header.byteCount
        return Batch(
            header: header,
            bytes: UnsafeRawBufferPointer(rebasing: buffer.bytes[start..<start + header.byteCount]))
    }

    private func headerOrDamage() throws -> RecordBatchHeader {
        do {
            return try RecordBatchHeader(buffer.bytes)
        } catch {
            throw damaged
        }
    }

    private var damaged: LogStorageError {
        LogStorageError(.corrupted, "\(path) is damaged at byte \(position)")
    }
}

extension PartitionLog.Extent {
    /// Whether a file is still the one that holds the records from an offset on.
    func isCurrent(_ file: any LogFile, from base: Int64) -> Bool {
        if base == activeBase { return file === activeLog }
        return segments.last { $0.baseOffset <= base }?.log === file
    }

    /// Takes note of where a read ended, unless the file has become another meanwhile.
    mutating func remember(_ offset: Int64, in window: PartitionLog.Window, at position: Int) {
        guard isCurrent(window.file, from: window.base) else { return }
        positions.remember(offset, in: window.base, at: position)
    }
}
