import KafkaWire
import NIOCore
import StreamModel

/// Decides what compaction leaves of each batch, and writes it.
///
/// As Apache Kafka's LogCleaner: of each key the newest record stays; a tombstone stays until the delete horizon that
/// its batch got when it was compacted first; records without a key and those of aborted transactions go.
struct CompactionFilter: ~Copyable {
    /// What is left of a batch.
    enum Outcome: Equatable {
        /// It stays as it is.
        case whole
        /// It was written anew, with fewer records or with a delete horizon.
        case rewritten(removed: Int)
        /// Nothing: only its offsets are to be kept.
        case nothing(removed: Int)
    }

    private let keys: KeyOffsets
    /// Aborted transactions that have records in what is compacted.
    private let aborted: [Int64: [AbortedRange]]
    /// The last batch of each producer in the part that was not compacted before.
    private let lastBatches: [Int64: Int64]
    private let logStart: Int64
    private let now: Int64
    private let settings: LogSettings
    private let decompressor = Decompressor()
    /// Producers that have records left since their last marker.
    private var producersWithRecords: Set<Int64> = []

    init(
        _ found: consuming DirtyKeys, aborted: [AbortedRange], logStart: Int64, now: Int64,
        settings: LogSettings
    ) {
        lastBatches = found.lastBatches
        keys = found.takeKeys()
        self.aborted = Dictionary(grouping: aborted, by: \.producerID)
        self.logStart = logStart
        self.now = now
        self.settings = settings
    }

    /// - Parameter target: gets the batch if it was written anew.
    mutating func apply(
        to batch: SegmentCursor.Batch, writingTo target: inout ByteBuffer
    ) throws -> Outcome {
        let header = batch.header
        if header.isControl { return marker(header) }
        if header.recordCount == 0 { return keepsEmpty(header) ? .whole : .nothing(removed: 0) }
        let isAborted = aborted.hides(header)
        var kept = 0
        var hasTombstone = false
        if !isAborted {
            try RecordBatchDecoder.forEachRecord(batch.bytes, at: 0, header, using: decompressor) { record in
                guard keeps(record, of: header) else { return }
                kept += 1
                if record.value == nil { hasTombstone = true }
            }
        }
        let removed = Int(header.recordCount) - kept
        if kept == 0, !keepsEmpty(header) { return .nothing(removed: removed) }
        if header.isTransactional { producersWithRecords.insert(header.producerID) }
        let horizon = hasTombstone && header.deleteHorizon == nil ? deleteHorizon : nil
        if removed == 0, horizon == nil { return .whole }
        try RecordBatchRewriter.rewrite(
            batch.bytes, at: 0, header, deleteHorizon: horizon, using: decompressor, to: &target
        ) { !isAborted && keeps($0, of: header) }
        return .rewritten(removed: removed)
    }

    private var deleteHorizon: Int64 {
        let (sum, overflow) = now.addingReportingOverflow(settings.deleteRetentionMilliseconds)
        return overflow ? .max : sum
    }

    private func keeps(_ record: borrowing RecordView, of header: RecordBatchHeader) -> Bool {
        guard let key = record.key, record.offset.rawValue >= logStart else { return false }
        if let newest = keys.offset(of: key), newest > record.offset.rawValue { return false }
        guard record.value == nil, let horizon = header.deleteHorizon else { return true }
        return now < horizon
    }

    /// The last batch of a producer tells its sequence numbers to a start that finds no snapshot.
    private func keepsEmpty(_ header: RecordBatchHeader) -> Bool {
        guard header.producerID >= 0 else { return false }
        let isLast = lastBatches[header.producerID].map { $0 == header.baseOffset } ?? true
        return isLast && !isOld(header, after: settings.producerExpirationMilliseconds)
    }

    /// The end of a transaction stays while records of it do, and as long as a tombstone would.
    private mutating func marker(_ header: RecordBatchHeader) -> Outcome {
        let hasRecords = producersWithRecords.remove(header.producerID) != nil
        guard !hasRecords, isOld(header, after: settings.deleteRetentionMilliseconds) else { return .whole }
        return .nothing(removed: 0)
    }

    private func isOld(_ header: RecordBatchHeader, after milliseconds: Int64) -> Bool {
        header.maxTimestamp < now - min(now, milliseconds)
    }
}

/// What the part of a partition holds that was not compacted yet.
struct DirtyKeys: ~Copyable {
    private var keys: KeyOffsets
    /// Where each producer's last batch begins.
    private(set) var lastBatches: [Int64: Int64] = [:]
    /// One past the last offset that was looked at: less than was wanted if there was no room for more keys.
    private(set) var end: Int64
    private let decompressor = Decompressor()

    init(from start: Int64, to end: Int64, maxBytes: Int) {
        keys = KeyOffsets(maxBytes: maxBytes, keyCount: Int(clamping: end - start))
        self.end = start
    }

    consuming func takeKeys() -> KeyOffsets { keys }

    /// Takes note of a batch's keys.
    ///
    /// - Returns: false if there was no room for all of them.
    mutating func note(_ batch: SegmentCursor.Batch, isAborted: Bool) throws -> Bool {
        let header = batch.header
        if header.producerID >= 0, !header.isControl { lastBatches[header.producerID] = header.baseOffset }
        guard !header.isControl, !isAborted else {
            end = header.nextOffset
            return true
        }
        var isFull = false
        try RecordBatchDecoder.forEachRecord(batch.bytes, at: 0, header, using: decompressor) { record in
            guard !isFull, record.offset.rawValue >= end else { return }
            if let key = record.key, !keys.note(key, at: record.offset.rawValue) {
                isFull = true
            } else {
                end = record.offset.rawValue + 1
            }
        }
        if !isFull { end = header.nextOffset }
        return !isFull
    }
}

extension [Int64: [AbortedRange]] {
    /// Whether a batch belongs to a transaction that was aborted.
    func hides(_ header: RecordBatchHeader) -> Bool {
        guard header.isTransactional, !header.isControl else { return false }
        return self[header.producerID]?.contains {
            $0.firstOffset <= header.baseOffset && header.baseOffset <= $0.lastOffset
        } ?? false
    }
}
