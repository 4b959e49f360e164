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
    private let root: String
    private let thread = BackgroundThread(name: "directory-store", niceness: 19)

    /// - Parameter root: the folder; made when the first object is put.
    package init(root: String) {
        self.root = root
    }

    package func put(_ content: [UInt8], as key: ObjectKey) async throws(ObjectStoreError) {
        try await run { [root] () throws(ObjectStoreError) in
            try Self.write(content, key, root) { unfinished, final in rename(unfinished, final) }
        }
    }

    package func putIfAbsent(_ content: [UInt8], as key: ObjectKey) async throws(ObjectStoreError) -> Bool {
        try await run { [root] () throws(ObjectStoreError) in
            do throws(ObjectStoreError) {
                // A link, unlike a rename, fails if the name is taken.
                try Self.write(content, key, root) { unfinished, final in link(unfinished, final) }
                return true
            } catch {
                guard errno == EEXIST else { throw error }
                return false
            }
        }
    }

    package func get(_ key: ObjectKey) async throws(ObjectStoreError) -> [UInt8]? {
        try await run { [root] () throws(ObjectStoreError) in
            let path = "\(root)/\(key)"
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue
            else { return nil }
            guard let data = FileManager.default.contents(atPath: path) else { throw .system("read", path) }
            return Array(data)
        }
    }

    package func list(prefix: String) async throws(ObjectStoreError) -> [ObjectKey] {
        try await run { [root] () throws(ObjectStoreError) in
            let folder = prefix.lastIndex(of: "/").map { String(prefix[...$0]) } ?? ""
            guard let names = FileManager.default.enumerator(atPath: "\(root)/\(folder)") else { return [] }
            var keys: [ObjectKey] = []
            while let name = names.nextObject() as? String {
                guard (names.fileAttributes?[.type] as? FileAttributeType) == .typeRegular else { continue }
                if let key = ObjectKey(folder + name), key.rawValue.hasPrefix(prefix) { keys.append(key) }
            }
            return keys.sorted()
        }
    }

    package func delete(_ key: ObjectKey) async throws(ObjectStoreError) {
        try await run { [root] () throws(ObjectStoreError) in
            let path = "\(root)/\(key)"
            // A folder, and a path below an object, are no objects.
            guard unlink(path) == 0 || [ENOENT, EISDIR, ENOTDIR].contains(errno) else {
                throw .system("delete", path)
            }
        }
    }

    // MARK: Files

    private func run<Value: Sendable>(
        _ work: @escaping @Sendable () throws(ObjectStoreError) -> Value
    ) async throws(ObjectStoreError) -> Value {
        do {
            return try await thread.run(work)
        } catch let error as ObjectStoreError {
            throw error
        } catch {
            throw ObjectStoreError(.unavailable, "\(error)")
        }
    }

    /// - Parameter publish: gives the finished file its name; 0 on success.
    private static func write(
        _ content: [UInt8], _ key: ObjectKey, _ root: String, publish: (String, String) -> Int32
    ) throws(ObjectStoreError) {
        let path = "\(root)/\(key)"
        let slash = path.lastIndex(of: "/") ?? path.startIndex
        let folder = String(path[..<slash])
        let unfinished = "\(folder)/\(unfinishedName(of: path))"
        try makeFolder(folder, below: root)
        try writeAndFlush(content, unfinished)
        let published = publish(unfinished, path)
        let number = errno
        // After a link the unfinished name is left over; after a rename it is gone.
        unlink(unfinished)
        errno = number
        guard published == 0 else { throw .system("name", path) }
        try flushFolder(folder)
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
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
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
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system("open", folder) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .system("flush", folder) }
    }
}

extension ObjectStoreError {
    /// The error that `errno` tells of.
    fileprivate static func system(_ action: String, _ path: String) -> ObjectStoreError {
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
