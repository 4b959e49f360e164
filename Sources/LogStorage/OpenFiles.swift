import Synchronization

/// A file system that opens files when they are first used, and keeps only so many open.
///
/// A log of thousands of partitions starts without opening a file of those that are empty, and holds no more of them
/// open than `log.max.open.files`; the one that was not used for longest is closed first, and opened again when it
/// is needed. A file that is to be made is made by the first append, which makes its name durable too.
final class OpenFiles: LogDisk {
    private let disk: any LogDisk
    private let limit: Int
    /// Files with bytes that no flush has covered stay open: an error that the kernel met while writing them is told
    /// to those who have them open.
    private let keepsUnflushed: Bool
    private let open = Mutex<[ObjectIdentifier: LazyFile.Slot]>([:])
    private let uses = Atomic<UInt64>(0)
    let traffic = FileTraffic()

    /// - Parameter keepsUnflushed: false where files may never be flushed.
    init(_ disk: any LogDisk, limit: Int, keepsUnflushed: Bool) {
        self.disk = disk
        self.limit = limit
        self.keepsUnflushed = keepsUnflushed
    }

    /// How many files are open.
    var count: Int { open.withLock { $0.count } }

    // MARK: LogDisk

    func open(_ path: String, creating: Bool) throws(LogStorageError) -> any LogFile {
        LazyFile(path, creating: creating, of: self, on: disk)
    }

    func fileSize(_ path: String) throws(LogStorageError) -> Int? { try disk.fileSize(path) }

    func list(_ path: String) throws(LogStorageError) -> [String] { try disk.list(path) }

    func makeDirectory(_ path: String) throws(LogStorageError) { try disk.makeDirectory(path) }

    func rename(_ path: String, to newPath: String) throws(LogStorageError) {
        try disk.rename(path, to: newPath)
    }

    func remove(_ path: String) throws(LogStorageError) { try disk.remove(path) }

    func synchronizeDirectory(_ path: String) throws(LogStorageError) {
        try disk.synchronizeDirectory(path)
    }

    // MARK: The limit

    fileprivate func nextUse() -> UInt64 { uses.add(1, ordering: .relaxed).newValue }

    /// Takes note of a file that was opened, and closes others if there are too many.
    fileprivate func opened(_ slot: LazyFile.Slot) {
        traffic.opened()
        let excess = open.withLock { open -> [LazyFile.Slot] in
            open[ObjectIdentifier(slot)] = slot
            guard open.count > limit else { return [] }
            // Several at once, so that not every opening has to look through all.
            let closable = open.values.filter { $0 !== slot && !(keepsUnflushed && $0.isUnflushed) }
            let oldest = closable.sorted { $0.lastUse < $1.lastUse }.prefix(open.count - limit + limit / 8)
            for slot in oldest { open[ObjectIdentifier(slot)] = nil }
            return Array(oldest)
        }
        for slot in excess { slot.close() }
    }

    fileprivate func dropped(_ slot: LazyFile.Slot) {
        _ = open.withLock { $0.removeValue(forKey: ObjectIdentifier(slot)) }
    }
}

/// A file that is opened when it is first used, and may be closed meanwhile.
final class LazyFile: LogFile {
    /// What is known of the file now.
    final class Slot: Sendable {
        fileprivate struct State {
            var file: (any LogFile)?
            /// The file may be missing.
            var mayBeMissing: Bool
            /// The file was made, and its name may be lost yet.
            var hasFreshName = false
            /// Stays open, since its name is about to be another file's.
            var isPinned = false
        }

        fileprivate let state: Mutex<State>
        private let use = Atomic<UInt64>(0)
        private let unflushed = Atomic<Bool>(false)

        fileprivate init(mayBeMissing: Bool) {
            state = Mutex(State(mayBeMissing: mayBeMissing))
        }

        fileprivate var lastUse: UInt64 { use.load(ordering: .relaxed) }

        fileprivate func touch(_ number: UInt64) { use.store(number, ordering: .relaxed) }

        fileprivate var isUnflushed: Bool { unflushed.load(ordering: .relaxed) }

        fileprivate func setUnflushed(_ value: Bool) { unflushed.store(value, ordering: .relaxed) }

        /// Whoever is using the file keeps it open until done.
        fileprivate func close() {
            state.withLock { state in
                if !state.isPinned { state.file = nil }
            }
        }
    }

    private let path: String
    private let files: OpenFiles
    private let disk: any LogDisk
    private let slot: Slot

    fileprivate init(_ path: String, creating: Bool, of files: OpenFiles, on disk: any LogDisk) {
        self.path = path
        self.files = files
        self.disk = disk
        slot = Slot(mayBeMissing: creating)
    }

    deinit { files.dropped(slot) }

    /// Opens the file for good, so that it can still be read when its name is gone or another file's.
    func pin() throws(LogStorageError) {
        guard try file(creating: false) != nil else { return }
        slot.state.withLock { $0.isPinned = true }
        // It may have been closed in between.
        _ = try file(creating: false)
    }

    // MARK: LogFile

    func size() throws(LogStorageError) -> Int {
        let (file, mayBeMissing) = slot.state.withLock { ($0.file, $0.mayBeMissing) }
        if let file { return try file.size() }
        if let size = try disk.fileSize(path) { return size }
        guard mayBeMissing else { throw missing }
        return 0
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws(LogStorageError) {
        guard let file = try file(creating: true) else { throw missing }
        slot.setUnflushed(true)
        try file.append(bytes)
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at position: Int) throws(LogStorageError) -> Int {
        let count = try file(creating: false)?.read(into: buffer, at: position) ?? 0
        files.traffic.read(count)
        return count
    }

    func truncate(to size: Int) throws(LogStorageError) {
        // Asks first: at the start most files have their size, or are not there.
        guard try self.size() != size else { return }
        slot.setUnflushed(true)
        try file(creating: true)?.truncate(to: size)
    }

    func synchronize() throws(LogStorageError) {
        try file(creating: false)?.synchronize()
        slot.setUnflushed(false)
    }

    // MARK: Inside

    /// The open file; nil if it is missing and may be.
    private func file(creating: Bool) throws(LogStorageError) -> (any LogFile)? {
        var isFresh = false
        let file = try slot.state.withLock { state throws(LogStorageError) -> (any LogFile)? in
            if state.file == nil {
                let size = state.mayBeMissing ? try disk.fileSize(path) : nil
                guard !state.mayBeMissing || size != nil || creating else { return nil }
                state.file = try disk.open(path, creating: state.mayBeMissing && size == nil)
                // A kill may have come between the making of an empty file and the flush of its folder.
                if state.mayBeMissing, size ?? 0 == 0 { state.hasFreshName = true }
                state.mayBeMissing = false
                isFresh = true
            }
            if creating, state.hasFreshName {
                try disk.synchronizeDirectory(folder)
                state.hasFreshName = false
            }
            return state.file
        }
        slot.touch(files.nextUse())
        if isFresh { files.opened(slot) }
        return file
    }

    private var folder: String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    }

    private var missing: LogStorageError {
        LogStorageError(.inputOutput, "cannot open \(path): there is no such file")
    }
}
