import QueryEngine

/// Reads classic checkpoints with DuckDB, only the columns that a state needs: statistics stay where they are.
struct CheckpointReader: Sendable {
    let files: TableFiles
    let engine: any SQLEngine

    func read(_ checkpoint: Checkpoint) async throws(DeltaError) -> TableState {
        let names = checkpoint.names.map { TableLog.folderName + "/" + $0 }
        return try await files.with(names) { paths throws(DeltaError) in
            let source = Self.source(paths)
            let columns = try await CheckpointColumns(source, engine)
            var state = TableState(version: checkpoint.version)
            state.base = checkpoint
            try await readSmall(&state, columns)
            try await readFiles(&state, columns)
            return state
        }
    }

    static func source(_ paths: [String]) -> String {
        "read_parquet([\(paths.map(SQLText.literal).joined(separator: ", "))], hive_partitioning = false)"
    }

    private func readFiles(_ state: inout TableState, _ columns: CheckpointColumns) async throws(DeltaError) {
        // Each further column costs as much again; most tables have neither of the last two.
        var fields = ["add.path", columns.field("add", "size"), columns.field("add", "modificationTime")]
        let isPartitioned = !(state.metadata?.partitionColumns.isEmpty ?? true)
        if isPartitioned { fields.append(columns.field("add", "partitionValues")) }
        let mayHaveVectors = columns.has("add", "deletionVector")
        if mayHaveVectors { fields.append("add.deletionVector IS NOT NULL") }
        let rows = try await engine.rows(
            "SELECT \(fields.joined(separator: ", ")) FROM \(columns.source) WHERE add.path IS NOT NULL")
        state.files.reserveCapacity(rows.count)
        for row in rows {
            guard row.count == fields.count, case .text(let path) = row[0] else { continue }
            var file = AddFile(
                path: path, partitionValues: isPartitioned ? row[3].nullableTexts : [:],
                size: row[1].whole ?? 0, modificationTime: row[2].whole ?? 0)
            if mayHaveVectors { file.hasDeletionVector = row.last == .bool(true) }
            state.files[path] = file
        }
    }

    private func readSmall(_ state: inout TableState, _ columns: CheckpointColumns) async throws(DeltaError) {
        let metadata = [
            "id", "name", "description", "format", "schemaString", "partitionColumns", "configuration",
            "createdTime",
        ].map { columns.field("metaData", $0) }
        if columns.has("metaData"),
            let row = try await engine.rows(
                "SELECT \(metadata.joined(separator: ", ")) FROM \(columns.source) "
                    + "WHERE metaData.schemaString IS NOT NULL"
            ).last, row.count == 8
        {
            state.metadata = TableMetadata(
                id: row[0].string ?? "", name: row[1].string, description: row[2].string,
                format: row[3].member("provider")?.string ?? "parquet", schemaJSON: row[4].string ?? "",
                partitionColumns: row[5].strings ?? [],
                configuration: row[6].nullableTexts.compactMapValues { $0 },
                createdTime: row[7].whole)
        }
        let needs = ["minReaderVersion", "minWriterVersion", "readerFeatures", "writerFeatures"].map {
            columns.field("protocol", $0)
        }
        if columns.has("protocol"),
            let row = try await engine.rows(
                "SELECT \(needs.joined(separator: ", ")) FROM \(columns.source) "
                    + "WHERE protocol.minReaderVersion IS NOT NULL"
            ).last, row.count == 4
        {
            state.needs = TableProtocol(
                minReaderVersion: Int(clamping: row[0].whole ?? 0),
                minWriterVersion: Int(clamping: row[1].whole ?? 0),
                readerFeatures: row[2].strings, writerFeatures: row[3].strings)
        }
        guard columns.has("txn") else { return }
        let positions = ["appId", "version", "lastUpdated"].map { columns.field("txn", $0) }
        for row in try await engine.rows(
            "SELECT \(positions.joined(separator: ", ")) FROM \(columns.source) WHERE txn.appId IS NOT NULL")
        {
            guard row.count == 3, let appID = row[0].string, let version = row[1].whole else { continue }
            state.transactions[appID] = TableState.Position(version: version, lastUpdated: row[2].whole)
        }
    }

    /// The files that were removed up to a checkpoint, with when.
    func removed(_ checkpoint: Checkpoint) async throws(DeltaError) -> [(path: String, time: Int64)] {
        let names = checkpoint.names.map { TableLog.folderName + "/" + $0 }
        return try await files.with(names) { paths throws(DeltaError) in
            let columns = try await CheckpointColumns(Self.source(paths), engine)
            guard columns.has("remove") else { return [] }
            let rows = try await engine.rows(
                "SELECT remove.path, \(columns.field("remove", "deletionTimestamp")) FROM \(columns.source) "
                    + "WHERE remove.path IS NOT NULL")
            return rows.compactMap { row in row[0].string.map { ($0, row[1].whole ?? 0) } }
        }
    }
}

/// Which columns and members a checkpoint's files have: writers differ.
struct CheckpointColumns {
    /// SQL for the checkpoint's rows.
    let source: String
    private var members: [String: Set<String>] = [:]

    init(_ source: String, _ engine: any SQLEngine) async throws(DeltaError) {
        self.source = source
        do {
            for column in try await engine.columns(of: "SELECT * FROM \(source)") {
                guard case .structure(let fields) = column.type else { continue }
                members[column.name] = Set(fields.map(\.name))
            }
        } catch {
            throw DeltaError(.corrupted, "a checkpoint cannot be read: \(error.message)", cause: error)
        }
    }

    func has(_ action: String, _ member: String? = nil) -> Bool {
        guard let names = members[action] else { return false }
        return member.map(names.contains) ?? true
    }

    /// SQL for a member, NULL where the file has none.
    func field(_ action: String, _ member: String) -> String {
        has(action, member) ? "\(SQLText.name(action)).\(SQLText.name(member))" : "NULL"
    }
}

extension SQLEngine {
    /// The rows of a statement.
    func rows(_ sql: String) async throws(DeltaError) -> [[SQLValue]] {
        do {
            return try await execute(sql).rows
        } catch {
            throw DeltaError(error)
        }
    }
}

extension DeltaError {
    init(_ error: QueryEngineError) {
        switch error.code {
        case .invalidStatement, .invalidParameter, .invalidValue, .invalidSetting, .tooManyRows:
            self.init(.invalid, error.message, cause: error)
        default: self.init(.unavailable, error.message, cause: error)
        }
    }
}

extension SQLValue {
    var string: String? { if case .text(let text) = self { text } else { nil } }
    var whole: Int64? { if case .integer(let number) = self { number } else { nil } }
    /// The texts of a list.
    var strings: [String]? {
        if case .list(let values) = self { values.compactMap(\.string) } else { nil }
    }

    func member(_ name: String) -> SQLValue? {
        guard case .structure(let fields) = self else { return nil }
        return fields.first { $0.name == name }?.value
    }

    /// The pairs of a map.
    var pairs: [(key: String, value: SQLValue)] {
        guard case .list(let entries) = self else { return [] }
        return entries.compactMap { entry in
            entry.member("key")?.string.map { ($0, entry.member("value") ?? .null) }
        }
    }

    /// A map of texts to texts or NULL; the empty text is NULL.
    var nullableTexts: [String: String?] {
        var texts: [String: String?] = [:]
        for (key, value) in pairs {
            texts.updateValue(value.string.flatMap { $0.isEmpty ? nil : $0 }, forKey: key)
        }
        return texts
    }
}
