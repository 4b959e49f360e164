import CDuckDB
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// DuckDB's library, opened once for the whole process.
package struct DuckDBLibrary: Sendable {
    package let path: String
    /// As the library reports it, for instance `v1.5.5`.
    package let version: String

    private static let loaded = Mutex<DuckDBLibrary?>(nil)

    /// Opens the library that `search` found; where one is open already, that one stays.
    package static func load(_ search: DuckDBLibrarySearch) throws(QueryEngineError) -> DuckDBLibrary {
        let result = loaded.withLock { current -> Result<DuckDBLibrary, QueryEngineError> in
            if let current, search.found != nil { return .success(current) }
            let opened = Result { () throws(QueryEngineError) in try open(search) }
            if case .success(let library) = opened { current = library }
            return opened
        }
        return try result.get()
    }

    /// Opens a library anew, which is not safe while another one is in use.
    static func open(_ search: DuckDBLibrarySearch) throws(QueryEngineError) -> DuckDBLibrary {
        guard let path = search.found else { throw search.missingError }
        if let reason = dk_load(path) {
            let text = "\(path) cannot be used as DuckDB's library: \(String(cString: reason)). "
            throw QueryEngineError(.libraryUnusable, text + DuckDBLibrarySearch.remedy)
        }
        return DuckDBLibrary(path: path, version: String(cString: dk_library_version()))
    }

    /// Finds and opens the library.
    /// - Parameter configured: a path from a flag or the settings; if given, no other place is tried.
    package static func load(configured: String? = nil) throws(QueryEngineError) -> DuckDBLibrary {
        try load(locate(configured: configured))
    }

    /// Looks for the library in all the usual places and says what was found in each.
    package static func locate(
        configured: String? = nil,
        environment: String? = getenv("PINLINE_LIBDUCKDB").map { String(cString: $0) },
        executable: String? = ProcessLocation.executable,
        workingDirectory: String? = ProcessLocation.workingDirectory,
        home: String? = getenv("HOME").map { String(cString: $0) }
    ) -> DuckDBLibrarySearch {
        let candidates = DuckDBLibrarySearch.candidates(
            configured: configured, environment: environment, executable: executable,
            workingDirectory: workingDirectory, home: home)
        return DuckDBLibrarySearch(candidates, isFile: isReadableFile)
    }

    private static func isReadableFile(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && access(path, R_OK) == 0
    }
}

/// Where DuckDB's library was looked for, in this order, and what was found.
package struct DuckDBLibrarySearch: Sendable {
    /// One place.
    package struct Place: Sendable, Equatable {
        package var path: String
        /// Who names this place: a flag, the environment, or a rule.
        package var origin: String
        package var exists: Bool
    }

    package var places: [Place]
    /// The first place that holds a file.
    package var found: String? { places.first { $0.exists }?.path }

    #if os(macOS)
        static let fileName = "libduckdb.dylib"
    #else
        static let fileName = "libduckdb.so"
    #endif
    static let remedy = "Run scripts/bootstrap, or name the library by --libduckdb or PINLINE_LIBDUCKDB."

    init(_ candidates: [Place], isFile: (String) -> Bool) {
        places = candidates.map { Place(path: $0.path, origin: $0.origin, exists: isFile($0.path)) }
    }

    /// The places in order; one that is named explicitly is the only one.
    static func candidates(
        configured: String?, environment: String?, executable: String?, workingDirectory: String?,
        home: String?
    ) -> [Place] {
        if let configured { return [Place(path: configured, origin: "--libduckdb", exists: false)] }
        if let environment, !environment.isEmpty {
            return [Place(path: environment, origin: "PINLINE_LIBDUCKDB", exists: false)]
        }
        var places: [Place] = []
        func add(_ folder: String, _ origin: String) {
            let path = (folder == "/" ? "" : folder) + "/" + fileName
            guard !places.contains(where: { $0.path == path }) else { return }
            places.append(Place(path: path, origin: origin, exists: false))
        }
        if let executable {
            let folder = ProcessLocation.folder(of: executable)
            add(folder, "beside the executable")
            for ancestor in ProcessLocation.ancestors(of: folder) {
                add(ancestor + "/.tools/duckdb", "above the executable")
            }
        }
        for ancestor in workingDirectory.map(ProcessLocation.ancestors) ?? [] {
            add(ancestor + "/.tools/duckdb", "above the working directory")
        }
        if let home { add(home + "/.local/lib", "usual place") }
        for folder in [
            "/usr/local/lib", "/usr/lib", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu",
        ] {
            add(folder, "usual place")
        }
        return places.map {
            Place(path: $0.path.replacing("//", with: "/"), origin: $0.origin, exists: false)
        }
    }

    /// The error that says which places were tried.
    package var missingError: QueryEngineError {
        let tried = places.map(\.path).joined(separator: ", ")
        return QueryEngineError(
            .libraryMissing, "DuckDB's library was not found; tried \(tried). \(Self.remedy)")
    }
}
