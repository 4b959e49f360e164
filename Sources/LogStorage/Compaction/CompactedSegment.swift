import KafkaWire
import NIOCore

/// A segment that compaction is writing, with its indexes, under names that end in `.cleaned`.
///
/// Offsets that are left out are covered by batches without records, so that each batch still begins at the offset
/// after the one before: what is missing by damage can be told from what compaction took.
struct CompactedSegment: ~Copyable {
    private static let chunkBytes = 1 << 20

    private let files: CleanedFiles
    private let file: any LogFile
    private let disk: any LogDisk
    private let indexInterval: Int
    private var buffer = ByteBuffer()
    private var writtenBytes = 0
    private var index = SparseIndex()
    private var indexedTimestamp = Int64.min
    private var bytesSinceEntry = 0
    private var lastBatch: SparseIndex.Entry?
    private(set) var maxTimestamp = Int64.min
    /// Where offsets begin that were left out and are not covered yet.
    private var gapStart: Int64?

    var byteCount: Int { writtenBytes + buffer.readableBytes }

    init(_ files: CleanedFiles, on disk: any LogDisk, indexInterval: Int) throws(LogStorageError) {
        self.files = files
        self.disk = disk
        self.indexInterval = indexInterval
        try files.remove(from: disk)
        file = try disk.open(files.log, creating: true)
    }

    /// Leaves the offsets of a batch out.
    mutating func skip(_ header: RecordBatchHeader) {
        if gapStart == nil { gapStart = header.baseOffset }
    }

    /// Adds a batch.
    mutating func append(_ bytes: UnsafeRawBufferPointer) throws {
        let header = try RecordBatchHeader(bytes)
        try closeGap(before: header.baseOffset)
        try add(header, bytes)
    }

    private mutating func add(_ header: RecordBatchHeader, _ bytes: UnsafeRawBufferPointer)
        throws(LogStorageError)
    {
        let entry = SparseIndex.Entry(
            relativeOffset: UInt32(clamping: header.baseOffset - files.baseOffset),
            position: UInt32(clamping: byteCount))
        maxTimestamp = max(maxTimestamp, header.maxTimestamp)
        if bytesSinceEntry >= indexInterval {
            index.append(entry, maxTimestamp: maxTimestamp, ifPast: &indexedTimestamp)
            bytesSinceEntry = 0
            lastBatch = nil
        } else {
            lastBatch = entry
        }
        bytesSinceEntry += bytes.count
        buffer.writeBytes(bytes)
        if buffer.readableBytes >= Self.chunkBytes { try flush() }
    }

    private mutating func closeGap(before end: Int64) throws {
        guard var start = gapStart else { return }
        gapStart = nil
        while start < end {
            let count = min(end - start, Int64(Int32.max))
            let filler = RecordBatchHeader.empty(baseOffset: start, offsetCount: count)
            try filler.withUnsafeBytes { bytes in try add(RecordBatchHeader(bytes), bytes) }
            start += count
        }
    }

    private mutating func flush() throws(LogStorageError) {
        guard buffer.readableBytes > 0 else { return }
        try file.append(Array(buffer.readableBytesView))
        writtenBytes += buffer.readableBytes
        buffer.clear()
    }

    /// Writes the rest and makes all files durable.
    ///
    /// - Parameter end: the offset that follows the segment.
    mutating func finish(at end: Int64) throws {
        try closeGap(before: end)
        try flush()
        // As in a segment that was closed, the indexes end at the last batch.
        if let lastBatch {
            index.append(lastBatch, maxTimestamp: maxTimestamp, ifPast: &indexedTimestamp)
        } else if let entry = index.entries.last {
            index.appendTime(entry, maxTimestamp: maxTimestamp, ifPast: &indexedTimestamp)
        }
        try file.synchronize()
        try disk.write(index.encodedEntries(), to: files.index)
        try disk.write(index.encodedTimes(), to: files.timeIndex)
    }
}

extension LogDisk {
    /// Makes a file; durable on return.
    fileprivate func write(_ bytes: [UInt8], to path: String) throws(LogStorageError) {
        let file = try open(path, creating: true)
        try file.append(bytes)
        try file.synchronize()
    }
}

extension RecordBatchHeader {
    /// A batch without records and without a time, which stands for offsets that are gone.
    static func empty(baseOffset: Int64, offsetCount: Int64) -> [UInt8] {
        var batch = ByteBuffer()
        batch.writeInteger(baseOffset)
        batch.writeInteger(Int32(size - lengthPrefix))
        batch.writeInteger(Int32(0))
        batch.writeInteger(Int8(2))
        batch.writeInteger(UInt32(0))
        batch.writeInteger(Int16(0))
        batch.writeInteger(Int32(clamping: offsetCount - 1))
        for _ in 0..<2 { batch.writeInteger(Int64(-1)) }
        batch.writeInteger(Int64(-1))
        batch.writeInteger(Int16(-1))
        batch.writeInteger(Int32(-1))
        batch.writeInteger(Int32(0))
        let checksum = batch.readableBytesView[21...].withUnsafeBytes { Checksum.crc32c($0) }
        batch.setInteger(checksum, at: 17)
        return Array(batch.readableBytesView)
    }
}
