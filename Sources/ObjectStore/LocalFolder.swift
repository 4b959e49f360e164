import AWSSigning

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Folders of this machine, as far as caches need them.
enum LocalFolder {
    /// Makes a folder and those above it.
    static func make(_ path: String) throws(ObjectStoreError) {
        guard mkdir(path, 0o755) != 0, errno != EEXIST else { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else {
            throw .system("make the folder", path)
        }
        try make(String(path[..<slash]))
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw .system("make the folder", path) }
    }

    /// Makes a file the one that was used last; false if there is none.
    static func touch(_ path: String) -> Bool { utimensat(AT_FDCWD, path, nil, 0) == 0 }

    static func files(in folder: String) -> [(path: String, stat: ObjectStat)] {
        names(in: folder).compactMap { name in
            let path = folder + "/" + name
            return kind(of: path).flatMap { $0.st_mode & S_IFMT == S_IFREG ? (path, ObjectStat($0)) : nil }
        }
    }

    static func folders(in folder: String) -> [String] {
        names(in: folder).map { folder + "/" + $0 }
            .filter { kind(of: $0).map { $0.st_mode & S_IFMT == S_IFDIR } ?? false }
    }

    /// Removes a folder and all in it.
    static func remove(_ path: String) {
        for name in names(in: path) {
            let child = path + "/" + name
            if kind(of: child).map({ $0.st_mode & S_IFMT == S_IFDIR }) ?? false {
                remove(child)
            } else {
                unlink(child)
            }
        }
        rmdir(path)
    }

    static func removeFile(_ path: String) { unlink(path) }

    /// A name of 64 characters for any text.
    static func digest(_ text: String) -> String { SigningKey.sha256(text) }

    static func megabytes(_ bytes: Int64) -> Int64 { (bytes + 999_999) / 1_000_000 }

    private static func kind(of path: String) -> stat? {
        var status = stat()
        return lstat(path, &status) == 0 ? status : nil
    }

    private static func names(in path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
