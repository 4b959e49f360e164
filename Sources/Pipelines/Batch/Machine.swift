#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// What this machine has.
enum Machine {
    /// Processors that this process may use.
    static var processors: Int {
        #if os(Linux)
            var allowed = cpu_set_t()
            if sched_getaffinity(0, MemoryLayout<cpu_set_t>.size, &allowed) == 0 {
                let count = withUnsafeBytes(of: &allowed) { $0.reduce(0) { $0 + $1.nonzeroBitCount } }
                if count > 0 { return count }
            }
        #endif
        return max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    }

    static var memoryBytes: Int {
        let pages = Int(sysconf(Int32(_SC_PHYS_PAGES)))
        return pages > 0 ? pages * Int(sysconf(Int32(_SC_PAGESIZE))) : 8 << 30
    }
}
