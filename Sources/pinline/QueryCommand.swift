import ArgumentParser
import Pipelines
import ServerAssembly

/// `pinline query`: one question.
struct QueryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "query",
        abstract: "Answers one query of the pipeline, or an SQL statement, over the cleaned tables.",
        discussion: """
            Asks the Delta tables that a server keeps in the data folder, where there are some, with all rows that it has
            acknowledged; --from bucket reads and cleans the raw objects instead, as it does where there are none, with
            --bucket, and for statements that name raw tables (pin_raw).
            A table may be asked as it was: pin AT (VERSION => 3), pin AT (TIMESTAMP => '2026-11-01 12:00:00').

            A query is called by its number, its file's name, or that name without the number. --list shows them.
            --sql takes any SELECT over the tables; values for its :name parameters come from --param.
            Only the columns that the query names are kept while reading. A statement may also read files, by paths of
            this machine, of mounts (/mnt/name/…, dbfs:/mnt/name/…) and of S3 (s3://, s3a://, s3n://).

            EXAMPLES
              pinline query --list
              pinline query 4
              pinline query median-followers-by-age-group --format csv
              pinline query --sql "SELECT category, count(*) AS posts FROM pin GROUP BY category ORDER BY posts DESC"
              pinline query --sql "SELECT count(*) FROM read_json('/mnt/pins/topics/u.pin/partition=0/*.json')"
            """)

    @Argument(help: ArgumentHelp("The query's number or name.", valueName: "query"))
    var name: String?
    @Option(help: ArgumentHelp("A statement instead of a query of the pipeline.", valueName: "select"))
    var sql: String?
    @Flag(help: "List the pipeline's queries and end.")
    var list = false
    @Option(help: "tables or bucket (default: tables, if the data folder has some and no bucket is named).")
    var from: RowSource?
    @OptionGroup var tables: TableOptions
    @OptionGroup var options: BucketOptions

    enum RowSource: String, ExpressibleByArgument, CaseIterable {
        case tables, bucket
    }

    func validate() throws {
        guard from != .tables || options.bucket == nil, from != .bucket || tables.tables == nil else {
            throw ValidationError("--bucket goes with --from bucket, --tables with --from tables")
        }
        let given = [name != nil, sql != nil, list].count { $0 }
        guard given == 1 else { throw ValidationError("give the name of a query, --sql, or --list") }
    }

    func run() async throws {
        let job = try options.job()
        if list {
            for query in job.pipeline.queries { print("\(query.stem)\n    \(query.title)") }
            return
        }
        let (name, sql) = (name, sql)
        let tables = try await overTables(job)
        let report = try await WatchedRun.run { progress in
            if let tables {
                if let sql { return try await tables.run(sql: sql, progress: progress) }
                return try await tables.run(query: name ?? "", progress: progress)
            }
            if let sql { return try await job.run(sql: sql, progress: progress) }
            return try await job.run(query: name ?? "", progress: progress)
        }
        guard let result = report.answers.first?.result else { return }
        switch options.format {
        case .table: print(ResultText.table(result), terminator: "")
        case .json: print(ResultText.json(result), terminator: "")
        case .csv: print(ResultText.csv(result), terminator: "")
        }
    }

    /// The job over tables; nil if the bucket is to be read.
    private func overTables(_ job: BatchJob) async throws -> TablesJob? {
        let data = try DataFolderOption.path(options.data, config: options.store.config)
        // The first rows of all may make the tables.
        if from != .bucket, options.bucket == nil {
            do {
                try await tables.flush(data: data)
            } catch {
                guard try readsTables(job, data) else { return nil }
                throw error
            }
        }
        guard try readsTables(job, data) else { return nil }
        let catalog = try tables.catalog(data: data, store: options.store, library: options.libduckdb)
        return job.overTables(catalog)
    }

    private func readsTables(_ job: BatchJob, _ data: String) throws -> Bool {
        if let from { return from == .tables }
        if tables.tables != nil { return true }
        guard options.bucket == nil, try DeltaCatalog.hasTables(data: data) else { return false }
        let text = try sql ?? job.pipeline.query(named: name ?? "").sql.text
        let names = SQLText(text).names
        return !job.pipeline.definition.tables.contains { names.contains($0.rawName.lowercased()) }
    }
}
