#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// What this machine has.
enum Machine {
    /// Processors that are on line.
    static var processors: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

    static var memoryBytes: Int {
        let pages = Int(sysconf(Int32(_SC_PHYS_PAGES)))
        return pages > 0 ? pages * Int(sysconf(Int32(_SC_PAGESIZE))) : 8 << 30
    }
}
