import ArgumentParser
import DeltaFormat
import Foundation
import Logging
import ObjectStore
import Pipelines
import QueryEngine
import StreamModel

/// `pinline tables import`: rows of a file into a table.
struct TablesImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract:
            "Adds the rows of a Parquet, CSV or JSON-lines file to a Delta table, which is made if need be.",
        discussion: """
            Columns go to the table's columns by name. The whole file is one commit, or as many as --batch-rows makes
            of it. With --txn-app and --txn-version a commit is made once, however often the command is repeated: the
            first commit has that version, each further one the next.

            EXAMPLES
              pinline tables import pin pins.parquet
              pinline tables import pin more.csv --sql "SELECT * REPLACE (ind::INT AS ind) FROM rows"
              pinline tables import geo geo.ndjson --tables s3://my-bucket/tables --partition-by country
            """)

    @Argument(help: ArgumentHelp("The table's name, or a path below the tables' place.", valueName: "table"))
    var table: String
    @Argument(help: ArgumentHelp("The file: .parquet, .csv, .ndjson, .jsonl or .json.", valueName: "file"))
    var file: String
    @Option(
        help: ArgumentHelp(
            "Where the tables lie: a folder, s3://bucket/prefix or a mount (default: tables in the data folder).",
            valueName: "place"))
    var tables: String?
    @Option(help: ArgumentHelp("A SELECT over the file's rows, which it calls rows.", valueName: "select"))
    var sql = "SELECT * FROM rows"
    @Option(help: ArgumentHelp("Columns that a new table is partitioned by.", valueName: "names"))
    var partitionBy: String?
    @Option(help: ArgumentHelp("A property of a new table; may be repeated.", valueName: "name=value"))
    var property: [SettingArgument] = []
    @Option(help: ArgumentHelp("Most rows of one commit (default: all).", valueName: "n"))
    var batchRows: Int?
    @Option(help: ArgumentHelp("Names the writer, for rows that must come once.", valueName: "id"))
    var txnApp: String?
    @Option(help: ArgumentHelp("How far the writer is with the first commit.", valueName: "n"))
    var txnVersion: Int64 = 0
    @Flag(help: "Add columns that the table lacks, and widen those that are too narrow.")
    var evolve = false
    @Flag(help: "Make no checkpoints, and merge no small files.")
    var noUpkeep = false
    @Option(help: "snappy, zstd or uncompressed.")
    var compression = DeltaSettings.Compression.snappy
    @Option(help: ArgumentHelp("The data folder (default: data).", valueName: "dir"))
    var data: String?
    @Option(help: ArgumentHelp("DuckDB's library.", valueName: "file"))
    var libduckdb: String?
    @OptionGroup var store: StoreOptions

    func validate() throws {
        if let batchRows, batchRows < 1 { throw ValidationError("--batch-rows is at least 1") }
    }

    func run() async throws {
        let data = try DataFolderOption.path(data)
        let database = try DuckDBDatabase(
            DuckDBLibrary.load(configured: libduckdb), settings: DuckDBSettings(keepsInsertionOrder: true))
        let engine = try await Self.connect(database)
        let table = try deltaTable(data, try await Self.connect(database))
        try await engine.execute("CREATE TEMP VIEW rows AS SELECT * FROM \(try source())")
        try await engine.execute("CREATE TEMP TABLE selected AS \(sql)")
        let evolution: SchemaEvolution = evolve ? [.addColumns, .widen] : []
        if try await table.snapshot() == nil {
            _ = try await table.create(
                try await DeltaTable.schema(of: "SELECT * FROM selected", on: engine),
                partitionColumns: partitionBy.map { $0.split(separator: ",").map(String.init) } ?? [],
                properties: Dictionary(property.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 }))
        }
        let total = try await engine.execute("SELECT count(*) FROM selected").rows.first?.first
        guard case .integer(let rows)? = total else { return }
        let step = batchRows.map { Int64($0) } ?? max(rows, 1)
        for (number, start) in stride(from: 0, to: rows, by: Int64.Stride(step)).enumerated() {
            let outcome = try await table.append(
                select: "SELECT * FROM selected WHERE rowid >= \(start) AND rowid < \(start &+ step)",
                on: engine, transactions: transaction(number), evolution: evolution)
            tell(outcome)
        }
    }

    private static func connect(_ database: DuckDBDatabase) async throws -> DuckDBConnection {
        let connection = try database.connect()
        try await connection.execute("SET TimeZone = 'UTC'")
        return connection
    }

    private func deltaTable(_ data: String, _ engine: DuckDBConnection) throws -> DeltaTable {
        let (objects, base) = try store.mounts(data: data).store(of: tables ?? data + "/tables")
        var settings = DeltaSettings()
        settings.upkeep = noUpkeep ? .byCaller : .afterCommit
        settings.compression = compression
        var logger = Logger(label: "pinline")
        logger.logLevel = .warning
        let folder = base.isEmpty || base.hasSuffix("/") ? base + table : base + "/" + table
        let local = tables.flatMap { S3Location.begins($0) ? nil : $0 } ?? data
        return DeltaTable(
            store: objects, folder: folder, engine: engine, scratch: local + "/.scratch", settings: settings,
            logger: logger)
    }

    private func source() throws -> String {
        let path = "'" + file.replacing("'", with: "''") + "'"
        switch file.split(separator: ".").last?.lowercased() {
        case "parquet": return "read_parquet(\(path))"
        case "csv": return "read_csv(\(path))"
        case "ndjson", "jsonl", "json": return "read_json(\(path), format = 'newline_delimited')"
        default: throw ValidationError("\(file) is no .parquet, .csv, .ndjson, .jsonl or .json")
        }
    }

    private func transaction(_ number: Int) -> [AppTransaction] {
        guard let txnApp else { return [] }
        return [AppTransaction(appID: txnApp, version: txnVersion &+ Int64(number))]
    }

    private func tell(_ outcome: AppendOutcome) {
        switch outcome {
        case .committed(let version, let files, let rows):
            print("\(table): version \(version), \(rows) rows in \(files) files")
        case .alreadyCommitted: print("\(table): was committed before")
        case .nothingToCommit: print("\(table): no rows")
        }
    }
}

extension DeltaSettings.Compression: ExpressibleByArgument {}
