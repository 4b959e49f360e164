import KafkaWire

/// The segment that a partition is writing; touched by the committer alone.
final class ActiveSegment {
    let files: SegmentFiles
    let log: any LogFile
    private(set) var byteCount: Int
    private(set) var maxTimestamp: Int64
    /// When the first batch was written, for the segment's age; after a start, what the batch itself says.
    private(set) var firstTimestamp: Int64?
    /// The transactions that were aborted in this segment.
    let transactions: TransactionIndex
    private let indexFile: any LogFile
    private let timeIndexFile: any LogFile
    private let indexInterval: Int
    private var bytesSinceEntry: Int
    private var lastBatch: (entry: SparseIndex.Entry, isIndexed: Bool)?
    /// Entries that are not in the index files yet, and the timestamp that the time index must pass next.
    private var unsaved = SparseIndex()
    private var indexedTimestamp: Int64
    /// Bytes of the two index files that hold whole entries.
    private var savedBytes: (entries: Int, times: Int)
    /// A write to the index files was begun and not finished.
    private var hasTornIndex = false

    /// Takes over a segment that recovery has read.
    init(
        _ files: SegmentFiles, on disk: any LogDisk, recovered: RecoveredSegment, indexInterval: Int,
        savedTransactionBytes: Int? = nil
    ) throws(LogStorageError) {
        self.files = files
        self.indexInterval = indexInterval
        log = try disk.open(files.log, creating: true)
        indexFile = try disk.open(files.index, creating: true)
        timeIndexFile = try disk.open(files.timeIndex, creating: true)
        byteCount = recovered.byteCount
        maxTimestamp = recovered.maxTimestamp
        firstTimestamp = recovered.firstTimestamp
        bytesSinceEntry = recovered.byteCount - Int(recovered.index.entries.last?.position ?? 0)
        indexedTimestamp = recovered.index.times.last?.timestamp ?? .min
        lastBatch = recovered.lastBatch.map { ($0, isIndexed: $0 == recovered.index.entries.last) }
        savedBytes = recovered.index.byteCounts
        transactions = try TransactionIndex(
            path: files.transactionIndex, disk: disk, savedBytes: savedTransactionBytes)
        try cutIndexes()
    }

    /// Stands in for the segment of a partition whose files are damaged: it touches nothing.
    init(_ files: SegmentFiles, refusing error: LogStorageError) {
        self.files = files
        transactions = TransactionIndex(refusing: error)
        let nowhere = RefusingFile(error)
        log = nowhere
        indexFile = nowhere
        timeIndexFile = nowhere
        byteCount = 0
        indexInterval = .max
        maxTimestamp = 0
        indexedTimestamp = .min
        bytesSinceEntry = 0
        savedBytes = (0, 0)
    }

    /// Writes whole batches at the end; they are not yet durable.
    ///
    /// - Throws: when the disk refuses; the segment is cut back to what it was.
    func write(_ batches: UnsafeRawBufferPointer, now: Int64) throws(LogStorageError) {
        // Clients date their records as they like: by such a date a segment might be old from the beginning.
        if byteCount == 0 { firstTimestamp = now }
        do throws(LogStorageError) {
            try log.append(batches)
        } catch {
            try log.truncate(to: byteCount)
            throw error
        }
    }

    /// Takes note of batches that were written and will stay; returns the index entries that they add.
    func accept(_ batches: UnsafeRawBufferPointer) -> SparseIndex {
        var added = SparseIndex()
        var position = 0
        while position < batches.count, let header = try? RecordBatchHeader(batches, at: position) {
            note(header, at: byteCount + position, into: &added)
            position += header.byteCount
        }
        byteCount += batches.count
        unsaved.append(added)
        return added
    }

    /// Undoes `write` for batches that could not be made durable; what was undone does not come back.
    func discard() throws(LogStorageError) {
        try log.truncate(to: byteCount)
        try log.synchronize()
    }

    private func note(_ header: RecordBatchHeader, at position: Int, into added: inout SparseIndex) {
        maxTimestamp = max(maxTimestamp, header.maxTimestamp)
        let entry = SparseIndex.Entry(
            relativeOffset: UInt32(clamping: header.baseOffset - files.baseOffset), position: UInt32(position)
        )
        let isDue = bytesSinceEntry >= indexInterval
        if isDue { add(entry, to: &added) }
        bytesSinceEntry += header.byteCount
        lastBatch = (entry, isDue)
    }

    private func add(_ entry: SparseIndex.Entry, to index: inout SparseIndex) {
        index.append(entry, maxTimestamp: maxTimestamp, ifPast: &indexedTimestamp)
        bytesSinceEntry = 0
    }

    /// Writes the index entries that are still only in memory; to be called when the log is durable up to here.
    func saveIndex() throws(LogStorageError) {
        try transactions.save()
        guard !unsaved.isEmpty else { return }
        // What a write that failed has left behind would put every later entry out of step.
        if hasTornIndex { try cutIndexes() }
        hasTornIndex = true
        try indexFile.append(unsaved.encodedEntries())
        try timeIndexFile.append(unsaved.encodedTimes())
        hasTornIndex = false
        savedBytes.entries += unsaved.byteCounts.entries
        savedBytes.times += unsaved.byteCounts.times
        unsaved = SparseIndex()
    }

    private func cutIndexes() throws(LogStorageError) {
        try indexFile.truncate(to: savedBytes.entries)
        try timeIndexFile.truncate(to: savedBytes.times)
    }

    /// Makes everything durable and lets the indexes end at the last batch, so that the next start need read no more.
    func seal() throws(LogStorageError) {
        try log.synchronize()
        if let lastBatch {
            if !lastBatch.isIndexed {
                add(lastBatch.entry, to: &unsaved)
                self.lastBatch?.isIndexed = true
            } else {
                unsaved.appendTime(lastBatch.entry, maxTimestamp: maxTimestamp, ifPast: &indexedTimestamp)
            }
        }
        try saveIndex()
    }

    /// Makes the indexes of a segment that is closed durable: retention believes its time index.
    func synchronizeIndexes() throws(LogStorageError) {
        try indexFile.synchronize()
        try timeIndexFile.synchronize()
        try transactions.synchronize()
    }
}

/// A file that answers everything with one error.
final class RefusingFile: LogFile {
    private let error: LogStorageError

    init(_ error: LogStorageError) {
        self.error = error
    }

    func size() throws(LogStorageError) -> Int { throw error }
    func append(_ bytes: UnsafeRawBufferPointer) throws(LogStorageError) { throw error }
    func read(into buffer: UnsafeMutableRawBufferPointer, at position: Int) throws(LogStorageError) -> Int {
        throw error
    }
    func truncate(to size: Int) throws(LogStorageError) { throw error }
    func synchronize() throws(LogStorageError) { throw error }
}
