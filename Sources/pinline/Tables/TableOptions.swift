import ArgumentParser
import Foundation
import Logging
import ObjectStore
import Pipelines
import ServerAssembly

/// The options of every command that reads tables.
struct TableOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where the tables lie: a folder, s3://bucket/prefix or a mount (default: tables in the data folder).",
            valueName: "place"))
    var tables: String?
    @Flag(help: "Do not ask a running server to commit first what it has acknowledged.")
    var noFlush = false

    /// - Parameter data: the data folder.
    func catalog(data: String, store: StoreOptions, library: String?) throws -> DeltaCatalog {
        var logger = Logger(label: "pinline")
        logger.logLevel = .warning
        guard let tables else { return try DeltaCatalog(data: data, library: library, logger: logger) }
        let mounts = try store.mounts(data: data)
        let (objects, base) = try mounts.store(of: tables)
        var cache: ObjectCache?
        var place = tables
        switch try mounts.place(of: tables) {
        case .folder(let path):
            guard access(path, R_OK) == 0 else {
                throw CommandFailure("there is no folder \(path): name another by --tables")
            }
            place = path
        case .remote(let bucket): cache = bucket.cache
        }
        return try DeltaCatalog(
            store: objects, prefix: base.isEmpty || base.hasSuffix("/") ? base : base + "/", place: place,
            cache: cache, scratch: data + "/" + ObjectCache.folderName, library: library, logger: logger)
    }

    /// Has a server that runs with the data folder commit what it has acknowledged.
    func flush(data: String) async throws {
        guard !noFlush, tables == nil else { return }
        try await FreshRows.ask(for: .tables, of: data)
    }
}
