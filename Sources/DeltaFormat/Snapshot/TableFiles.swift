import Foundation
import ObjectStore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Makes a table's objects files of this machine, and back.
struct TableFiles: Sendable {
    let log: TableLog
    /// A local folder for files on their way.
    let scratch: String

    /// The folder that holds the table's files; nil if they lie elsewhere.
    var localFolder: String? {
        guard let local = log.store as? any LocalObjects, let key = try? log.key("_") else { return nil }
        return String(local.path(of: key).dropLast(2))
    }

    /// Runs a body with local paths of objects, fetched where they lie elsewhere.
    func with<Value>(
        _ names: [String], _ body: ([String]) async throws(DeltaError) -> Value
    ) async throws(DeltaError) -> Value {
        if let local = log.store as? any LocalObjects {
            var paths: [String] = []
            for name in names { paths.append(local.path(of: try log.key(name))) }
            return try await body(paths)
        }
        let folder = try ScratchFolder(in: scratch)
        defer { folder.remove() }
        var paths: [String] = []
        for (index, name) in names.enumerated() {
            let path = "\(folder.path)/\(index).parquet"
            let key = try log.key(name)
            let stat = try await attempt { () throws(ObjectStoreError) in
                try await log.store.get(key, into: path)
            }
            guard stat != nil else {
                throw DeltaError(
                    .corrupted, "the table's file \(key) is gone: it was deleted by hand, or vacuumed")
            }
            paths.append(path)
        }
        return try await body(paths)
    }
}

/// A folder of this machine that is gone when it is no longer needed.
struct ScratchFolder: Sendable {
    let path: String

    init(in parent: String) throws(DeltaError) {
        Self.make(parent)
        path = parent + "/delta-" + UUID().uuidString.lowercased()
        guard mkdir(path, 0o755) == 0 else {
            let reason = String(cString: strerror(errno))
            throw DeltaError(.unavailable, "cannot make the folder \(path): \(reason)")
        }
    }

    private static func make(_ path: String) {
        guard mkdir(path, 0o755) != 0, errno == ENOENT, let slash = path.lastIndex(of: "/"),
            slash > path.startIndex
        else { return }
        make(String(path[..<slash]))
        mkdir(path, 0o755)
    }

    func remove() { Self.remove(path) }

    private static func remove(_ path: String) {
        if let folder = opendir(path) {
            while let entry = readdir(folder) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
                }
                guard name != ".", name != ".." else { continue }
                let child = path + "/" + name
                if unlink(child) != 0 { remove(child) }
            }
            closedir(folder)
        }
        rmdir(path)
    }
}
