#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Where this process comes from and stands.
package enum ProcessLocation {
    /// The absolute path of the running executable, symbolic links followed.
    package static let executable: String? = {
        #if os(Linux)
            let path = "/proc/self/exe"
        #else
            let path = CommandLine.arguments.first ?? ""
        #endif
        return resolved(path)
    }()

    /// The working directory.
    package static var workingDirectory: String? { resolved(".") }

    /// The folder itself and all above it, nearest first.
    package static func ancestors(of path: String) -> [String] {
        var folders: [String] = []
        var rest = Substring(path)
        while !rest.isEmpty {
            folders.append(String(rest))
            guard let slash = rest.lastIndex(of: "/") else { break }
            rest = rest[..<slash]
        }
        return folders + ["/"]
    }

    /// The folder that holds a path.
    package static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
        return String(path[..<slash])
    }

    private static func resolved(_ path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return String(cString: real)
    }
}
