/// The files of a segment that compaction is writing.
struct CleanedFiles {
    static let suffix = ".cleaned"

    var segment: SegmentFiles

    var baseOffset: Int64 { segment.baseOffset }
    var log: String { segment.log + Self.suffix }
    var index: String { segment.index + Self.suffix }
    var timeIndex: String { segment.timeIndex + Self.suffix }

    func remove(from disk: any LogDisk) throws(LogStorageError) {
        try disk.remove(log)
        try disk.remove(index)
        try disk.remove(timeIndex)
    }
}

/// Puts a compacted segment in the place of those that it was made from.
///
/// 1. The files are there as `.cleaned`, and durable.
/// 2. The log is renamed to `<base offset>-<end offset>.log.swap`, durably: from here on it counts.
/// 3. The files of the old segments between these offsets go, durably.
/// 4. The log gets the name of the first, then the indexes theirs.
///
/// A start that finds a `.swap` goes on from step 3; what is left under `.cleaned` is removed. Indexes that were lost
/// so are made again from the log.
struct SegmentSwap {
    private static let suffix = ".log.swap"

    var directory: String
    var baseOffset: Int64
    /// One past the last offset that the segment covers.
    var endOffset: Int64

    private var files: SegmentFiles { SegmentFiles(directory: directory, baseOffset: baseOffset) }
    private var cleaned: CleanedFiles { CleanedFiles(segment: files) }

    private var path: String {
        "\(directory)/\(SegmentFiles.digits(baseOffset))-\(SegmentFiles.digits(endOffset))\(Self.suffix)"
    }

    init(directory: String, baseOffset: Int64, endOffset: Int64) {
        self.directory = directory
        self.baseOffset = baseOffset
        self.endOffset = endOffset
    }

    /// Reads the name of a `.swap` file; nil if it is another.
    init?(directory: String, name: String) {
        guard name.hasSuffix(Self.suffix) else { return nil }
        let parts = name.dropLast(Self.suffix.count).split(separator: "-")
        guard parts.count == 2, let base = Int64(parts[0]), let end = Int64(parts[1]), base >= 0, base < end
        else { return nil }
        self.init(directory: directory, baseOffset: base, endOffset: end)
    }

    /// Step 2.
    func begin(on disk: any LogDisk) throws(LogStorageError) {
        try disk.rename(cleaned.log, to: path)
        try disk.synchronizeDirectory(directory)
    }

    /// Steps 3 and 4.
    func finish(on disk: any LogDisk) throws(LogStorageError) {
        let names = try disk.list(directory)
        for base in names.compactMap(SegmentFiles.baseOffset(ofLogNamed:)).sorted()
        where base > baseOffset && base < endOffset {
            try SegmentFiles(directory: directory, baseOffset: base).remove(from: disk)
        }
        // The old log keeps its name until the new one takes it: there is a segment of this offset at any time.
        for index in [files.index, files.timeIndex, files.transactionIndex] { try disk.remove(index) }
        try disk.synchronizeDirectory(directory)
        try disk.rename(path, to: files.log)
        try disk.synchronizeDirectory(directory)
        for (name, path, cleaned) in [
            ("index", files.index, cleaned.index), ("timeindex", files.timeIndex, cleaned.timeIndex),
        ] where names.contains("\(SegmentFiles.digits(baseOffset)).\(name)\(CleanedFiles.suffix)") {
            try disk.rename(cleaned, to: path)
        }
    }

    /// Finishes or undoes what a start finds of compaction.
    ///
    /// - Returns: whether there was anything.
    static func recover(
        _ directory: String, names: [String], on disk: any LogDisk
    ) throws(LogStorageError) -> Bool {
        let swaps = names.compactMap { SegmentSwap(directory: directory, name: $0) }
        for swap in swaps { try swap.finish(on: disk) }
        let leftovers = names.filter { $0.hasSuffix(CleanedFiles.suffix) }
        for name in leftovers { try disk.remove("\(directory)/\(name)") }
        return !swaps.isEmpty || !leftovers.isEmpty
    }
}
