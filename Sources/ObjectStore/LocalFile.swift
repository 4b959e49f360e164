#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// An open local file.
final class LocalFile: Sendable {
    let path: String
    private let descriptor: Int32

    /// Bytes that are copied in one go.
    static let pieceBytes = 256 << 10

    /// Opens a file for reading.
    init(reading path: String) throws(ObjectStoreError) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system("open", path) }
    }

    /// Opens a file for writing, empty.
    init(replacing path: String, mode: mode_t = 0o644) throws(ObjectStoreError) {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw .system("open", path) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// The whole content of a file.
    static func content(of path: String) throws(ObjectStoreError) -> [UInt8] {
        let file = try LocalFile(reading: path)
        return try file.read(at: 0, count: Int(clamping: try file.stat().size))
    }

    /// - Throws: also for what is no plain file.
    func stat() throws(ObjectStoreError) -> ObjectStat {
        var status = Glibc.stat()
        guard fstat(descriptor, &status) == 0 else { throw .system("look at", path) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw ObjectStoreError(.unavailable, "\(path) is no file")
        }
        return ObjectStat(status)
    }

    /// As many bytes as there are, up to `count`.
    func read(at offset: Int64, count: Int) throws(ObjectStoreError) -> [UInt8] {
        var number: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let rest = UnsafeMutableRawBufferPointer(
                    rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...])
                let got = pread(descriptor, rest.baseAddress, rest.count, off_t(offset) + off_t(filled))
                if got < 0, errno == EINTR { continue }
                if got < 0 { number = errno }
                guard got > 0 else { return }
                filled += got
            }
        }
        guard number == 0 else {
            errno = number
            throw .system("read", path)
        }
        return bytes
    }

    func write(_ content: some Collection<UInt8>) throws(ObjectStoreError) {
        let isWritten = content.withContiguousStorageIfAvailable { write(UnsafeRawBufferPointer($0)) }
        guard isWritten ?? Array(content).withUnsafeBytes(write) else { throw .system("write", path) }
    }

    private func write(_ content: UnsafeRawBufferPointer) -> Bool {
        var rest = content
        while rest.count > 0 {
            let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
        return true
    }

    /// Makes what was written durable.
    func flush() throws(ObjectStoreError) {
        guard fsync(descriptor) == 0 else { throw .system("flush", path) }
    }
}

/// Small files that only their owner may read.
package enum PrivateFile {
    /// A file's content; nil if there is none.
    package static func read(_ path: String) throws(ObjectStoreError) -> [UInt8]? {
        guard access(path, F_OK) == 0 else { return nil }
        return try LocalFile.content(of: path)
    }

    /// Writes a file whole or not at all, and durably.
    package static func replace(_ path: String, with content: [UInt8]) throws(ObjectStoreError) {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        try LocalFolder.make(folder.isEmpty ? "/" : folder)
        let unfinished = path + ".new"
        unlink(unfinished)
        let file = try LocalFile(replacing: unfinished, mode: 0o600)
        try file.write(content)
        try file.flush()
        guard rename(unfinished, path) == 0 else { throw .system("name", path) }
    }
}

extension ObjectStat {
    init(_ status: stat) {
        let seconds = Int64(status.st_mtim.tv_sec)
        self.init(
            size: Int64(status.st_size),
            modified: seconds &* 1000 &+ Int64(status.st_mtim.tv_nsec) / 1_000_000)
    }
}

extension ObjectStoreError {
    /// The error that `errno` tells of.
    static func system(_ action: String, _ path: String) -> ObjectStoreError {
        let number = errno
        let isFull = number == ENOSPC || number == EDQUOT
        let text = String(cString: strerror(number))
        return ObjectStoreError(
            isFull ? .full : .unavailable,
            isFull
                ? "the disk is full: cannot \(action) \(path): make room"
                : "cannot \(action) \(path): \(text)")
    }
}
