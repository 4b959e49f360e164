import Foundation
package import Logging
package import ObjectStore
package import QueryEngine
package import StreamModel
import Synchronization

/// A table of the Delta protocol in a folder of a store; any number of programs may read and write it at once.
///
/// Parquet files are written and read by DuckDB. Each change is one commit that is there whole or not at all: the
/// files are stored first, then the commit under the next version's name, which only one writer gets.
package final class DeltaTable: Sendable {
    let log: TableLog
    let files: TableFiles
    let engine: any SQLEngine
    let settings: DeltaSettings
    let clock: WallClock
    let logger: Logger
    /// The newest state that was read.
    private let known = Mutex<TableState?>(nil)

    /// - Parameters:
    ///   - folder: where the table lies in the store, such as `pin`; no object there is touched before it is asked for.
    ///   - engine: DuckDB, for checkpoints and upkeep; its time zone must be UTC.
    ///   - scratch: a folder of this machine for files on their way. What a crash leaves there may be deleted while
    ///     no program runs.
    package init(
        store: any ObjectStore, folder: String, engine: any SQLEngine, scratch: String,
        settings: DeltaSettings = DeltaSettings(), clock: WallClock = .system,
        logger: Logger = Logger(label: "tables")
    ) {
        log = TableLog(store: store, folder: folder)
        files = TableFiles(log: log, scratch: scratch)
        self.engine = engine
        self.settings = settings
        self.clock = clock
        self.logger = logger
    }

    var loader: SnapshotLoader {
        SnapshotLoader(log: log, checkpoints: CheckpointReader(files: files, engine: engine))
    }

    // MARK: Reading

    /// The table as a version has it; nil if there is no table.
    ///
    /// The newest state is kept, so that only newer commits are read the next time.
    /// - Throws: `.notATable` for a version that is not there, `.unsupportedFeature` if reading it needs something
    ///   that is not known here.
    package func snapshot(at time: TimeTravel = .latest) async throws(DeltaError) -> TableSnapshot? {
        switch time {
        case .latest: return try await refreshed().asyncMap(snapshot(of:))
        case .version(let version):
            let listing = try await log.listing(from: nil)
            guard listing.latest != nil else { return nil }
            return try await snapshot(of: try await loader.state(at: version, listing))
        case .time(let milliseconds):
            let listing = try await log.listing(from: nil)
            guard listing.latest != nil else { return nil }
            guard let version = listing.version(at: milliseconds) else {
                throw DeltaError(
                    .notATable,
                    "the table \(log.folder) has no version that old: its oldest is of a later time")
            }
            return try await snapshot(of: try await loader.state(at: version, listing))
        }
    }

    /// The newest state, with only those commits read that are newer than what is known.
    func refreshed() async throws(DeltaError) -> TableState? {
        let state = try await loader.latest(from: known.withLock { $0 })
        if let state { remember(state) }
        return state
    }

    /// Keeps a state if it is the newest.
    func remember(_ state: TableState) {
        known.withLock { known in
            if let other = known, other.version > state.version { return }
            known = state
        }
    }

    /// Rests on a checkpoint if the state is still the one that it was made of.
    func rest(on checkpoint: Checkpoint) {
        known.withLock { known in
            if known?.version == checkpoint.version { known?.rest(on: checkpoint) }
        }
    }

    /// Forgets what was read, so that the next snapshot begins anew.
    func forget() {
        known.withLock { $0 = nil }
    }

    func snapshot(of state: TableState) async throws(DeltaError) -> TableSnapshot {
        var timestamp = state.timestamp
        if timestamp == nil {
            let key = try log.commitKey(state.version)
            timestamp = try await attempt { () throws(ObjectStoreError) in
                try await log.store.stat(key)?.modified
            }
        }
        return try TableSnapshot(state, timestamp: timestamp ?? 0, localFolder: files.localFolder)
    }

    /// The newest version; throws `.notATable` if there is none.
    func existing() async throws(DeltaError) -> TableSnapshot {
        guard let snapshot = try await snapshot() else {
            throw DeltaError(.notATable, "there is no table at '\(log.folder)': create it first")
        }
        return snapshot
    }

    // MARK: Creating

    /// Makes the table; gives the one that is there if there is one, whatever its columns.
    ///
    /// - Parameter properties: such as `delta.appendOnly`; kept as they are.
    package func create(
        _ schema: DeltaSchema, partitionColumns: [String] = [], properties: [String: String] = [:]
    ) async throws(DeltaError) -> TableSnapshot {
        if let snapshot = try await snapshot() { return snapshot }
        try schema.check(partitionColumns: partitionColumns)
        let now = clock.milliseconds
        let metadata = TableMetadata(
            id: UUID().uuidString.lowercased(), schemaJSON: schema.json, partitionColumns: partitionColumns,
            configuration: properties, createdTime: now)
        let needs = TableProtocol.needed(by: schema)
        try needs.checkReading(metadata)
        try needs.checkWriting(metadata, schema)
        let commit = Commit(
            actions: [.tableProtocol(needs), .metadata(metadata)], operation: "CREATE TABLE",
            changesTable: true)
        switch try await self.commit(commit, on: .empty) {
        case .committed: break
        case .lost: forget()
        }
        return try await existing()
    }
}

extension Optional {
    fileprivate func asyncMap<Value>(
        _ body: (Wrapped) async throws(DeltaError) -> Value
    ) async throws(DeltaError) -> Value? {
        guard let self else { return nil }
        return try await body(self)
    }
}
