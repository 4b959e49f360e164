/// The `.txnindex` file of the segment that is being written; there is none before a transaction was aborted.
///
/// Touched by the committer's thread alone. As with the other indexes, an entry is written when its marker is durable.
final class TransactionIndex {
    private let path: String
    private let disk: (any LogDisk)?
    private var file: (any LogFile)?
    private var savedBytes: Int
    private var unsaved: [AbortedRange] = []
    /// A write was begun and not finished.
    private var isTorn = false
    private var isUnsynchronized = false

    /// - Parameter savedBytes: what of the file is to stay; nil if there is none.
    init(path: String, disk: any LogDisk, savedBytes: Int?) throws(LogStorageError) {
        self.path = path
        self.disk = disk
        self.savedBytes = savedBytes ?? 0
        guard let savedBytes else { return }
        guard savedBytes > 0 else {
            try disk.remove(path)
            return
        }
        let file = try disk.open(path, creating: false)
        try file.truncate(to: savedBytes)
        self.file = file
    }

    /// Stands in for the index of a partition whose files are damaged.
    init(refusing error: LogStorageError) {
        path = ""
        disk = nil
        file = RefusingFile(error)
        savedBytes = 0
    }

    func append(_ range: AbortedRange) {
        unsaved.append(range)
    }

    func save() throws(LogStorageError) {
        guard !unsaved.isEmpty else { return }
        if file == nil { file = try disk?.open(path, creating: true) }
        guard let file else { return }
        if isTorn { try file.truncate(to: savedBytes) }
        isTorn = true
        isUnsynchronized = true
        var bytes: [UInt8] = []
        for range in unsaved { range.encode(into: &bytes) }
        try file.append(bytes)
        isTorn = false
        savedBytes += bytes.count
        unsaved = []
    }

    /// Makes all entries durable; the folder has to be synchronized too.
    func synchronize() throws(LogStorageError) {
        try save()
        guard isUnsynchronized else { return }
        try file?.synchronize()
        isUnsynchronized = false
    }
}

extension LogFile {
    /// Writes an array's bytes at the end of the file.
    func append(_ bytes: [UInt8]) throws(LogStorageError) {
        var failure: LogStorageError?
        bytes.withUnsafeBytes { buffer in
            do throws(LogStorageError) { try append(buffer) } catch { failure = error }
        }
        if let failure { throw failure }
    }
}
