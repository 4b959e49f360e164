import AWSSigning
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Copies of remote objects in a local folder, each kept as long as its object is the same and there is room.
///
/// A copy's name is made of the object's place, key and version, so one that is there is always right. It appears
/// whole, by a rename. A reader gets a folder of its own with other names of the copies, under the objects' keys:
/// nothing that is dropped from the cache meanwhile is lost to it.
package struct ObjectCache: Sendable {
    /// The folder in a data folder.
    package static let folderName = "cache"
    /// Most bytes of copies.
    package static let defaultMaxBytes: Int64 = 10 << 30
    /// Objects that are fetched at the same time.
    private static let fetches = 16

    private let folder: String
    private let maxBytes: Int64

    package init(folder: String, maxBytes: Int64 = Self.defaultMaxBytes) {
        self.folder = folder
        self.maxBytes = maxBytes
    }

    private var copies: String { folder + "/objects" }
    private var readers: String { folder + "/readers" }

    /// Fetches what is missing, and lays all out for one reader.
    ///
    /// - Parameters:
    ///   - place: names the store: objects of one key in two stores are two.
    ///   - prefix: what the keys begin with and the reader's names shall not.
    ///   - progress: told how many bytes have come.
    /// - Throws: `.full` if the objects are more than the cache takes.
    package func checkOut(
        _ objects: [ListedObject], of store: any ObjectStore, at place: String, below prefix: String,
        progress: @escaping @Sendable (Int64) -> Void = { _ in }
    ) async throws -> CacheCheckout {
        let total = objects.reduce(Int64(0)) { $0 &+ max(0, $1.stat.size) }
        guard total <= maxBytes else {
            throw ObjectStoreError(
                .full,
                "\(place) holds \(LocalFolder.megabytes(total)) MB to read, and the cache in \(folder) takes "
                    + "\(LocalFolder.megabytes(maxBytes)) MB: give --cache-size")
        }
        try LocalFolder.make(copies)
        try LocalFolder.make(readers)
        let checkout = try makeCheckout()
        let named = objects.map { Wanted(object: $0, copy: copies + "/" + Self.name($0, place)) }
        let missing = named.filter { !LocalFolder.touch($0.copy) }
        makeRoom(
            for: missing.reduce(Int64(0)) { $0 &+ $1.object.stat.size }, keeping: Set(named.map(\.copy)))
        let come = Come()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, wanted) in named.enumerated() {
                if number >= Self.fetches { try await group.next() }
                group.addTask {
                    try await fetch(wanted, from: store, into: checkout, below: prefix)
                    let bytes = max(0, wanted.object.stat.size)
                    progress(come.bytes.wrappingAdd(bytes, ordering: .relaxed).newValue)
                }
            }
            try await group.waitForAll()
        }
        return checkout
    }

    private final class Come: Sendable {
        let bytes = Atomic<Int64>(0)
    }

    private struct Wanted: Sendable {
        var object: ListedObject
        var copy: String
    }

    private func fetch(
        _ wanted: Wanted, from store: any ObjectStore, into checkout: CacheCheckout, below prefix: String
    ) async throws {
        let name = String(wanted.object.key.rawValue.dropFirst(prefix.count))
        if try checkout.add(wanted.copy, as: name) { return }
        try Task.checkCancellation()
        let unfinished = "\(checkout.folder)/.\(LocalFolder.digest(name)).partial"
        // An object that was deleted since it was listed is not there for any reader.
        guard let stat = try await store.get(wanted.object.key, into: unfinished) else {
            checkout.noteChange()
            return
        }
        // One that was stored anew since then is kept under its own version's name, if it has one.
        let listed = wanted.object.stat
        let isListed = stat.size == listed.size && (listed.etag == nil || stat.etag == listed.etag)
        if !isListed { checkout.noteChange() }
        if isListed, rename(unfinished, wanted.copy) == 0 {
            if try checkout.add(wanted.copy, as: name) { return }
        }
        try checkout.move(unfinished, as: name)
    }

    /// Fit for a file, with the ending of the key.
    private static func name(_ object: ListedObject, _ place: String) -> String {
        let version = object.stat.etag ?? "\(object.stat.modified)"
        return LocalFolder.digest("\(place)\n\(object.key)\n\(version)\n\(object.stat.size)")
    }

    // MARK: Room

    private func makeRoom(for bytes: Int64, keeping wanted: Set<String>) {
        let all = LocalFolder.files(in: copies)
        var over = all.reduce(bytes) { $0 &+ $1.stat.size } - maxBytes
        let spare = all.filter { !wanted.contains($0.path) }.sorted { $0.stat.modified < $1.stat.modified }
        for file in spare where over > 0 {
            unlink(file.path)
            over -= file.stat.size
        }
    }

    private func makeCheckout() throws(ObjectStoreError) -> CacheCheckout {
        // A reader whose folder is being made does not look like one that has ended.
        let lock = open(readers + "/.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0, flock(lock, LOCK_EX) == 0 else { throw .system("lock", readers) }
        defer { close(lock) }
        dropDeadReaders()
        return try CacheCheckout(below: readers)
    }

    /// Removes the folders of readers whose processes have ended without doing so.
    private func dropDeadReaders() {
        for path in LocalFolder.folders(in: readers) {
            let lock = open(path + "/.lock", O_RDWR | O_CLOEXEC)
            defer { if lock >= 0 { close(lock) } }
            guard lock >= 0, flock(lock, LOCK_EX | LOCK_NB) == 0 else { continue }
            LocalFolder.remove(path)
        }
    }
}

/// Copies of objects, under the names that their keys give them, for one reader.
package final class CacheCheckout: Sendable {
    package let folder: String
    private let lock: Int32
    private let changed = Atomic(false)

    /// Whether some object was gone, or another one, since it was listed.
    package var hasChanges: Bool { changed.load(ordering: .relaxed) }

    fileprivate func noteChange() { changed.store(true, ordering: .relaxed) }

    fileprivate init(below parent: String) throws(ObjectStoreError) {
        var template = Array((parent + "/XXXXXX").utf8CString)
        guard let made = mkdtemp(&template) else { throw .system("make a folder in", parent) }
        folder = String(cString: made)
        lock = open(folder + "/.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0, flock(lock, LOCK_EX | LOCK_NB) == 0 else { throw .system("lock", folder) }
    }

    /// Gives a copy a name here; false if there is no such copy.
    fileprivate func add(_ copy: String, as name: String) throws(ObjectStoreError) -> Bool {
        let path = try place(name)
        if link(copy, path) == 0 || errno == EEXIST { return true }
        guard errno == ENOENT else { throw .system("link", path) }
        return false
    }

    fileprivate func move(_ file: String, as name: String) throws(ObjectStoreError) {
        let path = try place(name)
        guard rename(file, path) == 0 else { throw .system("name", path) }
    }

    private func place(_ name: String) throws(ObjectStoreError) -> String {
        let path = "\(folder)/\(name)"
        guard let slash = path.lastIndex(of: "/") else { return path }
        try LocalFolder.make(String(path[..<slash]))
        return path
    }

    /// Removes the folder; the copies stay in the cache.
    package func remove() {
        LocalFolder.remove(folder)
    }

    deinit { if lock >= 0 { close(lock) } }
}
