/// Small files that are read and written whole.
extension LogDisk {
    /// The content of a file, or its beginning if it is longer than `limit`.
    func contents(of path: String, upTo limit: Int = .max) throws(LogStorageError) -> [UInt8] {
        let file = try open(path, creating: false)
        let size = min(try file.size(), limit)
        guard size > 0 else { return [] }
        var buffer = ReadBuffer(capacity: size)
        try buffer.fill(from: file, at: 0)
        return Array(buffer.bytes)
    }

    /// Puts a file with this content in the place of another, or of none; durable on return.
    ///
    /// Whatever happens meanwhile, afterwards the old file is there or the new one, each whole.
    ///
    /// - Parameters:
    ///   - folder: the folder that the file is in.
    ///   - unfinished: the path under which it is written; what an attempt that was cut off has left there goes.
    func replaceFile(
        _ path: String, in folder: String, by bytes: [UInt8], through unfinished: String
    ) throws(LogStorageError) {
        try remove(unfinished)
        let file = try open(unfinished, creating: true)
        try file.append(bytes)
        try file.synchronize()
        try rename(unfinished, to: path)
        try synchronizeDirectory(folder)
    }
}
