import CFileSystem
import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Objects as files below a folder.
///
/// An object is written under a name `.<16 digits>.partial`, flushed, renamed, and its folder flushed; so a
/// crash leaves a whole object or none. The work is done on a thread of its own, not on those of tasks.
package final class DirectoryStore: ObjectStore {
    let root: String
    private let thread = BackgroundThread(name: "directory-store", niceness: 19)

    /// - Parameter root: the folder; made when the first object is put.
    package init(root: String) {
        self.root = root
    }

    package func put(
        _ content: [UInt8], as key: ObjectKey, options: PutOptions
    ) async throws(ObjectStoreError) -> PutOutcome {
        try await thread.store { [root] () throws(ObjectStoreError) in
            try Self.publish(key, root, options) { unfinished throws(ObjectStoreError) in
                try Self.writeAndFlush(content, unfinished)
            }
        }
    }

    package func put(
        file source: String, as key: ObjectKey, options: PutOptions
    ) async throws(ObjectStoreError) -> PutOutcome {
        try await thread.store { [root] () throws(ObjectStoreError) in
            let file = try LocalFile(reading: source)
            let size = try file.stat().size
            try file.flush()
            return try Self.publish(key, root, options) { unfinished throws(ObjectStoreError) in
                // Another name for the same bytes, where both lie on one file system.
                guard link(source, unfinished) != 0 else { return }
                try Self.copy(file, size, unfinished)
            }
        }
    }

    package func get(_ key: ObjectKey, range: Range<Int64>?) async throws(ObjectStoreError) -> [UInt8]? {
        try await thread.store { [root] () throws(ObjectStoreError) in
            guard let (file, stat) = try Self.open(key, root) else { return nil }
            let part = (range ?? 0..<stat.size).within(stat.size)
            return try file.read(at: Int64(part.lowerBound), count: part.count)
        }
    }

    package func get(_ key: ObjectKey, into path: String) async throws(ObjectStoreError) -> ObjectStat? {
        try await thread.store { [root] () throws(ObjectStoreError) in
            guard let (file, stat) = try Self.open(key, root) else { return nil }
            try Self.copy(file, stat.size, path)
            return stat
        }
    }

    package func stat(_ key: ObjectKey) async throws(ObjectStoreError) -> ObjectStat? {
        try await thread.store { [root] () throws(ObjectStoreError) in Self.stat("\(root)/\(key)") }
    }

    package func list(
        prefix: String, after: ObjectKey?, limit: Int
    ) async throws(ObjectStoreError) -> [ListedObject] {
        try await thread.store { [root] () throws(ObjectStoreError) in
            let folder = prefix.lastIndex(of: "/").map { String(prefix[...$0]) } ?? ""
            var keys: [ObjectKey] = []
            FolderWalk(root: root, prefix: prefix, after: after).collect(below: folder, into: &keys)
            var found: [ListedObject] = []
            for key in keys.sorted() where found.count < limit {
                guard let stat = Self.stat("\(root)/\(key)") else { continue }
                found.append(ListedObject(key: key, stat: stat))
            }
            return found
        }
    }

    package func delete(_ key: ObjectKey) async throws(ObjectStoreError) {
        try await thread.store { [root] () throws(ObjectStoreError) in
            let path = "\(root)/\(key)"
            // A folder, and a path below an object, are no objects.
            guard unlink(path) == 0 || [ENOENT, EISDIR, ENOTDIR].contains(errno) else {
                throw .system("delete", path)
            }
        }
    }

    // MARK: Files

    /// Nil for what is no plain file, and for what is gone.
    private static func stat(_ path: String) -> ObjectStat? {
        var status = Glibc.stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return ObjectStat(status)
    }

    private static func open(
        _ key: ObjectKey, _ root: String
    ) throws(ObjectStoreError) -> (LocalFile, ObjectStat)? {
        let path = "\(root)/\(key)"
        guard stat(path) != nil else { return nil }
        let file = try LocalFile(reading: path)
        return (file, try file.stat())
    }

    private static func copy(_ file: LocalFile, _ size: Int64, _ path: String) throws(ObjectStoreError) {
        let copy = try LocalFile(replacing: path)
        var offset: Int64 = 0
        while offset < size {
            let piece = try file.read(at: offset, count: Int(min(size - offset, Int64(LocalFile.pieceBytes))))
            guard !piece.isEmpty else {
                throw ObjectStoreError(.unavailable, "\(file.path) became shorter while it was read")
            }
            try copy.write(piece)
            offset += Int64(piece.count)
        }
        try copy.flush()
    }

    /// - Parameter make: makes the object's file, whole and flushed, under a name that no reader looks at.
    private static func publish(
        _ key: ObjectKey, _ root: String, _ options: PutOptions,
        _ make: (String) throws(ObjectStoreError) -> Void
    ) throws(ObjectStoreError) -> PutOutcome {
        let path = "\(root)/\(key)"
        let slash = path.lastIndex(of: "/") ?? path.startIndex
        let folder = String(path[..<slash])
        let unfinished = "\(folder)/\(unfinishedName(of: path))"
        try makeFolder(folder, below: root)
        // What a crash has left may be another name of a whole object, and must not be written to.
        unlink(unfinished)
        try make(unfinished)
        // A link, unlike a rename, fails if the name is taken.
        let published = options.ifAbsent ? link(unfinished, path) : rename(unfinished, path)
        let number = errno
        // After a link the unfinished name is left over; after a rename it is gone.
        unlink(unfinished)
        if published != 0, options.ifAbsent, number == EEXIST { return .exists }
        errno = number
        guard published == 0 else { throw .system("name", path) }
        try flushFolder(folder)
        return .stored
    }

    /// The name an object is written under: short, since file systems take 255 bytes.
    ///
    /// It is the same each time, so that what a crash has left is written over.
    static func unfinishedName(of path: String) -> String {
        // FNV-1a, 64 bits.
        let hash = path.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        let digits = String(hash, radix: 16)
        return "." + String(repeating: "0", count: 16 - digits.count) + digits + ObjectKey.unfinishedSuffix
    }

    private static func makeFolder(_ folder: String, below root: String) throws(ObjectStoreError) {
        guard access(folder, F_OK) != 0 else { return }
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw ObjectStoreError(
                .unavailable, "cannot make the folder \(folder): \(error.localizedDescription)")
        }
        // Each new folder's name is durable only when the folder above is flushed.
        var above = folder
        while above.count >= root.count, let slash = above.lastIndex(of: "/") {
            above = String(above[..<slash])
            try flushFolder(above)
        }
    }

    private static func writeAndFlush(_ content: [UInt8], _ path: String) throws(ObjectStoreError) {
        let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .system("open", path) }
        defer { close(descriptor) }
        let isWritten = content.withUnsafeBytes { write($0, to: descriptor) } && fsync(descriptor) == 0
        guard isWritten else {
            let number = errno
            unlink(path)
            errno = number
            throw .system("write", path)
        }
    }

    /// Most bytes that are handed to the disk in one go.
    ///
    /// A flush of another file, such as the log's before an acknowledgement, waits behind what was handed in before.
    private static let pieceBytes = 256 << 10

    /// Writes piece by piece, and waits for the disk to have taken each, so that the final flush finds little to do.
    ///
    /// A flush after each would do as well, but each makes the file system write its journal too.
    private static func write(_ content: UnsafeRawBufferPointer, to descriptor: Int32) -> Bool {
        var rest = content
        while let start = rest.baseAddress, rest.count > 0 {
            let count = Glibc.write(descriptor, start, min(rest.count, pieceBytes))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            guard rest.count == 0 || handOver(descriptor, at: content.count - rest.count - count, count)
            else { return false }
        }
        return true
    }

    /// Waits until the disk has taken a piece of the file, which says nothing of its being durable yet.
    private static func handOver(_ descriptor: Int32, at position: Int, _ count: Int) -> Bool {
        let number = pinline_hand_over_range(descriptor, Int64(position), Int64(count))
        errno = number
        return number == 0
    }

    private static func flushFolder(_ folder: String) throws(ObjectStoreError) {
        let descriptor = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system("open", folder) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .system("flush", folder) }
    }
}
