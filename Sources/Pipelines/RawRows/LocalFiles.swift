#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The files of this machine, as far as pipelines read them.
package enum LocalFiles {
    /// The largest file that is read whole.
    private static let maxTextBytes = 16 << 20

    package static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    static func isFile(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// A whole file as text.
    static func text(of path: String) throws(PipelineError) -> String {
        let file = try OpenFile(path)
        guard file.size <= maxTextBytes else {
            throw PipelineError(.invalidFile, "\(path) is larger than \(maxTextBytes >> 20) MiB.")
        }
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: file.size, alignment: 1)
        defer { bytes.deallocate() }
        let count = try file.read(into: bytes, at: 0)
        guard let text = String(validating: bytes.prefix(count), as: UTF8.self) else {
            throw PipelineError(.invalidFile, "\(path) is not UTF-8.")
        }
        return text
    }

    /// The names in a folder, sorted.
    package static func names(
        in path: String, withHidden: Bool = false
    ) throws(PipelineError) -> [String] {
        guard let folder = opendir(path) else { throw failure("open the folder", path) }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
            }
            if withHidden ? name != "." && name != ".." : !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    /// What lies at a path, symbolic links followed; nil if it is gone.
    static func kind(of path: String) -> (isFolder: Bool, size: Int)? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return (status.st_mode & S_IFMT == S_IFDIR, Int(status.st_size))
    }

    /// Makes a folder of its own below the system's folder for temporary files.
    package static func makeTemporaryFolder() throws(PipelineError) -> String {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array((parent + "/pinline-XXXXXX").utf8CString)
        guard let path = mkdtemp(&template) else { throw failure("make a folder in", parent) }
        return String(cString: path)
    }

    /// Removes a folder and all in it.
    package static func removeFolder(_ path: String) {
        for name in (try? names(in: path, withHidden: true)) ?? [] {
            let child = path + "/" + name
            if isFolder(child) { removeFolder(child) } else { unlink(child) }
        }
        rmdir(path)
    }

    static func failure(_ action: String, _ path: String) -> PipelineError {
        let reason = String(cString: strerror(errno))
        return PipelineError(
            errno == ENOENT ? .missing : .inputOutput, "Cannot \(action) \(path): \(reason).")
    }
}

/// A file that is open for reading.
struct OpenFile: ~Copyable {
    private let descriptor: Int32
    private let path: String
    let size: Int

    init(_ path: String) throws(PipelineError) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        self.path = path
        guard descriptor >= 0 else { throw LocalFiles.failure("open", path) }
        var status = stat()
        size = fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Reads until the buffer is full or the file ends; returns how much.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(PipelineError) -> Int {
        var done = 0
        while done < buffer.count {
            let count = pread(
                descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done, off_t(offset + done))
            if count < 0 {
                if errno == EINTR { continue }
                throw LocalFiles.failure("read", path)
            }
            if count == 0 { break }
            done += count
        }
        return done
    }
}
