import ObjectStore
import QueryEngine
import StreamModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Writes classic checkpoints: what the former one holds and is still so, and what came since.
///
/// The statistics of older files go from one checkpoint into the next within DuckDB.
struct CheckpointWriter: Sendable {
    let files: TableFiles
    let engine: any SQLEngine

    private static let types: [(name: String, type: String)] = [
        ("txn", "STRUCT(appId VARCHAR, version BIGINT, lastUpdated BIGINT)"),
        (
            "add",
            "STRUCT(path VARCHAR, partitionValues MAP(VARCHAR, VARCHAR), size BIGINT, modificationTime BIGINT, "
                + "dataChange BOOLEAN, stats VARCHAR, tags MAP(VARCHAR, VARCHAR))"
        ),
        (
            "remove",
            "STRUCT(path VARCHAR, deletionTimestamp BIGINT, dataChange BOOLEAN, extendedFileMetadata BOOLEAN, "
                + "partitionValues MAP(VARCHAR, VARCHAR), size BIGINT)"
        ),
        (
            "metaData",
            "STRUCT(id VARCHAR, name VARCHAR, description VARCHAR, format STRUCT(provider VARCHAR, options "
                + "MAP(VARCHAR, VARCHAR)), schemaString VARCHAR, partitionColumns VARCHAR[], configuration "
                + "MAP(VARCHAR, VARCHAR), createdTime BIGINT)"
        ),
        (
            "protocol",
            "STRUCT(minReaderVersion INTEGER, minWriterVersion INTEGER, readerFeatures VARCHAR[], writerFeatures "
                + "VARCHAR[])"
        ),
    ]

    /// Writes the checkpoint of a state.
    ///
    /// - Parameter expired: files that were removed before this time are left out.
    func write(_ state: TableState, expired: Int64) async throws(DeltaError) -> Checkpoint {
        let folder = try ScratchFolder(in: files.scratch)
        defer { folder.remove() }
        let lines = folder.path + "/actions.json"
        try Self.write(Action.bytes(Self.recentActions(state, expired: expired)), to: lines)
        let target = folder.path + "/checkpoint.parquet"
        let names = (state.base?.names ?? []).map { TableLog.folderName + "/" + $0 }
        let rows = try await files.with(names) { paths throws(DeltaError) in
            try await copy(lines, paths, state, expired, to: target)
        }
        let checkpoint = Checkpoint(version: state.version, names: [Checkpoint.name(state.version)])
        let key = try files.log.key("\(TableLog.folderName)/\(checkpoint.names[0])")
        _ = try await attempt { () throws(ObjectStoreError) in
            try await files.log.store.put(file: target, as: key, options: PutOptions())
        }
        FaultPoint.pass("delta.during-checkpoint")
        let stat = try await attempt { () throws(ObjectStoreError) in try await files.log.store.stat(key) }
        try await files.log.writeLastCheckpoint(
            state.version, actions: rows, files: state.files.count, bytes: stat?.size ?? 0)
        return checkpoint
    }

    /// What no former checkpoint holds, or has to be told anew.
    static func recentActions(_ state: TableState, expired: Int64) -> [Action] {
        var actions: [Action] = []
        if let needs = state.needs { actions.append(.tableProtocol(needs)) }
        if let metadata = state.metadata { actions.append(.metadata(metadata)) }
        for (appID, position) in state.transactions.sorted(by: { $0.key < $1.key }) {
            actions.append(
                .transaction(
                    AppTransaction(appID: appID, version: position.version), lastUpdated: position.lastUpdated
                ))
        }
        for path in state.recent.sorted() {
            guard var file = state.files[path] else { continue }
            file.dataChange = false
            actions.append(.add(file))
        }
        for file in state.removed.values.sorted(by: { $0.path < $1.path }) {
            guard (file.deletionTimestamp ?? 0) > expired else { continue }
            var file = file
            file.dataChange = false
            actions.append(.remove(file))
        }
        return actions
    }

    /// - Returns: how many actions the checkpoint has.
    private func copy(
        _ lines: String, _ paths: [String], _ state: TableState, _ expired: Int64, to target: String
    ) async throws(DeltaError) -> Int {
        let columns = Self.types.map { "\(SQLText.name($0.name)): \(SQLText.literal($0.type))" }
        let names = Self.types.map { SQLText.name($0.name) }.joined(separator: ", ")
        var sql =
            "SELECT \(names) FROM read_json(\(SQLText.literal(lines)), format = 'newline_delimited', "
            + "maximum_object_size = 1073741824, columns = {\(columns.joined(separator: ", "))})"
        if !paths.isEmpty {
            let base = try await CheckpointColumns(CheckpointReader.source(paths), engine)
            let touched = folderTouched(state)
            sql += " UNION ALL " + Self.kept(base, touched: touched, expired: expired)
        }
        let copied = try await engine.rows(
            "COPY (\(sql)) TO \(SQLText.literal(target)) (FORMAT parquet, COMPRESSION snappy)")
        return Int(clamping: copied.first?.first?.whole ?? 0)
    }

    /// Paths that the former checkpoint says something outdated of.
    private func folderTouched(_ state: TableState) -> [String] {
        (Array(state.recent) + Array(state.removed.keys)).sorted()
    }

    /// What stays of the former checkpoint, by members: writers of checkpoints have more of them or fewer.
    private static func kept(_ base: CheckpointColumns, touched: [String], expired: Int64) -> String {
        func structure(_ action: String) -> String {
            guard let type = types.first(where: { $0.name == action })?.type, base.has(action) else {
                return "NULL"
            }
            let names = members[action] ?? []
            let fields = names.map { "\(SQLText.name($0)) := \(base.field(action, $0))" }
            return "CASE WHEN \(SQLText.name(action)).path IS NOT NULL THEN "
                + "struct_pack(\(fields.joined(separator: ", ")))::\(type) END"
        }
        let add = structure("add")
        let remove = structure("remove")
        let list = touched.map { "(\(SQLText.literal($0)))" }.joined(separator: ", ")
        let isUntouched = touched.isEmpty ? "true" : "path NOT IN (SELECT * FROM (VALUES \(list)))"
        var kept: [String] = []
        if base.has("add") {
            kept.append(
                "SELECT NULL, \(add), NULL, NULL, NULL FROM (SELECT *, add.path AS path FROM \(base.source)) "
                    + "WHERE path IS NOT NULL AND \(isUntouched)")
        }
        if base.has("remove") {
            kept.append(
                "SELECT NULL, NULL, \(remove), NULL, NULL FROM (SELECT *, remove.path AS path FROM \(base.source)) "
                    + "WHERE path IS NOT NULL AND \(isUntouched) AND "
                    + "coalesce(\(base.field("remove", "deletionTimestamp")), 0) > \(expired)")
        }
        return kept.joined(separator: " UNION ALL ")
    }

    private static let members: [String: [String]] = [
        "add": ["path", "partitionValues", "size", "modificationTime", "dataChange", "stats", "tags"],
        "remove": [
            "path", "deletionTimestamp", "dataChange", "extendedFileMetadata", "partitionValues", "size",
        ],
    ]

    /// Writes a file that only DuckDB reads, and soon.
    private static func write(_ bytes: [UInt8], to path: String) throws(DeltaError) {
        guard let file = fopen(path, "w") else {
            throw DeltaError(.unavailable, "cannot write \(path): \(String(cString: strerror(errno)))")
        }
        let written = fwrite(bytes, 1, bytes.count, file)
        guard fclose(file) == 0, written == bytes.count else {
            throw DeltaError(.full, "cannot write \(path): is there room?")
        }
    }
}
