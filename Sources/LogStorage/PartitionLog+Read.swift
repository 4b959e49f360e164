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
}

extension PartitionLog {
    var offsetRange: OffsetRange {
        extent.withLock { OffsetRange(start: Offset($0.startOffset), end: Offset($0.endOffset)) }
    }

    var byteCount: Int {
        extent.withLock { $0.activeBytes + $0.segments.reduce(0) { $0 + $1.byteCount } }
    }

    /// The bytes of one segment that may be read.
    private struct Window {
        var base: Int64
        /// The active segment's file; nil for a closed one, which is opened for the read.
        var file: (any LogFile)?
        var byteCount: Int
        /// Where the last read ended, if it is that one that goes on.
        var position: Int?
        /// Where the index says to begin; nil if it is still to be loaded.
        var indexed: Int?
        /// The offset that must follow the segment's last record.
        var endOffset: Int64
    }

    /// Hands out whole batches' records from `offset` on; returns the offset to go on with.
    func read(
        from offset: Int64, maxBytes: Int, _ body: (borrowing RecordView) throws -> Void
    ) throws -> Int64 {
        do {
            return try readRecords(from: offset, maxBytes: maxBytes, body)
        } catch let error as LogStorageError where error.code == .inputOutput {
            throw cause(of: error, at: offset)
        }
    }

    /// What a file that cannot be read comes from: the partition was deleted meanwhile, or this part of it.
    func cause(of error: LogStorageError, at offset: Int64) -> LogStorageError {
        do {
            _ = try window(for: offset)
            return error
        } catch let cause as LogStorageError {
            return cause
        } catch {
            return LogStorageError(.inputOutput, "\(error)")
        }
    }

    private func readRecords(
        from offset: Int64, maxBytes: Int, _ body: (borrowing RecordView) throws -> Void
    ) throws -> Int64 {
        guard let window = try window(for: offset) else { return offset }
        let files = SegmentFiles(directory: directory, baseOffset: window.base)
        let file = try window.file ?? disk.open(files.log, creating: false)
        let start = try window.position ?? searchPosition(offset, window, files, file)
        var cursor = SegmentCursor(file: file, position: start, limit: window.byteCount, path: files.log)
        var next = offset
        var remaining = maxBytes
        while remaining > 0, let batch = try cursor.nextBatch() {
            guard batch.header.nextOffset > offset else { continue }
            // The first batch may begin before the offset that is asked for, the others follow one another.
            let isNext = next == offset ? batch.header.baseOffset <= next : batch.header.baseOffset == next
            guard isNext else { throw hole(at: next, in: files.log) }
            remaining -= batch.header.byteCount
            try batch.header.verifyAsLog(batch.bytes, files)
            try RecordBatchDecoder.forEachRecord(batch.bytes, at: 0, batch.header) { record in
                if record.offset.rawValue >= offset { try body(record) }
            }
            next = batch.header.nextOffset
        }
        if cursor.isAtEnd, next != window.endOffset { throw hole(at: next, in: files.log) }
        extent.withLock { $0.positions.remember(next, in: window.base, at: cursor.position) }
        return next
    }

    /// Nil if there is nothing at `offset` yet.
    private func window(for offset: Int64) throws -> Window? {
        try extent.withLock { extent -> Window? in
            if let damage = extent.damage { throw damage }
            guard offset >= extent.startOffset, offset <= extent.endOffset else {
                throw LogStorageError(
                    .offsetOutOfRange,
                    "\(id) holds offsets \(extent.startOffset) to \(extent.endOffset), not \(offset)")
            }
            guard offset < extent.endOffset else { return nil }
            if offset >= extent.activeBase {
                let relative = UInt32(clamping: offset - extent.activeBase)
                return Window(
                    base: extent.activeBase, file: extent.activeLog, byteCount: extent.activeBytes,
                    position: extent.positions.position(of: offset, in: extent.activeBase),
                    indexed: extent.activeIndex.position(of: relative), endOffset: extent.endOffset)
            }
            let place = extent.segments.lastIndex { $0.baseOffset <= offset } ?? 0
            let segment = extent.segments[place]
            let isLast = place + 1 == extent.segments.count
            return Window(
                base: segment.baseOffset, file: nil, byteCount: segment.byteCount,
                position: extent.positions.position(of: offset, in: segment.baseOffset),
                endOffset: isLast ? extent.activeBase : extent.segments[place + 1].baseOffset)
        }
    }

    /// Where to begin looking for an offset, by the segment's index.
    private func searchPosition(
        _ offset: Int64, _ window: Window, _ files: SegmentFiles, _ file: any LogFile
    ) throws -> Int {
        guard offset > window.base else { return 0 }
        let relative = UInt32(clamping: offset - window.base)
        let position = try window.indexed ?? files.loadIndex(from: disk).position(of: relative)
        guard position > 0 else { return 0 }
        // An index that a power cut has torn may point anywhere: the segment is then read from its beginning.
        var head = ReadBuffer(capacity: RecordBatchHeader.size)
        try head.fill(from: file, at: position)
        guard let header = try? RecordBatchHeader(head.bytes), header.baseOffset <= offset else { return 0 }
        return position
    }

    private func hole(at offset: Int64, in path: String) -> LogStorageError {
        LogStorageError(
            .corrupted, "\(path) lacks the record at offset \(offset), which was durable: it was damaged")
    }
}

extension RecordBatchHeader {
    fileprivate func verifyAsLog(_ bytes: UnsafeRawBufferPointer, _ files: SegmentFiles)
        throws(LogStorageError)
    {
        do throws(KafkaWireError) {
            try verify(bytes)
        } catch {
            throw LogStorageError(.corrupted, "\(files.log) is damaged: \(error.message)")
        }
    }
}

/// Steps through the batches of one segment file.
private struct SegmentCursor: ~Copyable {
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
