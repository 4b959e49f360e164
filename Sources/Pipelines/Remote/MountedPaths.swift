package import ObjectStore

/// Finds what paths of notebooks stand for: `/mnt/name/…`, `dbfs:/mnt/name/…`, `s3://bucket/…`, `s3a://…`, `s3n://…`.
package struct MountedPaths: Sendable {
    private let table: MountTable?
    private let access: S3Access
    private let environment: [String: String]
    private let cache: ObjectCache?

    /// Knows no mounts, and no remote places.
    package init() {
        table = nil
        access = S3Access()
        environment = [:]
        cache = nil
    }

    /// - Parameter access: how buckets are reached that are no mounts.
    package init(
        table: MountTable, access: S3Access, environment: [String: String], cache: ObjectCache
    ) {
        self.table = table
        self.access = access
        self.environment = environment
        self.cache = cache
    }

    /// What a path stands for.
    private enum Meaning {
        /// A path of this machine.
        case local(String)
        case remote(S3Location, S3Access)
    }

    /// Nil for a path that is none of these.
    private func meaning(of text: String) throws(PipelineError) -> Meaning? {
        guard let table else { return nil }
        if S3Location.begins(text) {
            guard let location = S3Location(text) else {
                throw PipelineError(
                    .nothingToRead,
                    "A bucket is named like s3://bucket/prefix, or s3n://key:secret@bucket with the "
                        + "secret percent-encoded.")
            }
            return .remote(location, access)
        }
        var path = text[...]
        let isNotebooks = path.hasPrefix("dbfs:") || path.hasPrefix("/dbfs/")
        if isNotebooks { path = path.dropFirst(5) }
        let parts = path.split(separator: "/", maxSplits: 2)
        guard path.hasPrefix("/"), parts.first == "mnt", parts.count >= 2 else { return nil }
        guard let mount = table[parts[1]] else {
            guard isNotebooks else { return nil }
            throw PipelineError(.nothingToRead, "/mnt/\(parts[1]) is not mounted. \(table.listText)")
        }
        let rest = parts.count > 2 ? String(parts[2]) : ""
        guard let source = S3Location(mount.source) else { return .local(mount.source + "/" + rest) }
        return .remote(S3Location(bucket: source.bucket, path: source.folder + rest), mount.access)
    }

    /// The place that `--bucket` names.
    package func place(of text: String) throws -> BucketPlace {
        switch try meaning(of: text) {
        case nil: return .folder(text)
        case .local(let path): return .folder(path)
        case .remote(let location, let access):
            guard let cache else { return .folder(text) }
            return .remote(try access.bucket(location, environment: environment, cache: cache))
        }
    }

    /// The store and prefix that a text names: a folder, a mount, or a bucket.
    package func store(of text: String) throws -> (store: any ObjectStore, prefix: String) {
        switch try meaning(of: text) {
        case nil: return (DirectoryStore(root: text), "")
        case .local(let path): return (DirectoryStore(root: path), "")
        case .remote(let location, let access):
            return (try access.store(of: location, environment: environment), location.path)
        }
    }

    /// The store and key of an object of a mount or a bucket; nil for a text that names none.
    package func object(_ text: String) throws -> (store: any ObjectStore, key: ObjectKey)? {
        switch try meaning(of: text) {
        case nil: return nil
        case .local(let path):
            let parts = path.split(separator: "/", omittingEmptySubsequences: true)
            guard let last = parts.last, let key = ObjectKey(String(last)) else { return nil }
            return (DirectoryStore(root: "/" + parts.dropLast().joined(separator: "/")), key)
        case .remote(let location, let access):
            guard let key = ObjectKey(location.path) else { return nil }
            return (try access.store(of: location, environment: environment), key)
        }
    }

    // MARK: Statements

    /// A statement in which such paths are paths of this machine; the objects that they fit are fetched.
    func resolve(
        _ sql: SQLText, _ checkouts: Checkouts, _ progress: BatchProgress
    ) async throws -> SQLText {
        var resolved: [String: String] = [:]
        for path in Set(sql.paths).sorted() {
            switch try meaning(of: path) {
            case nil: break
            case .local(let local): resolved[path] = local
            case .remote(let location, let access):
                resolved[path] = try await fetch(location, access, checkouts, progress)
            }
        }
        return resolved.isEmpty ? sql : sql.replacing(paths: resolved)
    }

    private func fetch(
        _ location: S3Location, _ access: S3Access, _ checkouts: Checkouts, _ progress: BatchProgress
    ) async throws -> String {
        guard let cache else { return location.description }
        let bucket = try access.bucket(
            S3Location(bucket: location.bucket, key: location.key), environment: environment, cache: cache)
        progress.begin("listing \(location.description)")
        return try await bucket.checkOut(checkouts, progress) {
            var pattern = PathPattern(location.path)
            let listed = try await bucket.store.listOnce(prefix: pattern.prefix)
            var fitting = listed.filter { pattern.fits($0.key.rawValue) }
            if fitting.isEmpty {
                // A folder, as notebooks name it.
                pattern = PathPattern(location.folder + "*")
                fitting = listed.filter { pattern.fits($0.key.rawValue) }
            }
            guard !fitting.isEmpty else {
                throw PipelineError(
                    .nothingToRead,
                    "No object fits \(location.description); `pinline bucket list` shows what is there.")
            }
            return (fitting, pattern.text)
        } placed: { path, folder in
            path = folder + "/" + path
        }
    }
}

/// A path with wildcards as DuckDB has them: `*` and `?` within a part, `**` for any number of parts.
struct PathPattern {
    /// Without empty parts.
    let text: String
    private let parts: [Substring]

    init(_ text: String) {
        parts = text.split(separator: "/")
        self.text = parts.joined(separator: "/")
    }

    /// What every path that fits begins with.
    var prefix: String { String(text.prefix { !"*?[{".contains($0) }) }

    /// Whether a path may fit: where a part has brackets, DuckDB decides.
    func fits(_ path: String) -> Bool {
        Self.fits(path.split(separator: "/")[...], parts[...])
    }

    private static func fits(_ path: ArraySlice<Substring>, _ pattern: ArraySlice<Substring>) -> Bool {
        guard let first = pattern.first else { return path.isEmpty }
        if first == "**" {
            return (path.startIndex...path.endIndex).contains { fits(path[$0...], pattern.dropFirst()) }
        }
        guard let part = path.first, fits(Array(part.utf8)[...], Array(first.utf8)[...]) else { return false }
        return fits(path.dropFirst(), pattern.dropFirst())
    }

    private static func fits(_ part: ArraySlice<UInt8>, _ pattern: ArraySlice<UInt8>) -> Bool {
        guard !pattern.contains(where: { "[{".utf8.contains($0) }) else { return true }
        var part = part
        var pattern = pattern
        // Where to go on when what followed the last star does not fit: one byte further.
        var star: (part: ArraySlice<UInt8>, pattern: ArraySlice<UInt8>)?
        while true {
            if let next = pattern.first, next == UInt8(ascii: "*") {
                pattern = pattern.dropFirst()
                star = (part, pattern)
            } else if let byte = part.first, let next = pattern.first,
                next == byte || next == UInt8(ascii: "?")
            {
                part = part.dropFirst()
                pattern = pattern.dropFirst()
            } else if part.isEmpty && pattern.isEmpty {
                return true
            } else if let last = star, !last.part.isEmpty {
                star = (last.part.dropFirst(), last.pattern)
                part = last.part.dropFirst()
                pattern = last.pattern
            } else {
                return false
            }
        }
    }
}
