#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The calls by which spool files are made, read and deleted; all of them block.
enum SpoolDisk {
    static func makeFolder(_ path: String) throws(SpoolError) {
        var made = ""
        for part in path.split(separator: "/", omittingEmptySubsequences: false) {
            made +=
                made.isEmpty && part.isEmpty ? "/" : made.hasSuffix("/") || made.isEmpty ? part : "/" + part
            guard mkdir(made, 0o755) == 0 || errno == EEXIST || access(made, F_OK) == 0 else {
                throw .system("make the folder", made)
            }
        }
    }

    /// The names in a folder; none if it is not there.
    static func names(in path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    static func openForAppending(_ path: String) throws(SpoolError) -> Int32 {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .system("open", path) }
        return descriptor
    }

    static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, _ path: String)
        throws(SpoolError)
    {
        var rest = bytes
        while !rest.isEmpty {
            let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .system("write", path) }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    static func close(_ descriptor: Int32) { _ = Glibc.close(descriptor) }

    /// Deletes a file; one that is gone is fine.
    static func delete(_ path: String) { unlink(path) }

    static func deleteFolder(_ path: String) { rmdir(path) }

    /// Makes the content of a file durable.
    static func flush(_ path: String) throws(SpoolError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system("open", path) }
        defer { _ = Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .system("flush", path) }
    }

    /// Hands out the content of a file piece by piece.
    static func read(
        _ path: String, _ body: (UnsafeRawBufferPointer) throws(SpoolError) -> Void
    ) throws(SpoolError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system("open", path) }
        defer { _ = Glibc.close(descriptor) }
        var piece = [UInt8](repeating: 0, count: pieceBytes)
        while true {
            let count = piece.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .system("read", path) }
            guard count > 0 else { return }
            let result: Result<Void, SpoolError> = piece.withUnsafeBytes { bytes in
                Result { () throws(SpoolError) in
                    try body(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
                }
            }
            try result.get()
        }
    }

    private static let pieceBytes = 256 << 10
}

/// Why the spool could not be used.
struct SpoolError: Error, CustomStringConvertible {
    var description: String

    static func system(_ action: String, _ path: String) -> SpoolError {
        let number = errno
        let text = String(cString: strerror(number))
        let isFull = number == ENOSPC || number == EDQUOT
        return SpoolError(
            description: "cannot \(action) \(path): \(text)" + (isFull ? ": make room on the disk" : ""))
    }
}
