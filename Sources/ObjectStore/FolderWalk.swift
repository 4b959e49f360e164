#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Finds the keys of a folder's files; those that were not asked for cost no look at the file.
struct FolderWalk {
    let root: String
    /// What keys begin with.
    let prefix: String
    /// Only keys behind this one.
    let after: ObjectKey?

    /// - Parameter folder: empty, or with a slash at its end.
    func collect(below folder: String, into keys: inout [ObjectKey]) {
        guard let stream = opendir("\(root)/\(folder)") else { return }
        var folders: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
            }
            guard name != ".", name != ".." else { continue }
            let text = folder + name
            if isFolder(entry.pointee.d_type, text) {
                folders.append(text + "/")
            } else if text.utf8.starts(with: prefix.utf8),
                after.map({ $0.rawValue.utf8.lexicographicallyPrecedes(text.utf8) }) ?? true,
                let key = ObjectKey(text)
            {
                keys.append(key)
            }
        }
        closedir(stream)
        // Only one folder is open at a time, however deep they nest.
        for text in folders where text.utf8.starts(with: prefix.utf8) || prefix.utf8.starts(with: text.utf8) {
            collect(below: text, into: &keys)
        }
    }

    private func isFolder(_ type: UInt8, _ name: String) -> Bool {
        // Some file systems do not say what an entry is.
        guard type == UInt8(DT_UNKNOWN) else { return type == UInt8(DT_DIR) }
        var status = stat()
        return lstat("\(root)/\(name)", &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}
