/// A table as one version has it; it does not change.
package struct TableSnapshot: Sendable {
    package let version: TableVersion
    /// When the version was committed, in milliseconds since 1970.
    package let timestamp: Int64
    package let schema: DeltaSchema
    package let metadata: TableMetadata
    package let needs: TableProtocol
    /// The folder that holds the table's files; nil if they lie on another machine.
    package let localFolder: String?
    let state: TableState

    /// - Throws: `.unsupportedFeature` if reading the table needs something that is not known here.
    init(_ state: TableState, timestamp: Int64, localFolder: String?) throws(DeltaError) {
        guard let metadata = state.metadata, let needs = state.needs else {
            throw DeltaError(
                .corrupted, "the log has no metaData or no protocol up to version \(state.version)")
        }
        try needs.checkReading(metadata)
        if let path = state.outsidePath {
            throw DeltaError(
                .unsupportedFeature,
                "the table has a file outside of its folder (\(path)), as clones have: that is not known here"
            )
        }
        self.state = state
        self.metadata = metadata
        self.needs = needs
        self.timestamp = timestamp
        self.localFolder = localFolder
        version = state.version
        schema = try DeltaSchema(json: metadata.schemaJSON)
    }

    package var partitionColumns: [String] { metadata.partitionColumns }
    package var properties: [String: String] { metadata.configuration }
    package var fileCount: Int { state.files.count }
    /// Bytes of all files.
    package var bytes: Int64 { state.files.values.reduce(0) { $0 &+ $1.size } }

    /// The table's files, oldest first.
    package var files: [AddFile] {
        state.files.values.sorted {
            ($0.modificationTime, $0.path) < ($1.modificationTime, $1.path)
        }
    }

    /// How far each writer is.
    package var transactions: [String: Int64] { state.transactions.mapValues(\.version) }

    /// How far a writer is; nil if it never said.
    package func transactionVersion(_ appID: String) -> Int64? { state.transactions[appID]?.version }

    /// SQL for DuckDB that gives the table's rows, where the files lie on this machine.
    ///
    /// Moments come as TIMESTAMP in UTC; the connection's time zone must be UTC.
    package func select() -> String {
        select { [localFolder] file in
            (localFolder.map { $0 + "/" } ?? "") + file.name
        }
    }
}
