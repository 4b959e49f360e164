package import DeltaFormat
package import Logging
package import ObjectStore
import Pipelines
import QueryEngine
import StreamModel
import Synchronization

/// The Delta tables of a folder or a bucket: those below it, each in a folder of its own.
package final class DeltaCatalog: TableCatalog {
    package let place: String
    private let store: any ObjectStore
    /// What the tables' folders begin with: empty, or with a slash at its end.
    private let prefix: String
    /// Nil where the tables lie on this machine.
    private let cache: ObjectCache?
    private let scratch: String
    private let logger: Logger
    private let engine: DuckDBConnection
    private let held = Mutex<[CacheCheckout]>([])
    private let opened = Mutex<[String: DeltaTable]>([:])

    /// - Parameters:
    ///   - place: as people call it.
    ///   - cache: keeps files of tables that lie elsewhere.
    ///   - scratch: a local folder for files on their way.
    package init(
        store: any ObjectStore, prefix: String, place: String, cache: ObjectCache?, scratch: String,
        library: String?, logger: Logger
    ) throws {
        self.store = store
        self.prefix = prefix
        self.place = place
        self.cache = cache
        self.scratch = scratch
        self.logger = logger
        let database = try DuckDBDatabase(
            DuckDBLibrary.load(configured: library),
            settings: DuckDBSettings(threads: 2, memoryLimit: "1GB", keepsInsertionOrder: true))
        engine = try database.connect()
        _ = try engine.wait(for: "SET TimeZone = 'UTC'")
    }

    /// The tables of a data folder.
    package convenience init(data: String, library: String? = nil, logger: Logger) throws {
        try self.init(
            store: DirectoryStore(root: data + "/tables"), prefix: "", place: data + "/tables", cache: nil,
            scratch: data + "/cache", library: library, logger: logger)
    }

    /// Whether a data folder has a table.
    package static func hasTables(data: String) throws -> Bool {
        try !localNames(in: data + "/tables").isEmpty
    }

    deinit { release() }

    /// Gives up copies of files that views of former statements read.
    package func release() {
        let checkouts = held.withLock { held in
            defer { held = [] }
            return held
        }
        for checkout in checkouts { checkout.remove() }
    }

    // MARK: Tables

    package func names() async throws -> [String] {
        if cache == nil { return try Self.localNames(in: place) }
        let marker = "/_delta_log/"
        var names: Set<String> = []
        for object in try await store.list(prefix: prefix, after: nil, limit: .max) {
            let rest = object.key.rawValue.dropFirst(prefix.count)
            guard let found = rest.firstRange(of: marker) else { continue }
            let name = rest[..<found.lowerBound]
            if !name.isEmpty, !name.contains("/") { names.insert(String(name)) }
        }
        return names.sorted()
    }

    /// - Throws: if the catalog has no such table.
    package func table(_ name: String) async throws -> DeltaTable {
        let known = try await names()
        guard
            let name = known.first(where: { $0 == name })
                ?? known.first(where: { $0.lowercased() == name.lowercased() })
        else {
            let list = known.isEmpty ? "there is none" : "there are \(known.joined(separator: ", "))"
            throw PipelineError(.nothingToRead, "There is no table \(name) in \(place); \(list).")
        }
        return opened.withLock { opened in
            if let table = opened[name] { return table }
            let table = DeltaTable(
                store: store, folder: prefix + name, engine: engine, scratch: scratch,
                settings: DeltaSettings(),
                clock: .system, logger: logger)
            opened[name] = table
            return table
        }
    }

    /// - Throws: if there is no such version.
    package func snapshot(_ name: String, at time: TimeTravel) async throws -> TableSnapshot {
        guard let snapshot = try await table(name).snapshot(at: time) else {
            throw PipelineError(.nothingToRead, "There is no table \(name) in \(place).")
        }
        return snapshot
    }

    package func select(_ name: String, at time: TimeTravel) async throws -> String {
        let snapshot = try await snapshot(name, at: time)
        guard let cache else { return snapshot.select() }
        let folder = prefix + name + "/"
        var objects: [ListedObject] = []
        for file in snapshot.files {
            guard let key = ObjectKey(folder + file.name) else {
                throw DeltaError(.corrupted, "the table \(name) names a file that cannot be: \(file.path)")
            }
            objects.append(
                ListedObject(key: key, stat: ObjectStat(size: file.size, modified: file.modificationTime)))
        }
        let checkout = try await cache.checkOut(objects, of: store, at: place, below: folder)
        held.withLock { $0.append(checkout) }
        let local = checkout.folder
        return snapshot.select { local + "/" + $0.name }
    }

    /// The tables in a folder of this machine.
    private static func localNames(in folder: String) throws -> [String] {
        guard LocalFiles.isFolder(folder) else { return [] }
        return try LocalFiles.names(in: folder).filter { LocalFiles.isFolder("\(folder)/\($0)/_delta_log") }
    }
}
