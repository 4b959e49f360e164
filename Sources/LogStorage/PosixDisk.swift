import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The machine's file system.
package struct PosixDisk: LogDisk {
    package init() {}

    package func open(_ path: String, creating: Bool) throws(LogStorageError) -> any LogFile {
        let flags = O_RDWR | O_APPEND | O_CLOEXEC | (creating ? O_CREAT : 0)
        let descriptor = retrying { Glibc.open(path, flags, 0o644) }
        guard descriptor >= 0 else { throw .system("open", path) }
        return PosixFile(descriptor, path)
    }

    package func fileSize(_ path: String) throws(LogStorageError) -> Int? {
        var information = stat()
        guard stat(path, &information) == 0 else {
            guard errno == ENOENT else { throw .system("examine", path) }
            return nil
        }
        return Int(information.st_size)
    }

    package func list(_ path: String) throws(LogStorageError) -> [String] {
        guard let directory = opendir(path) else {
            guard errno == ENOENT else { throw .system("list", path) }
            return []
        }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    package func makeDirectory(_ path: String) throws(LogStorageError) {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            let isFull = (error as? CocoaError)?.code == .fileWriteOutOfSpace
            throw LogStorageError(
                isFull ? .diskFull : .inputOutput,
                "cannot make the folder \(path): \(error.localizedDescription)")
        }
    }

    package func rename(_ path: String, to newPath: String) throws(LogStorageError) {
        guard Glibc.rename(path, newPath) == 0 else { throw .system("rename", path) }
    }

    package func remove(_ path: String) throws(LogStorageError) {
        // Most are files, or not there.
        guard unlink(path) != 0, errno != ENOENT else { return }
        guard errno == EISDIR || errno == EPERM else { throw .system("remove", path) }
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            throw LogStorageError(.inputOutput, "cannot remove \(path): \(error.localizedDescription)")
        }
    }

    package func synchronizeDirectory(_ path: String) throws(LogStorageError) {
        let descriptor = retrying { Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard descriptor >= 0 else { throw .system("open", path) }
        defer { close(descriptor) }
        guard retrying({ fsync(descriptor) }) == 0 else { throw .system("flush", path) }
    }
}

/// A file of the machine's file system; closed when it is let go.
final class PosixFile: LogFile {
    private let descriptor: Int32
    private let path: String

    init(_ descriptor: Int32, _ path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit { close(descriptor) }

    func size() throws(LogStorageError) -> Int {
        var information = stat()
        guard fstat(descriptor, &information) == 0 else { throw .system("examine", path) }
        return Int(information.st_size)
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws(LogStorageError) {
        var rest = bytes
        while let start = rest.baseAddress, rest.count > 0 {
            let written = retrying { write(descriptor, start, rest.count) }
            guard written > 0 else { throw .system("write to", path) }
            rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        }
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at position: Int) throws(LogStorageError) -> Int {
        var filled = 0
        while filled < buffer.count, let start = buffer.baseAddress {
            let count = retrying {
                pread(descriptor, start + filled, buffer.count - filled, off_t(position + filled))
            }
            guard count >= 0 else { throw .system("read", path) }
            guard count > 0 else { break }
            filled += count
        }
        return filled
    }

    func truncate(to size: Int) throws(LogStorageError) {
        guard retrying({ ftruncate(descriptor, off_t(size)) }) == 0 else { throw .system("shorten", path) }
    }

    func synchronize() throws(LogStorageError) {
        guard retrying({ fdatasync(descriptor) }) == 0 else { throw .system("flush", path) }
    }
}

/// Repeats a system call that a signal interrupted.
private func retrying<Result: SignedInteger>(_ call: () -> Result) -> Result {
    while true {
        let result = call()
        if result >= 0 || errno != EINTR { return result }
    }
}

extension LogStorageError {
    /// The error that `errno` tells of.
    fileprivate static func system(_ action: String, _ path: String) -> LogStorageError {
        let number = errno
        let text = String(cString: strerror(number))
        guard number == ENOSPC || number == EDQUOT else {
            return LogStorageError(.inputOutput, "cannot \(action) \(path): \(text)")
        }
        return LogStorageError(
            .diskFull, "the disk is full: cannot \(action) \(path): make room, or lower log.retention.bytes")
    }
}
