import ArgumentParser
import Pipelines

/// `pinline tables agree`: whether tables and bucket give the same answers.
struct TablesAgreeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agree",
        abstract: "Answers the pipeline's queries from the tables and from the bucket, and compares.",
        discussion: """
            A server that runs with the data folder first puts all that it has acknowledged into both. Rows are compared
            in whatever order they come. Ends with 1 if something differs, and says what. A server answers the same at
            GET /tables/agree of its web port.
            """)

    @OptionGroup var tables: TableOptions
    @OptionGroup var options: BucketOptions

    func run() async throws {
        let job = try options.job()
        let data = try DataFolderOption.path(options.data, config: options.store.config)
        if !tables.noFlush, options.bucket == nil { try await FreshRows.ask(for: .bucket, of: data) }
        try await tables.flush(data: data)
        let catalog = try tables.catalog(data: data, store: options.store, library: options.libduckdb)
        let fromTables = try await WatchedRun.run { progress in
            try await job.overTables(catalog).run(progress: progress)
        }
        let fromBucket = try await WatchedRun.run { try await job.run(progress: $0) }
        let agreement = TablesAgreement(tables: fromTables, bucket: fromBucket)
        switch options.format {
        case .json: print(agreement.json)
        case .table, .csv: print(agreement.text, terminator: "")
        }
        guard agreement.agrees else { throw ExitCode(1) }
    }
}

extension BatchJob {
    /// The same job over tables in the place of the bucket.
    func overTables(_ catalog: any TableCatalog) -> TablesJob {
        TablesJob(
            pipeline: pipeline, catalog: catalog, mounts: mounts, settings: settings, parameters: parameters)
    }
}
