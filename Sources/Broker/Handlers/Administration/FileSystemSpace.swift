#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// How large the file system is that holds a folder, and how much of it is left.
struct FileSystemSpace {
    var totalBytes: Int64
    var usableBytes: Int64

    /// Nil if the system does not say.
    init?(at path: String) {
        var answer = statvfs()
        guard statvfs(path, &answer) == 0 else { return nil }
        let blockSize = UInt64(answer.f_frsize)
        totalBytes = Int64(
            clamping: blockSize.multipliedReportingOverflow(by: UInt64(answer.f_blocks)).partialValue)
        usableBytes = Int64(
            clamping: blockSize.multipliedReportingOverflow(by: UInt64(answer.f_bavail)).partialValue)
    }
}
