import KafkaWire

/// What the start has found out about a partition's producers.
struct RecoveredProducers {
    var table: ProducerTable
    /// Aborted transactions whose markers lie in the last segment.
    var aborted: [AbortedRange] = []
    /// Bytes of the last segment's `.txnindex` that are to stay; nil if there is none.
    var savedIndexBytes: Int?
    /// The snapshots that are there, oldest first.
    var snapshots: [Int64] = []
    /// Bytes of batches behind the newest snapshot.
    var scannedBytes = 0
}

/// Brings back the producers of a partition: the newest whole snapshot, then the heads of the batches behind it.
///
/// A snapshot past the end of the log tells of records that a power cut took, and is removed. Without any, the whole
/// log is stepped through.
struct ProducerRecovery {
    let disk: any LogDisk
    let directory: String
    let limit: Int
    /// Base offsets of all segments, in order.
    let bases: [Int64]
    /// The last segment's size, and the offset of the next record.
    let byteCount: Int
    let nextOffset: Int64

    func recover(names: [String]) throws(LogStorageError) -> RecoveredProducers {
        var result = RecoveredProducers(table: ProducerTable(limit: limit))
        let found = names.compactMap { SegmentFiles.offset(in: $0, suffix: ".snapshot") }.sorted()
        let start = bases.first ?? 0
        let files = SegmentFiles(directory: directory, baseOffset: bases.last ?? 0)
        let hasIndex = names.contains { files.transactionIndex.hasSuffix("/" + $0) }
        if hasIndex { result.savedIndexBytes = 0 }
        guard nextOffset > start || !found.isEmpty else { return result }
        result.snapshots = try removeImpossible(found)
        var from = start
        while let offset = result.snapshots.last {
            if let snapshot = try load(at: offset) {
                result.table = ProducerTable(snapshot.producers, limit: limit)
                from = max(start, offset)
                break
            }
            result.snapshots.removeLast()
        }
        if hasIndex { try loadAborted(files, before: from, into: &result) }
        try scan(from: from, into: &result)
        return result
    }

    private func removeImpossible(_ snapshots: [Int64]) throws(LogStorageError) -> [Int64] {
        let impossible = snapshots.filter { $0 > nextOffset }
        for offset in impossible {
            try disk.remove(ProducerSnapshot.path(in: directory, at: offset))
        }
        if !impossible.isEmpty { try disk.synchronizeDirectory(directory) }
        return snapshots.filter { $0 <= nextOffset }
    }

    /// Nil if the file is torn.
    private func load(at offset: Int64) throws(LogStorageError) -> ProducerSnapshot? {
        let bytes = try disk.contents(of: ProducerSnapshot.path(in: directory, at: offset))
        guard let snapshot = bytes.withUnsafeBytes({ ProducerSnapshot($0) }), snapshot.offset == offset else {
            return nil
        }
        return snapshot
    }

    /// Takes over what the last segment's index says of markers before `offset`; the scan finds the others anew.
    private func loadAborted(
        _ files: SegmentFiles, before offset: Int64, into result: inout RecoveredProducers
    ) throws(LogStorageError) {
        guard offset > files.baseOffset else { return }
        result.aborted = try disk.contents(of: files.transactionIndex)
            .withUnsafeBytes { AbortedRange.decode($0) }.filter { $0.lastOffset < offset }
        result.savedIndexBytes = result.aborted.count * AbortedRange.size
    }

    // MARK: The scan

    private func scan(from offset: Int64, into result: inout RecoveredProducers) throws(LogStorageError) {
        guard offset < nextOffset else { return }
        let first = bases.lastIndex { $0 <= offset } ?? 0
        for (place, base) in bases.enumerated().dropFirst(first) {
            let isLast = place + 1 == bases.count
            let files = SegmentFiles(directory: directory, baseOffset: base)
            let file = try disk.open(files.log, creating: false)
            let size = isLast ? byteCount : try file.size()
            let start = offset > base ? try position(of: offset, files, file, size: size) : 0
            var cursor = HeaderCursor(file: file, position: start, limit: size, path: files.log)
            result.scannedBytes += size - start
            while let header = try cursor.next() {
                guard header.baseOffset >= offset, header.producerID >= 0 else { continue }
                guard let change = try change(header, &cursor) else { continue }
                guard let range = result.table.apply(change), isLast else { continue }
                result.aborted.append(range)
            }
        }
    }

    private func change(
        _ header: RecordBatchHeader, _ cursor: inout HeaderCursor
    ) throws(LogStorageError) -> ProducerChange? {
        guard header.isControl else {
            return ProducerBatch(header, baseOffset: header.baseOffset, arrival: nil).map { .batch($0) }
        }
        guard let batch = try cursor.controlBatch(header) else { return nil }
        return .marker(TransactionMarker(batch), offset: header.baseOffset, arrival: nil)
    }

    private func position(
        of offset: Int64, _ files: SegmentFiles, _ file: any LogFile, size: Int
    ) throws(LogStorageError) -> Int {
        let relative = UInt32(clamping: offset - files.baseOffset)
        let position = try files.loadIndex(from: disk).position(of: relative)
        return try files.checkedPosition(position, of: offset, in: file, limit: size)
    }
}

extension TransactionMarker {
    init(_ batch: ControlBatch) {
        self.init(
            producerID: batch.producerID, producerEpoch: batch.producerEpoch, isCommit: batch.isCommit,
            coordinatorEpoch: batch.coordinatorEpoch)
    }
}
