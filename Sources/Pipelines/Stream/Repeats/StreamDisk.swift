#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file that grows at its end.
final class AppendFile {
    private let descriptor: Int32
    private let path: String
    private(set) var size: Int

    init(_ path: String) throws(PipelineError) {
        self.path = path
        descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            size = 0
            throw LocalFiles.failure("write", path)
        }
        var status = stat()
        size = fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    func append(_ bytes: [UInt8]) throws(PipelineError) {
        try LocalFiles.write(bytes, to: descriptor, path)
        size += bytes.count
    }

    func truncate(to size: Int) throws(PipelineError) {
        guard ftruncate(descriptor, off_t(size)) == 0 else { throw LocalFiles.failure("shorten", path) }
        self.size = size
    }

    func flush() { _ = fsync(descriptor) }
}

extension OpenFile {
    /// Exactly so many bytes; nil if there are fewer.
    func bytes(at offset: Int, count: Int) throws(PipelineError) -> [UInt8]? {
        guard offset >= 0, count >= 0, offset <= size, count <= size - offset else { return nil }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 8)
        defer { buffer.deallocate() }
        guard try read(into: buffer, at: offset) == count else { return nil }
        return Array(buffer)
    }
}

extension LocalFiles {
    static func write(_ bytes: [UInt8], to descriptor: Int32, _ path: String) throws(PipelineError) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Self.writeSome(descriptor, buffer, from: done)
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw failure("write", path)
            }
            done += count
        }
    }

    private static func writeSome(
        _ descriptor: Int32, _ buffer: UnsafeRawBufferPointer, from start: Int
    ) -> Int {
        #if canImport(Glibc)
            Glibc.write(descriptor, buffer.baseAddress.map { $0 + start }, buffer.count - start)
        #elseif canImport(Musl)
            Musl.write(descriptor, buffer.baseAddress.map { $0 + start }, buffer.count - start)
        #else
            Darwin.write(descriptor, buffer.baseAddress.map { $0 + start }, buffer.count - start)
        #endif
    }

    /// Puts a file in the place of another, durably: whoever looks sees one of them whole.
    static func replace(_ path: String, with bytes: [UInt8]) throws(PipelineError) {
        let temporary = path + ".new"
        removeFile(temporary)
        do {
            let file = try AppendFile(temporary)
            try file.append(bytes)
            file.flush()
        } catch {
            removeFile(temporary)
            throw error
        }
        guard rename(temporary, path) == 0 else { throw failure("replace", path) }
    }

    /// The whole file; nil if there is none that can be read.
    static func bytes(of path: String) -> [UInt8]? {
        guard let file = try? OpenFile(path) else { return nil }
        return try? file.bytes(at: 0, count: file.size)
    }

    static func removeFile(_ path: String) { unlink(path) }

    /// Makes a folder; the one that holds it must be there.
    static func makeFolder(_ path: String) throws(PipelineError) {
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw failure("make the folder", path) }
    }
}
