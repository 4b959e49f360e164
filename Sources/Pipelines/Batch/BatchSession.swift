import QueryEngine

/// How a run uses the machine.
package struct BatchSettings: Sendable {
    /// DuckDB's library; nil looks for it in the usual places.
    package var library: String?
    /// Threads for reading and for queries; nil takes one for each processor.
    package var threads: Int?
    /// The most memory for tables and queries, for instance `4GB`; nil takes half the machine's, at most 4 GB.
    package var memoryLimit: String?

    package init(library: String? = nil, threads: Int? = nil, memoryLimit: String? = nil) {
        self.library = library
        self.threads = threads
        self.memoryLimit = memoryLimit
    }
}

/// DuckDB, opened for one run, with the reader of raw rows at its side.
///
/// Its spill folder lies below the system's temporary folder and is removed by `close()`.
final class BatchSession: Sendable {
    let connection: DuckDBConnection
    let rawRows: DuckDBTableFunction
    private let spillFolder: String
    /// The table function that reads raw rows.
    private static let functionName = "pinline_raw"
    private static let largestDefaultMemory = 4 << 30

    init(_ settings: BatchSettings) async throws {
        let library = try DuckDBLibrary.load(configured: settings.library)
        spillFolder = try LocalFiles.makeTemporaryFolder()
        do {
            let database = try DuckDBDatabase(
                library,
                settings: DuckDBSettings(
                    threads: settings.threads ?? Machine.processors,
                    memoryLimit: settings.memoryLimit ?? Self.defaultMemoryLimit, temporaryFolder: spillFolder
                ))
            connection = try database.connect()
            rawRows = DuckDBTableFunction(name: Self.functionName)
            try await connection.execute(DuckDBPrelude.statements)
            try await connection.register(rawRows)
        } catch {
            LocalFiles.removeFolder(spillFolder)
            throw error
        }
    }

    func close() {
        LocalFiles.removeFolder(spillFolder)
    }

    /// The SELECT that reads a table's raw rows.
    func rawSelect(_ table: TableDefinition) -> String {
        "SELECT * FROM \(Self.functionName)(\(table.rawName.quotedText))"
    }

    private static var defaultMemoryLimit: String {
        let bytes = min(Machine.memoryBytes / 2, largestDefaultMemory)
        return "\(max(bytes, 256 << 20) >> 20)MiB"
    }
}
