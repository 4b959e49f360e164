import KafkaWire

/// The files of a segment: `<20-digit base offset>.log`, `.index`, `.timeindex` and perhaps `.txnindex`.
struct SegmentFiles: Sendable, Equatable {
    var directory: String
    var baseOffset: Int64

    var log: String { path("log") }
    var index: String { path("index") }
    var timeIndex: String { path("timeindex") }
    /// The transactions that were aborted in the segment; there is none if none was.
    var transactionIndex: String { path("txnindex") }
    /// The producers as of the base offset; not the segment's own, but named alike.
    var snapshot: String { path("snapshot") }

    private func path(_ suffix: String) -> String {
        "\(directory)/\(Self.digits(baseOffset)).\(suffix)"
    }

    /// An offset as it stands in names of files.
    static func digits(_ offset: Int64) -> String {
        let digits = String(offset)
        return String(repeating: "0", count: max(0, 20 - digits.count)) + digits
    }

    /// The base offset in the name of a `.log` file; nil for any other name.
    static func baseOffset(ofLogNamed name: String) -> Int64? {
        offset(in: name, suffix: ".log")
    }

    /// The offset in the name of a file with this suffix; nil for any other name.
    static func offset(in name: String, suffix: String) -> Int64? {
        guard name.hasSuffix(suffix), name.utf8.count == 20 + suffix.utf8.count else { return nil }
        let digits = name.dropLast(suffix.count)
        guard digits.utf8.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }) else {
            return nil
        }
        return Int64(digits)
    }

    func remove(from disk: any LogDisk) throws(LogStorageError) {
        // The log goes first: an index without a log is ignored, a log without an index is read whole.
        try disk.remove(log)
        try disk.remove(index)
        try disk.remove(timeIndex)
        try disk.remove(transactionIndex)
    }

    func loadIndex(from disk: any LogDisk) throws(LogStorageError) -> SparseIndex {
        let entries = try contents(of: index, on: disk).withUnsafeBytes { SparseIndex.decodeEntries($0) }
        let times = try contents(of: timeIndex, on: disk).withUnsafeBytes { SparseIndex.decodeTimes($0) }
        return SparseIndex(entries: entries, times: times)
    }

    /// A place at which to begin looking for an offset: the one the index gives if a fitting batch begins there.
    ///
    /// An index that a power cut has torn may point anywhere: the segment is then read from its beginning.
    func checkedPosition(
        _ position: Int, of offset: Int64, in file: any LogFile, limit: Int
    ) throws(LogStorageError) -> Int {
        guard position > 0, position < limit else { return 0 }
        var head = ReadBuffer(capacity: RecordBatchHeader.size)
        try head.fill(from: file, at: position)
        guard let header = try? RecordBatchHeader(head.bytes), header.baseOffset <= offset else { return 0 }
        return position
    }

    private func contents(of path: String, on disk: any LogDisk) throws(LogStorageError) -> [UInt8] {
        try disk.fileSize(path) == nil ? [] : disk.contents(of: path)
    }
}
